"""``application``: the protocol of ``docs/exam-protocol.md`` as an ASGI app, with or without its prefix.

No framework, no Django request, no session, no middleware. The first request (or the lifespan event)
opens the store; the tasks it starts end with the process. Django must be set up before this is imported
(``config.asgi`` does, and ``engine.serve`` for a server of its own).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from jinbang.delivery.engine import messages
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.service import Service, from_settings
from jinbang.delivery.engine.store import StorageBusy, StorageUnavailable

log = logging.getLogger(__name__)

PREFIX = "/exam/v1"
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode
_sign_in = msgspec.json.Decoder(messages.SignIn).decode
_beat = msgspec.json.Decoder(messages.Beat).decode
_steps = msgspec.json.Decoder(messages.SaveSteps).decode
_events = msgspec.json.Decoder(messages.Events).decode
_hand_in = msgspec.json.Decoder(messages.HandIn).decode
_begin_upload = msgspec.json.Decoder(messages.BeginUpload).decode
_JSON = (b"content-type", b"application/json")
_BYTES = (b"content-type", b"application/octet-stream")
_NO_STORE = (b"cache-control", b"no-store")


class Raw:
    """An answer of bytes with headers of its own."""

    __slots__ = ("body", "headers")

    def __init__(self, body: bytes, headers: Headers) -> None:
        self.body, self.headers = body, headers


Handler = Callable[["Service", Mapping[str, Any], bytes], Awaitable[Any]]


async def _time(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return {"now": service.now_ms(), "protocol": 1}


async def _rescue_key(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return service.desk.rescue_key


async def _post_sign_in(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return await service.desk.sign_in(_sign_in(body))


async def _get_paper(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    paper = await service.store.paper(seat.row.id)
    if paper is None:
        raise Refused("not_found")
    return Raw(paper, [_BYTES, (b"x-paper-sha256", seat.row.paper_sha256.encode())])


async def _get_material(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    await service.roster.seat_of(_token(scope))
    digest = scope["path"].rpartition("/")[2]
    return Raw(await service.material(digest), [_BYTES])


async def _post_beat(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    return service.desk.beat(seat, _beat(body))


async def _post_start(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return await service.desk.start(await service.roster.seat_of(_token(scope)))


async def _post_steps(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    return await service.desk.save(seat, _steps(body))


async def _get_steps(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    return await service.desk.steps(seat, _number(scope, "after"))


async def _post_events(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    return await service.desk.events(seat, _events(body))


async def _post_hand_in(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    return await service.desk.hand_in(seat, _hand_in(body))


async def _post_uploads(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    return await service.uploads.begin(seat, _begin_upload(body))


async def _get_uploads(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return await service.uploads.listed(await service.roster.seat_of(_token(scope)))


async def _put_upload(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    seat = await service.roster.seat_of(_token(scope))
    number = scope["path"].rpartition("/")[2]
    if not number.isdigit():
        raise Refused("not_found")
    return await service.uploads.append(seat, int(number), _number(scope, "offset"), body)


async def _get_snapshots(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return await service.workspace.state(await service.roster.seat_of(_token(scope)))


async def _get_workspace(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return await service.workspace.pair(_token(scope))


async def _post_workspace(service: Service, scope: Mapping[str, Any], body: bytes) -> Any:
    return await service.workspace.take_in(_token(scope), body)


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/time"): _time,
    ("GET", "/rescue-key"): _rescue_key,
    ("POST", "/sign-in"): _post_sign_in,
    ("GET", "/paper"): _get_paper,
    ("POST", "/beat"): _post_beat,
    ("POST", "/start"): _post_start,
    ("POST", "/steps"): _post_steps,
    ("GET", "/steps"): _get_steps,
    ("POST", "/events"): _post_events,
    ("POST", "/hand-in"): _post_hand_in,
    ("POST", "/uploads"): _post_uploads,
    ("GET", "/uploads"): _get_uploads,
    ("GET", "/snapshots"): _get_snapshots,
    ("GET", "/workspace"): _get_workspace,
    ("POST", "/workspace"): _post_workspace,
}
_BELOW: dict[tuple[str, str], Handler] = {("PUT", "/uploads"): _put_upload, ("GET", "/material"): _get_material}


def _route(method: str, path: str) -> Handler:
    found = ROUTES.get((method, path)) or _BELOW.get((method, path.rpartition("/")[0]))
    if found is None:
        raise Refused("not_found")
    return found


def _token(scope: Mapping[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization" and value.startswith(b"Bearer "):
            token: str = value[7:].decode("latin-1")
            return token
    raise Refused("token_unknown")


def _number(scope: Mapping[str, Any], name: str) -> int:
    value = parse_qs(scope["query_string"].decode("latin-1")).get(name, ["0"])[0]
    if not (value.isdigit() and len(value) < 16):
        raise Refused("bad_request")
    return int(value)


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused("bad_request")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > messages.MAX_BODY:
            raise Refused("too_large")
    return b"".join(parts)


class Application:
    """The ASGI app over a :class:`Service` that ``make`` builds inside the running loop."""

    def __init__(self, make: Callable[[], Service]) -> None:
        self._make = make
        self._service: Service | None = None
        self._opening: asyncio.Task[Service] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        try:
            body = await _body(receive)
            service = self._service or await self._opened()
            path = scope["path"]
            handler = _route(scope["method"], path.removeprefix(PREFIX))
            answer = await handler(service, scope, body)
        except Refused as refusal:
            await _refuse(send, refusal)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            await _refuse(send, Refused("bad_request", detail=str(error)))
        except (StorageUnavailable, StorageBusy) as error:
            log.error("cannot read: %s", error)
            await _refuse(send, Refused("storage_unavailable", retry_after_ms=1000))
        else:
            if isinstance(answer, Raw):
                await _send(send, 200, answer.body, answer.headers)
            else:
                await _send(send, 200, _encode(answer), [_JSON, _NO_STORE])

    async def _opened(self) -> Service:
        """The service, opened once, whichever request comes first."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())
        try:
            self._service = await asyncio.shield(self._opening)
        except StorageUnavailable:
            self._opening = None
            raise
        return self._service

    async def _open(self) -> Service:
        service = self._make()
        await service.open()
        return service

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._opened()
                except StorageUnavailable as error:
                    log.error("starting without the database: %s", error)
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def close(self) -> None:
        """Write what is queued and disconnect."""
        if self._service is not None:
            await self._service.close()
        self._service = self._opening = None


async def _refuse(send: Send, refusal: Refused) -> None:
    headers = [_JSON, _NO_STORE]
    if refusal.status == 503:
        seconds = -(-int(refusal.more.get("retry_after_ms", 1000)) // 1000)
        headers.append((b"retry-after", b"%d" % seconds))
    await _send(send, refusal.status, refusal.body(), headers)


async def _send(send: Send, status: int, body: bytes, headers: Headers) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", b"%d" % len(body))],
        }
    )
    await send({"type": "http.response.body", "body": body})


application = Application(from_settings)
