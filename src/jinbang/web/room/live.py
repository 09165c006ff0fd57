"""The board, live: one reader a room, however many consoles watch it, and server-sent events to each of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connections
from django.http import HttpResponse, StreamingHttpResponse

from jinbang.accounts.permissions import scoped_get
from jinbang.config import clock
from jinbang.delivery.permissions import rooms_in_sight
from jinbang.web.room.board_json import BoardReader, board_json
from jinbang.web.shell.requests import OfficeRequest

log = logging.getLogger(__name__)

EVERY_S = 1.0
QUIET_S = 15.0


def _read(reader: BoardReader) -> str:
    try:
        return reader.read(clock.now())
    finally:
        connections.close_all()  # this thread is the pool's, not a request's


class Watch:
    """One room being watched: reads once a second while anyone listens."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
        self.reader = BoardReader(pk)
        self.listeners: set[asyncio.Queue[str]] = set()
        self.newest = ""
        self.task: asyncio.Task[None] | None = None

    def join(self) -> asyncio.Queue[str]:
        """A queue that gets the newest board; at most one waits in it, so a slow watcher never lags behind."""
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
        self.listeners.add(queue)
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._run())
        elif self.newest:
            queue.put_nowait(self.newest)
        return queue

    def leave(self, queue: asyncio.Queue[str]) -> None:
        """Stop listening; the last one out ends the reading."""
        self.listeners.discard(queue)
        if not self.listeners and self.task is not None:
            self.task.cancel()
            self.task = None

    async def _run(self) -> None:
        while True:
            try:
                self.newest = await sync_to_async(_read, thread_sensitive=False)(self.reader)
            except DatabaseError as error:
                log.warning("room board %s waits for the database: %s", self.pk, error)
            else:
                self._tell()
            await asyncio.sleep(EVERY_S)

    def _tell(self) -> None:
        for queue in self.listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(self.newest)


_watches: dict[int, Watch] = {}


async def _stream(pk: int) -> AsyncIterator[bytes]:
    watch = _watches.setdefault(pk, Watch(pk))
    queue = watch.join()
    try:
        yield b"retry: 2000\n\n"
        while True:
            try:
                board = await asyncio.wait_for(queue.get(), QUIET_S)
            except TimeoutError:
                yield b": still here\n\n"
            else:
                yield f"data: {board}\n\n".encode()
    finally:
        watch.leave(queue)
        if not watch.listeners and _watches.get(pk) is watch:
            del _watches[pk]


@login_required
def events(request: OfficeRequest, pk: int) -> HttpResponse:
    """The board of a room as server-sent events. A foreign room: 404."""
    session = scoped_get(rooms_in_sight(request.access), pk)
    response = StreamingHttpResponse(_stream(session.pk), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@login_required
def snapshot(request: OfficeRequest, pk: int) -> HttpResponse:
    """The board once, for a console whose stream is broken."""
    session = scoped_get(rooms_in_sight(request.access), pk)
    return HttpResponse(board_json(session.pk, clock.now()), content_type="application/json")
