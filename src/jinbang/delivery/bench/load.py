"""The load: a process of its own that plays thousands of candidates over raw connections.

It reads one JSON command a line, runs that phase, prints ``{"mark": "begin"}`` and ``{"mark": "end", …}``
around the steady part, and keeps tokens and sequence numbers between phases. Callbacks instead of coroutines:
it shares the machine with what it measures.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import uvloop

from jinbang.delivery.domain.canonical import digest
from jinbang.delivery.drill.candidate import open_paper
from jinbang.delivery.drill.http import Client, Protocol, Reply

ITEMS = [f"e{n}" for n in range(1, 41)]
VALUES = ("A", "B", "C", "D")
WARM_S = 2.0


class Player:
    """One candidate of the load."""

    __slots__ = (
        "acked", "answers", "attempt", "client", "id_number", "link", "offset", "paper", "sent_at", "seq", "ticket",
        "token",
    )  # fmt: skip

    def __init__(self, base_url: str, ticket: str, id_number: str, attempt: int) -> None:
        self.client = Client(base_url)
        self.ticket, self.id_number, self.attempt = ticket, id_number, attempt
        self.token = ""
        self.seq = self.acked = 0
        self.offset = 0
        self.answers: dict[str, str] = {}
        self.paper = b""
        self.sent_at = 0.0
        self.link: Link | None = None

    def sign_in_request(self) -> bytes:
        """The full sign-in."""
        self.client.token = ""
        given = {"ticket": self.ticket, "id_number": self.id_number, "device_key": f"bench-device-{self.attempt:08d}"}
        return self.client.request_bytes("POST", "/sign-in", json.dumps(given).encode())

    def signed_in(self, reply: Reply) -> None:
        """Take over the session."""
        answer = reply.json()
        self.client.token = answer["token"]
        self.seq = answer["seq_base"]
        self.offset = answer["now"] - int(time.monotonic() * 1000)

    def save_request(self) -> bytes:
        """One changed answer."""
        self.seq += 1
        item = ITEMS[self.seq % 40]
        value = VALUES[(self.seq * 7 + self.attempt) % 4]
        self.answers[item] = value
        now = int(time.monotonic() * 1000) + self.offset
        body = b'{"steps":[[%d,"%s","%s",%d]],"unsynced":1}' % (self.seq, item.encode(), value.encode(), now)
        return self.client.request_bytes("POST", "/steps", body)

    def fill_request(self) -> bytes:
        """An answer to every item, in one request."""
        now = int(time.monotonic() * 1000) + self.offset
        steps = []
        for item in ITEMS:
            self.seq += 1
            self.answers[item] = VALUES[(self.seq + self.attempt) % 4]
            steps.append([self.seq, item, self.answers[item], now])
        return self.client.request_bytes("POST", "/steps", json.dumps({"steps": steps}).encode())

    def hand_in_request(self) -> bytes:
        """Hand in."""
        found = digest(self.answers)
        given = {"count": found.count, "sha256": found.sha256}
        return self.client.request_bytes("POST", "/hand-in", json.dumps(given).encode())

    def start_request(self) -> bytes:
        """Ask for the key."""
        return self.client.request_bytes("POST", "/start", b"{}")

    def paper_request(self) -> bytes:
        """Ask for the sealed paper."""
        return self.client.request_bytes("GET", "/paper")


class Link(Protocol):
    """A connection whose answers go to a callback."""

    __slots__ = ("on_reply", "retry")

    def __init__(self) -> None:
        super().__init__()
        self.on_reply: Callable[[Reply], None] | None = None
        self.retry: Callable[[], None] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """A request that met a closing connection is sent again, as every client of the protocol does."""
        self.closed = True
        if self.retry is not None:
            retry, self.retry = self.retry, None
            retry()

    def data_received(self, data: bytes) -> None:
        """The common case, one whole answer in one piece, without copying it about."""
        split = data.find(b"\r\n\r\n") if not self._buffer else -1
        if split > 0 and self.on_reply is not None:
            at = data.find(b"content-length: ")
            length = int(data[at + 16 : data.find(b"\r", at)]) if at >= 0 else 0
            if len(data) == split + 4 + length:
                self.on_reply(Reply(int(data[9:12]), data[split + 4 :]))
                return
        self.waiting = _Callback(self.on_reply)  # type: ignore[assignment]
        super().data_received(data)


class _Callback:
    """Looks like a future to :class:`Protocol`."""

    def __init__(self, call: Callable[[Reply], None] | None) -> None:
        self._call = call

    def done(self) -> bool:
        return self._call is None

    def set_result(self, reply: Reply) -> None:
        assert self._call is not None
        self._call(reply)

    def set_exception(self, error: Exception) -> None:
        """A dropped connection shows as a missing acknowledgement in the figures."""


async def connect(players: list[Player]) -> None:
    """A kept connection for each."""
    loop = asyncio.get_running_loop()
    for player in players:
        if player.link is None or player.link.closed:
            _, player.link = await loop.create_connection(Link, player.client.host, player.client.port)


def say(**fields: Any) -> None:
    """One line to the conductor."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


