"""A TCP proxy between candidates and server that can misbehave as networks do.

Faults are set per *line* (a room or a seat has its own listening port): cut, lossy (a chunk is dropped by
dropping the connection, as a lost packet that is never made up for), slow, and requests sent twice or held back.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass

CHUNK = 64 * 1024


@dataclass
class Weather:
    """How a line behaves now. Shares are probabilities a chunk; ``delay_s`` is the mean wait of a slow line."""

    cut: bool = False
    drop: float = 0.0
    delay_s: float = 0.0
    twice: float = 0.0
    hold: float = 0.0


class Line:
    """One listening port in front of the server at ``host:port``."""

    def __init__(self, host: str, port: int, rng: random.Random) -> None:
        self.target = (host, port)
        self.weather = Weather()
        self.port = 0
        self._rng = rng
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """For the candidates on this line."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop everything."""
        if self._server is not None:
            self._server.close()
        self.sever()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def sever(self) -> None:
        """Break every connection that is open now."""
        for writer in list(self._open):
            writer.transport.abort()

    def set(self, weather: Weather) -> None:
        """Change the weather; a cut breaks what is open."""
        self.weather = weather
        if weather.cut:
            self.sever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            if not self.weather.cut:
                with contextlib.suppress(asyncio.CancelledError):  # only `close` cancels, and it is over then
                    await self._join(reader, writer)
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there = await asyncio.open_connection(*self.target)
        except OSError:
            return
        self._open.add(there)
        try:
            pumps = [
                asyncio.create_task(self._pump(reader, there, upward=True)),
                asyncio.create_task(self._pump(there_reader, writer, upward=False)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self._open.discard(there)
            there.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, upward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(CHUNK):
                now = self.weather
                if now.cut or self._rng.random() < now.drop:
                    return
                if now.delay_s:
                    await asyncio.sleep(self._rng.expovariate(1 / now.delay_s))
                if upward and data.startswith(b"POST") and self._rng.random() < now.twice:
                    self._send_apart(data, 0.0)
                if upward and data.startswith(b"POST") and self._rng.random() < now.hold:
                    self._send_apart(data, self._rng.uniform(0.5, 3.0))
                    return  # the client hears nothing, sends again, and this one arrives late and out of order
                sink.write(data)
                await sink.drain()

    def _send_apart(self, data: bytes, after_s: float) -> None:
        """Send a copy of a request over a connection of its own; nobody reads the answer."""
        task = asyncio.create_task(self._copy(data, after_s))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _copy(self, data: bytes, after_s: float) -> None:
        await asyncio.sleep(after_s)
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection(*self.target)
            try:
                writer.write(data)
                async with asyncio.timeout(5):
                    await reader.read(CHUNK)
            finally:
                writer.transport.abort()
