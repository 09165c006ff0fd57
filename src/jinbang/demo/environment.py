"""Where a demonstration lives: a data directory of its own, a test clock, a free port. Set before Django loads."""

from __future__ import annotations

import json
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFERRED_PORT = 8000


@dataclass(frozen=True)
class Environment:
    """The data directory of a demonstration and the port that it will be served on."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        """Where the demonstration is served."""
        return f"http://127.0.0.1:{self.port}"

    def enter(self) -> None:
        """Set the variables that the settings, and every child process, read."""
        os.environ.update(
            JINBANG_DATA=str(self.data),
            JINBANG_TEST_CLOCK=str(self.data / "clock"),
            JINBANG_PUBLIC_URL=self.url,
            JINBANG_SECOND_FACTOR="0",
            JINBANG_TASKS="database",
        )
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")

    def clear(self) -> None:
        """Throw away what an earlier demonstration left; only ever a directory that one made."""
        if (self.data / MARKER).exists():
            kept = self.data / "toolchains"
            for path in self.data.iterdir():
                if path != kept:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


MARKER = "demonstration.json"


class Journal:
    """Which stages are done, and their counts; written after each one, so that a stopped run goes on from there."""

    def __init__(self, data: Path) -> None:
        self.path = data / MARKER
        self.counts: dict[str, Any] = {}
        self.done: list[str] = []
        self.candidates = 0
        if self.path.exists():
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            self.counts, self.done = stored["counts"], stored["done"]
            self.candidates = stored["candidates"]

    def save(self) -> None:
        """Write the journal, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        content = {"counts": self.counts, "done": self.done, "candidates": self.candidates}
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        beside.replace(self.path)


def free_port(preferred: int = PREFERRED_PORT) -> int:
    """``preferred`` if nothing listens there, else any free port."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
