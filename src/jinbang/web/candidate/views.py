"""The page that the exam client lives in. It holds no session and no data: the client speaks to ``/exam/v1``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

STATIC_DIR = Path(__file__).resolve().parent.parent / "static" / "jinbang" / "candidate"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def client_files() -> tuple[str, ...]:
    """Addresses of every file that the client consists of, under ``jinbang/candidate/``."""
    found = sorted(path for path in STATIC_DIR.rglob("*") if path.suffix in {".js", ".css", ".svg"})
    return tuple(f"jinbang/candidate/{path.relative_to(STATIC_DIR).as_posix()}" for path in found)


@require_GET
def sit(request: HttpRequest) -> HttpResponse:
    """The exam client. Works signed out of the office side; nothing about a candidate is in the page."""
    modules = [static(name) for name in client_files() if "/js/" in name and not name.endswith("/en.js")]
    config = {"api": "/exam/v1", "title": _("金榜 · 考试"), "tool": static("jinbang/candidate/tool/jinbang-check.py")}
    page = {"config": config, "modules": modules}
    response = render(request, "candidate/sit.html", page)
    response["Content-Security-Policy"] = _POLICY
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def offline_pages(request: HttpRequest) -> HttpResponse:
    """The service worker: lets a reload work with the network gone. Its file list is filled in here."""
    files = ["/sit/", *(static(name) for name in client_files() if not name.endswith("worker.js"))]
    source = (STATIC_DIR / "worker.js").read_text(encoding="utf-8")
    body = f"const FILES = {json.dumps(files)};\n{source}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
