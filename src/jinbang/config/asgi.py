"""The process's front door: exam time goes to the delivery engine, everything else to Django.

The engine is a small ASGI app of its own: no session, no middleware, no template. It is mounted before Django
so that a candidate's save never waits for an office page.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")
# WhiteNoise answers with ordinary iterators; our static files are small, so reading them whole costs nothing.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)

from django.core.asgi import get_asgi_application  # noqa: E402 - the settings must be named first

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ENGINE_PREFIX = "/exam/v1/"
# What a room server shows: exam time and the page that its clients load, nothing of the office.
ROOM_PATHS = (ENGINE_PREFIX, "/sit/", "/static/", "/health/")
_room_only = os.environ.get("JINBANG_ROLE") == "room"
_office: App = get_asgi_application()


def _engine() -> App | None:
    """The delivery engine, where the installation has one."""
    if importlib.util.find_spec("jinbang.delivery.engine.app") is None:
        return None
    from jinbang.delivery.engine.app import application as engine

    return cast(App, engine)


_exam_time = _engine()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path; lifespan events are the engine's, since Django has none."""
    if _exam_time is not None and (scope["type"] == "lifespan" or scope.get("path", "").startswith(ENGINE_PREFIX)):
        await _exam_time(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _quiet_lifespan(receive, send)
    elif _room_only and not scope.get("path", "").startswith(ROOM_PATHS):
        await _not_here(send)
    else:
        await _office(scope, receive, send)


async def _quiet_lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _not_here(send: Send) -> None:
    """404 for the office's addresses on a room server."""
    text = "这台服务器只用于考试：请访问 /sit/ 。This server is for exams only: open /sit/ .\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": text})
