"""A lean HTTP/1.1 client for one candidate: one kept connection, requests as bytes, answers by length.

It understands what the exam server sends (a status, Content-Length, a body) and nothing else, so that thousands
of simulated candidates fit beside the server on a small machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status and body."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)


class NoReply(Exception):  # noqa: N818 - it is what happened
    """The connection failed or nothing came back in time: the outcome is unknown."""


class Protocol(asyncio.Protocol):
    """One request at a time; ``waiting`` is resolved with the :class:`Reply`."""

    __slots__ = ("_buffer", "_need", "_split", "_status", "closed", "transport", "waiting")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = self._split = self._status = 0
        self.closed = False
        self.transport: Any = None
        self.waiting: asyncio.Future[Reply] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits learns that no answer will come."""
        self.closed = True
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(NoReply(str(exc or "connection closed")))

    def data_received(self, data: bytes) -> None:
        """Collect until the body is complete."""
        self._buffer += data
        if not self._need:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            self._status = int(head[9:12])
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._split, self._need = end + 4, end + 4 + length
        if len(self._buffer) >= self._need:
            body = bytes(self._buffer[self._split : self._need])
            del self._buffer[: self._need]
            self._need = 0
            if self.waiting is not None and not self.waiting.done():
                self.waiting.set_result(Reply(self._status, body))


class Client:
    """A candidate's connection to ``base_url`` (``http://host:port``, prefix added here)."""

    PREFIX = "/exam/v1"

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.token = ""
        self._protocol: Protocol | None = None

    async def _connected(self) -> Protocol:
        if self._protocol is None or self._protocol.closed:
            loop = asyncio.get_running_loop()
            try:
                _, self._protocol = await loop.create_connection(Protocol, self.host, self.port)
            except OSError as error:
                raise NoReply(str(error)) from error
        return self._protocol

    def request_bytes(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The whole request."""
        token = f"authorization: Bearer {self.token}\r\n" if self.token else ""
        head = (
            f"{method} {self.PREFIX}{path} HTTP/1.1\r\nhost: {self.host}\r\n{token}content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def send(self, request: bytes) -> Reply:
        """Send prepared bytes and wait for the answer. Raises :class:`NoReply`."""
        protocol = await self._connected()
        protocol.waiting = asyncio.get_running_loop().create_future()
        protocol.transport.write(request)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await protocol.waiting
        except TimeoutError:
            self.close()
            raise NoReply("timed out") from None
        finally:
            protocol.waiting = None

    async def call(self, method: str, path: str, given: Mapping[str, Any] | bytes = b"") -> Reply:
        """One request with a JSON or raw body."""
        body = given if isinstance(given, bytes) else msgspec.json.encode(given)
        return await self.send(self.request_bytes(method, path, body))

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._protocol is not None and self._protocol.transport is not None:
            self._protocol.transport.abort()
        self._protocol = None
