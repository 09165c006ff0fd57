"""A room server shows exam time and nothing of the office."""

from __future__ import annotations

import os
import subprocess
import sys

PROBE = """
import asyncio
from jinbang.config import asgi

async def ask(path):
    sent, asked = [], []
    async def send(message): sent.append(message)
    async def receive():
        if asked:
            await asyncio.sleep(60)
        asked.append(1)
        return {"type": "http.request", "body": b"", "more_body": False}
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"host", b"localhost")], "server": ("localhost", 80), "client": ("127.0.0.1", 1),
             "scheme": "http", "http_version": "1.1", "root_path": ""}
    await asgi.application(scope, receive, send)
    return next(message["status"] for message in sent if message["type"] == "http.response.start")

print([asyncio.run(ask(path)) for path in ("/sit/", "/staff/results/", "/api/docs", "/sign-in/")])
"""


def _statuses(role: str, data: str) -> str:
    settings = {"DJANGO_SETTINGS_MODULE": "jinbang.config.settings", "PYTHONPATH": "src"}
    environment = {**os.environ, **settings, "JINBANG_ROLE": role, "JINBANG_DATA": data}
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_only_the_exam_is_there(tmp_path: object) -> None:
    assert _statuses("room", str(tmp_path)) == "[200, 404, 404, 404]"
