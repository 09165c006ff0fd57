"""A site on a database of its own, shared by this process and the site's processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connections
from tests import migrated

from jinbang.audit.actor import SYSTEM
from jinbang.config import clock
from jinbang.config.settings import database_from
from jinbang.grading.domain.workers import register_worker

ROOT = Path(__file__).parents[3]
PATIENCE_S = 240.0


@contextmanager
def own_database() -> Iterator[str]:
    """With all tables, and `default` for this process; yields the JINBANG_DATABASE of the site's processes."""
    before = connections.settings["default"]
    with ExitStack() as stack:
        url, chosen = stack.enter_context(_postgresql() if os.environ.get("JINBANG_DATABASE") else _sqlite())
        kept = connections["default"]  # a database in memory lives as long as its connection does
        kept.close()
        connections.settings["default"] = {**before, **chosen}
        connections["default"] = connections.create_connection("default")
        try:
            yield url
        finally:
            connections["default"].close()
            connections.settings["default"], connections["default"] = before, kept


@contextmanager
def _sqlite() -> Iterator[tuple[str, dict[str, object]]]:
    migrated.place_sqlite(settings.DATA_DIR)
    yield "", database_from("")
    for left in settings.DATA_DIR.glob("jinbang.sqlite3*"):
        left.unlink()


@contextmanager
def _postgresql() -> Iterator[tuple[str, dict[str, object]]]:
    given = os.environ["JINBANG_DATABASE"]
    name = f"jinbang_site_{os.getpid()}"
    own = migrated.create_postgresql(given, name)
    try:
        yield own, database_from(own)
    finally:
        migrated.drop_postgresql(given, name)


def wait(done: Callable[[], bool]) -> None:
    """Until ``done()``; fails after four minutes."""
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@dataclass
class RunningSite:
    """Web processes on one socket; ``worker`` starts judge hosts, each registered under its name."""

    url: str
    data: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def token(self, name: str) -> str:
        return register_worker(name=name, actor=SYSTEM, now=clock.now())[1]

    def worker(self, name: str, *more: str, token: str = "") -> subprocess.Popen[bytes]:
        """`jinbang judge worker` as an operator would start it, with two slots; its log is ``NAME/log``."""
        argv = ["-m", "jinbang.cli.main", "judge", "worker", "--server", self.url, "--name", name, "--slots", "2"]
        folder = self.data / name
        folder.mkdir(parents=True)
        env = _environment() | {"JINBANG_DATA": str(folder), "JINBANG_JUDGE_TOKEN": token or self.token(name)}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([sys.executable, *argv, *more], env=env, stdout=log, stderr=log)
        self.started.append(process)
        return process


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "DJANGO_SETTINGS_MODULE": "jinbang.config.settings"}


@contextmanager
def running_site(url: str, data: Path, *, lease_s: float, processes: int = 1, mode: str = "") -> Iterator[RunningSite]:
    """The site over ``own_database()``; everything that was started is killed at the end."""
    data.mkdir(parents=True, exist_ok=True)
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    env = _environment() | {"JINBANG_DATABASE": url, "JINBANG_DATA": str(settings.DATA_DIR)}
    argv = [sys.executable, "-m", "tests.judge.worker.site_process", str(listening.fileno()), str(lease_s), mode]
    site = RunningSite(f"http://127.0.0.1:{listening.getsockname()[1]}", data)
    try:
        with (data / "site.log").open("wb") as log:
            for _ in range(processes):
                site.started.append(
                    subprocess.Popen(
                        argv, env=env, cwd=ROOT, pass_fds=[listening.fileno()], stdout=log, stderr=subprocess.STDOUT
                    )
                )
        urllib.request.urlopen(site.url + "/exam/v1/time", timeout=PATIENCE_S).close()
        yield site
    finally:
        for process in site.started:
            process.kill()
            process.wait()
        listening.close()
