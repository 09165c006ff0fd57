"""Answers that are files, streamed without holding them in memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import IO
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 64 * 1024


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


async def _async_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await sync_to_async(file.read)(_CHUNK):
            yield chunk


def send_file(
    request: HttpRequest, file: IO[bytes], *, name: str, content_type: str, inline: bool = False
) -> StreamingHttpResponse:
    """Stream ``file`` (closed afterwards) under ``name``; ``inline`` lets the browser show it."""
    body = _async_chunks(file) if isinstance(request, ASGIRequest) else _chunks(file)
    response = StreamingHttpResponse(body, content_type=content_type)
    how = "inline" if inline else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    return response


def spooled() -> IO[bytes]:
    """A temporary file for something large that is being made."""
    return tempfile.TemporaryFile()


def back_to(request: HttpRequest, default: str) -> HttpResponseRedirect:
    """To the address in ``next`` if it is ours, else to ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(default)
