"""A whole installation in its own processes and directory: what the browser tests speak to."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import migrated

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
STARTS = datetime(2022, 5, 21, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
CANDIDATES = 14


def environment(data: Path) -> dict[str, str]:
    """The environment of an installation whose data lie in ``data``."""
    return {
        **os.environ,
        "JINBANG_DATA": str(data),
        "JINBANG_DATABASE": "",
        "JINBANG_TEST_CLOCK": str(data / "clock"),
        "JINBANG_SECOND_FACTOR": "0",
        "DJANGO_SETTINGS_MODULE": "jinbang.config.settings",
        "PYTHONPATH": str(SOURCE),
    }


def make_template(data: Path) -> dict[str, object]:
    """Fill ``data`` with tables and a sitting; returns what was printed about it."""
    migrated.place_sqlite(data)
    command = [sys.executable, str(HERE / "make_site.py"), STARTS.isoformat(), str(CANDIDATES)]
    done = subprocess.run(command, env=environment(data), capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


@dataclass
class Installation:
    """A server on a free port over its own copy of the data. The clock is set before it starts."""

    data: Path
    facts: dict[str, object]
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    _runner: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def copy(cls, template: Path, data: Path, facts: dict[str, object]) -> Installation:
        shutil.copytree(template, data)
        return cls(data, facts)

    def set_now(self, instant: datetime) -> None:
        """The installation's clock reads ``instant`` from now on."""
        beside = self.data / "clock.new"
        beside.write_text(f"{instant.timestamp() - time.time():.3f}\n")
        beside.replace(self.data / "clock")

    def now(self) -> datetime:
        """What the installation's clock reads."""
        return datetime.fromtimestamp(time.time() + float((self.data / "clock").read_text()), UTC)

    def run_fast(self, speed: float, until: datetime) -> None:
        """Let the clock run at ``speed`` until it reads ``until``; returns then."""
        instant = self.now()
        while instant < until:
            time.sleep(0.25)
            instant = min(until, instant + timedelta(seconds=0.25 * speed))
            self.set_now(instant)

    def start(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "jinbang.delivery.engine.serve", "--port", str(self.port)]
        log = (self.data / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*command, "--app", "jinbang.config.asgi:application"], env=environment(self.data), stdout=log, stderr=log
        )
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/exam/v1/time", timeout=1).read()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError((self.data / "server.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ticket(self, index: int) -> dict[str, str]:
        """Ticket and ID number of the candidate at seat ``index`` + 1."""
        return self.facts["tickets"][index]  # type: ignore[index,no-any-return]

    def run(self, program: str) -> str:
        """Run Python code inside this installation (its settings, its database) and return what it prints."""
        code = f"import django; django.setup()\nfrom jinbang.config import clock\n{program}"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(self.data),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()
