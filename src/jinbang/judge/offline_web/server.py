"""Program: answers for the sites of a task on ports 80 and 443 of the sandbox's own network; started by web.py.

    python server.py BOOK_FOLDER LOG_FILE [HTTP_PORT HTTPS_PORT]

HTTP/1.1 with keep-alive, from `book.json`, `bodies/` and `server.pem` in the folder. Every request is a line of
JSON in the log before its answer goes out, so nothing the program saw is missing from it. Standard library only,
and nothing of jinbang: it starts in 0.1 s with `python -I -S`.
"""

import asyncio
import fnmatch
import json
import os
import signal
import ssl
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote

HEAD_MAX = 32 << 10
BODY_MAX = 1 << 20
HITS_MAX = 50_000
LOG_MAX = 64 << 20
FIELD_MAX = 4 << 10  # characters of each field in the log
IDLE_S = 30.0
Headers = dict[str, str]


class Answer:
    """What goes back: `cut` breaks the connection half-way."""

    def __init__(self, status: int, headers: list[list[str]], body: bytes, *, delay_ms: int = 0, cut: bool = False):
        self.status, self.headers, self.body, self.delay_ms, self.cut = status, headers, body, delay_ms, cut


def plain(status: int, text: str = "") -> Answer:
    """A short text answer."""
    body = (text or HTTPStatus(status).phrase).encode()
    return Answer(status, [["Content-Type", "text/plain; charset=utf-8"]], body)


class Sites:
    """The book, and how often each failing page has failed so far."""

    def __init__(self, folder: Path) -> None:
        self._routes: dict[str, list[dict[str, Any]]] = json.loads((folder / "book.json").read_bytes())
        self._bodies = folder / "bodies"
        self._failed: dict[int, int] = {}

    def answer(self, host: str, method: str, path: str, query: str, headers: Headers, body: bytes) -> Answer:
        """The first route that matches answers; unknown hosts 421, unknown pages 404, other methods 405."""
        routes = self._routes.get(host)
        if routes is None:
            return plain(421, "no such site here")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        found = [route for route in routes if _matches(route, unquote(path), asked)]
        for route in found:
            if route["method"] == ("GET" if method == "HEAD" else method):
                return self._from(route, headers, body)
        return plain(405) if found else plain(404)

    def _from(self, route: dict[str, Any], headers: Headers, body: bytes) -> Answer:
        needs, login = route.get("needs"), route.get("login")
        if needs and needs[1] not in headers.get(needs[0], ""):
            return plain(403)
        if login and f"{login[0]}={login[1]}" not in headers.get("cookie", "").replace(" ", "").split(";"):
            return Answer(302, [["Location", login[2]]], b"")
        delay = route.get("delay_ms", 0)
        if self._failed.get(id(route), 0) < route.get("fail", 0):
            self._failed[id(route)] = self._failed.get(id(route), 0) + 1
            failure = plain(route["fail_status"])
            failure.delay_ms = delay
            return failure
        if "form" in route:
            return _signed_in(route, body)
        data = (self._bodies / route["body"]).read_bytes()
        return Answer(route["status"], route["headers"], data, delay_ms=delay, cut=route.get("cut", False))


def _matches(route: dict[str, Any], path: str, asked: dict[str, str]) -> bool:
    wanted = unquote(route["path"])
    if not (wanted == path or ("*" in wanted and not route.get("exact") and fnmatch.fnmatchcase(path, wanted))):
        return False
    if route.get("lacks") in asked:
        return False
    if any(asked.get(name) != value for name, value in route.get("contains", {}).items()):
        return False
    return route["query"] is None or route["query"] == asked


def _signed_in(route: dict[str, Any], body: bytes) -> Answer:
    given = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if any(given.get(name) != value for name, value in route["form"].items()):
        return plain(403)
    name, ticket = route["cookie"]
    return Answer(302, [["Location", route["then"]], ["Set-Cookie", f"{name}={ticket}; Path=/; HttpOnly"]], b"")


class Server:
    """Reads requests, logs them, writes answers."""

    def __init__(self, sites: Sites, log: BinaryIO) -> None:
        self._sites, self._log = sites, log
        self._count, self._logged, self._first = 0, 0, 0.0

    async def serve(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it is idle, closed or broken."""
        with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, ssl.SSLError):
            while await self._one(scheme, reader, writer):
                pass
        writer.close()

    async def _one(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_S)
        except asyncio.LimitOverrunError:
            await self._send(writer, plain(431), "GET", keep=False)
            return False
        line, *rest = head.decode("latin-1").split("\r\n")
        words = line.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (text.partition(":") for text in rest)}
        length = headers.get("content-length", "0")
        if len(words) != 3 or "transfer-encoding" in headers or not length.isdigit() or int(length) > BODY_MAX:
            await self._send(writer, plain(400), "GET", keep=False)
            return False
        body = await reader.readexactly(int(length))
        method, target, version = words
        answer = self._answer(scheme, method, target, headers, body)
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close" and not answer.cut
        await self._send(writer, answer, method, keep=keep)
        return keep

    def _answer(self, scheme: str, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        if target.startswith(("http://", "https://")):
            target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
        path, _, query = target.partition("?")
        host = headers.get("host", "").rpartition("@")[2].split(":")[0].lower()
        if self._count >= HITS_MAX or self._logged >= LOG_MAX:
            return plain(429)
        answer = self._sites.answer(host, method, path, query, headers, body)
        now = time.monotonic()
        self._first = self._first or now
        self._count += 1
        hit = {
            "n": self._count, "t_ms": int((now - self._first) * 1000), "scheme": scheme, "host": host,
            "method": method[:20], "path": path[:FIELD_MAX], "query": query[:FIELD_MAX], "status": answer.status,
            "agent": headers.get("user-agent", "")[:FIELD_MAX], "referer": headers.get("referer", "")[:FIELD_MAX],
            "body": body[:FIELD_MAX].decode("utf-8", "replace"),
        }  # fmt: skip
        self._logged += self._log.write(json.dumps(hit, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        return answer

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer, method: str, *, keep: bool) -> None:
        if answer.delay_ms:
            await asyncio.sleep(answer.delay_ms / 1000)
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in answer.headers)]
        lines += [f"Content-Length: {len(answer.body)}", f"Connection: {'keep-alive' if keep else 'close'}", "", ""]
        body = b"" if method == "HEAD" else answer.body
        if answer.cut:
            body = body[: len(body) // 2]
        writer.write("\r\n".join(lines).encode("utf-8") + body)
        await writer.drain()


async def main(folder: Path, log: Path, http: int, https: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.set_alpn_protocols(["http/1.1"])
    with log.open("ab", buffering=0) as file:
        server = Server(Sites(folder), file)
        await asyncio.start_server(
            lambda r, w: server.serve("https", r, w), "127.0.0.1", https, ssl=context, limit=HEAD_MAX
        )
        await asyncio.start_server(lambda r, w: server.serve("http", r, w), "127.0.0.1", http, limit=HEAD_MAX)
        print("ready", flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads it from now on: a full pipe would stop us
        await stop.wait()


if __name__ == "__main__":
    ports = [int(port) for port in sys.argv[3:5]] or [80, 443]
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), *ports))