class Tally:
    """Acknowledged operations, refusals and waits of one phase."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.refused = 0
        self.codes: dict[str, int] = {}

    def take(self, player: Player, reply: Reply) -> bool:
        """Count a reply; True if it is an acknowledgement."""
        if reply.status == 200:
            self.waits.append(time.perf_counter() - player.sent_at)
            return True
        self.refused += 1
        code = reply.json().get("code", "?")
        self.codes[code] = self.codes.get(code, 0) + 1
        return False

    def figures(self, seconds: float) -> dict[str, Any]:
        """Throughput and percentiles in milliseconds."""
        waits = sorted(self.waits)

        def at(share: float) -> float:
            return round(waits[min(len(waits) - 1, int(len(waits) * share))] * 1000, 2) if waits else 0.0

        return {
            "operations": len(waits), "seconds": round(seconds, 3), "per_s": round(len(waits) / seconds, 1),
            "p50_ms": at(0.50), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": at(1.0),
            "refused": self.refused, "codes": self.codes,
        }  # fmt: skip


Request = Callable[[Player], bytes]
Taken = Callable[[Player, Reply], None]


_reconnecting: set[asyncio.Task[None]] = set()


def _fire(player: Player, request: bytes, on_reply: Callable[[Reply], None]) -> None:
    link = player.link
    if link is None or link.closed or link.transport.is_closing():  # idle for longer than the server keeps it
        task = asyncio.get_running_loop().create_task(_fire_anew(player, request, on_reply))
        _reconnecting.add(task)
        task.add_done_callback(_reconnecting.discard)
        return
    _write(link, player, request, on_reply)


def _write(link: Link, player: Player, request: bytes, on_reply: Callable[[Reply], None]) -> None:
    def heard(reply: Reply) -> None:
        link.retry = None
        on_reply(reply)

    link.on_reply, link.retry = heard, lambda: _fire(player, request, on_reply)
    link.transport.write(request)


async def _fire_anew(player: Player, request: bytes, on_reply: Callable[[Reply], None]) -> None:
    player.link = None
    await connect([player])
    assert player.link is not None
    _write(player.link, player, request, on_reply)


async def closed_loop(
    players: list[Player], make: Request, taken: Taken, seconds: float, *, rotate: Any = None
) -> Tally:
    """Each connection sends its next request when the last is answered. Marks begin after the warm-up."""
    await connect(players)
    tally = Tally()
    running = True

    def turn(link_owner: Player, player: Player) -> None:
        def on_reply(reply: Reply) -> None:
            if tally.take(player, reply):
                taken(player, reply)
            if running:
                turn(link_owner, next(rotate) if rotate is not None else player)

        player.link = link_owner.link if rotate is not None else player.link
        player.sent_at = time.perf_counter()
        _fire(player, make(player), on_reply)

    for player in players:
        turn(player, next(rotate) if rotate is not None else player)
    await asyncio.sleep(WARM_S)
    tally.waits.clear()
    say(mark="begin")
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - began
    say(mark="end", **tally.figures(elapsed))
    running = False
    await asyncio.sleep(1.0)
    return tally


async def paced(players: list[Player], make: Request, taken: Taken, seconds: float, *, repeat_s: float = 0) -> Tally:
    """Each player once, spread evenly over ``seconds``; with ``repeat_s`` again and again at that interval.

    A wait counts from the instant at which the request was due, so that one late answer hides no other.
    """
    await connect(players)
    tally = Tally()
    loop = asyncio.get_running_loop()
    began, clock = loop.time(), time.perf_counter()
    since = clock - began
    left = len(players)
    settled = asyncio.Event()

    def send(player: Player, due: float) -> None:
        def on_reply(reply: Reply) -> None:
            nonlocal left
            if tally.take(player, reply):
                taken(player, reply)
            if repeat_s and due + repeat_s < began + seconds:
                loop.call_at(due + repeat_s, send, player, due + repeat_s)
                return
            left -= 1
            if left == 0:
                settled.set()

        player.sent_at = min(due + since, time.perf_counter())  # the loop's timers may be a millisecond early
        _fire(player, make(player), on_reply)

    spread = repeat_s or seconds
    say(mark="begin")
    for index, player in enumerate(players):
        due = began + spread * index / len(players)
        loop.call_at(due, send, player, due)
    async with asyncio.timeout(seconds + 60):
        await settled.wait()
    say(mark="end", **tally.figures(time.perf_counter() - clock))
    return tally


def _nothing(player: Player, reply: Reply) -> None:
    """Nothing to remember."""


def _acked(player: Player, reply: Reply) -> None:
    player.acked += 1


def _signed_in(player: Player, reply: Reply) -> None:
    player.signed_in(reply)


def _paper(player: Player, reply: Reply) -> None:
    player.paper = reply.body


def _filled(player: Player, reply: Reply) -> None:
    player.acked += len(ITEMS)


async def burst(players: list[Player]) -> None:
    """All start within the same second; each has the first item once its paper is open."""
    shown: list[float] = []

    def opened(player: Player, reply: Reply) -> None:
        key = base64.b64decode(reply.json()["key"])
        paper = open_paper(player.paper, key, player.attempt)
        assert paper["items"][paper["sections"][0]["items"][0]]["stem"]
        shown.append(time.perf_counter() - began)

    began = time.perf_counter()
    await paced(players, Player.start_request, opened, 0.9)
    say(mark="shown", opened=len(shown), last_s=round(max(shown, default=0.0), 3))


async def phase(players: list[Player], command: dict[str, Any]) -> None:
    """One command of the conductor."""
    chosen = players[command.get("first", 0) : command.get("last", len(players))]
    seconds = float(command.get("seconds", 20))
    match command["phase"]:
        case "enrol":
            await paced(chosen, Player.sign_in_request, _signed_in, seconds)
            await paced(chosen, Player.paper_request, _paper, seconds)
        case "sign_in":
            rotate: Iterator[Player] = cycle(chosen)
            await closed_loop(chosen[:32], Player.sign_in_request, _nothing, seconds, rotate=rotate)
            for player in chosen:
                player.link = None
        case "burst":
            await burst(chosen)
        case "start":
            await paced(chosen, Player.start_request, _nothing, seconds)
        case "save":
            await closed_loop(chosen, Player.save_request, _acked, seconds)
        case "write":
            await paced(chosen, Player.save_request, _acked, seconds, repeat_s=10.0)
        case "fill":
            await paced(chosen, Player.fill_request, _filled, seconds)
        case "hand_in":
            await paced(chosen, Player.hand_in_request, _nothing, seconds)
        case "tell":
            say(mark="acked", acked={player.attempt: player.acked for player in players if player.acked})


async def conduct() -> None:
    """Read commands until the input ends. The first one names server and tickets."""
    loop = asyncio.get_running_loop()
    first = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    players = [Player(first["base_url"], *ticket) for ticket in first["tickets"]]
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await phase(players, json.loads(line))


if __name__ == "__main__":
    uvloop.run(conduct())
