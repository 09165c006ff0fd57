"""Reading WARC 1.x recordings (ISO 28500): the responses, ready to be sent again."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jinbang.judge.offline_web.model import SiteError

# Belong to the recorded connection, not to the page; the server writes its own.
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "alt-svc",
                  "strict-transport-security", "trailer", "upgrade"})  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """One recorded answer; `body` is unchunked and uncompressed."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def responses(data: bytes, name: str) -> Iterator[Recorded]:
    """The responses in the file, in its order; raises SiteError for a damaged file."""
    try:
        raw = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        yield from _responses(io.BytesIO(raw))
    except (OSError, EOFError, ValueError, KeyError, IndexError, zlib.error) as error:
        raise SiteError(f"{name} is no readable WARC file: {error}") from error


def _responses(file: BinaryIO) -> Iterator[Recorded]:
    while line := file.readline():
        if not line.strip():
            continue
        if not line.startswith(b"WARC/1."):
            raise ValueError(f"a record starts with {line[:20]!r}")
        fields = dict(_fields(file))
        block = file.read(int(fields["content-length"]))
        if fields.get("warc-type") == "response" and fields.get("content-type", "").startswith("application/http"):
            yield _response(fields["warc-target-uri"].strip("<>"), block)


def _fields(file: BinaryIO) -> Iterator[tuple[str, str]]:
    while (line := file.readline()).strip():
        name, _, value = line.decode("utf-8", "replace").partition(":")
        yield name.strip().lower(), value.strip()


def _response(url: str, block: bytes) -> Recorded:
    file = io.BytesIO(block)
    status = int(file.readline().split()[1])
    headers = []
    while (line := file.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name.strip(), value.strip()))
    named = {name.lower(): value.lower() for name, value in headers}
    body = file.read()
    if "chunked" in named.get("transfer-encoding", ""):
        body = _unchunk(body)
    kept = tuple(header for header in headers if header[0].lower() not in _HOP)
    return Recorded(url, status, kept, _decompress(body, named.get("content-encoding", "")))


def _unchunk(body: bytes) -> bytes:
    file, parts = io.BytesIO(body), []
    while size := int(file.readline().split(b";")[0], 16):
        parts.append(file.read(size))
        file.readline()
    return b"".join(parts)


def _decompress(body: bytes, coding: str) -> bytes:
    if coding in {"", "identity"}:
        return body
    if coding in {"gzip", "x-gzip"}:
        return gzip.decompress(body)
    if coding == "deflate":
        return zlib.decompress(body) if body[:1] == b"\x78" else zlib.decompress(body, -15)
    raise ValueError(f"content coding {coding!r}: record with gzip or none")
