"""The real thing: ``jinbang serve`` on a free port, a child killed, a clean stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import migrated
from tests.cli.test_supervisor import alive, until

from jinbang.cli.serve import answers

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "JINBANG_DATA": str(tmp_path),
        "JINBANG_DATABASE": "",
        "JINBANG_TASKS": "database",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    migrated.place_sqlite(tmp_path)
    log = tmp_path / "log"
    command = [sys.executable, "-m", "jinbang.cli.main", "serve", "--port", "0", "--role", "office"]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True)
    yield process, log
    if process.poll() is None:
        process.kill()
        process.wait()


def found(pattern: str, log: Path) -> list[str]:
    return re.findall(pattern, log.read_text())


def test_an_installation_runs_survives_a_dead_child_and_stops_cleanly(
    server: tuple[subprocess.Popen[str], Path],
) -> None:
    process, log = server
    until(lambda: bool(found(r"serves at (\S+)", log)), 90)
    url = found(r"serves at (\S+)", log)[0].rstrip("/")
    until(lambda: answers(url), 60)
    with urllib.request.urlopen(f"{url}/sign-in/") as response:
        assert "登录" in response.read().decode()
    first = int(found(r"web runs \(process (\d+)\)", log)[0])
    os.kill(first, signal.SIGKILL)
    until(lambda: len(found(r"web runs \(process (\d+)\)", log)) == 2, 30)
    until(lambda: answers(url), 60)
    pids = [int(pid) for pid in found(r"runs \(process (\d+)\)", log)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert [pid for pid in pids if alive(pid)] == []
    assert log.read_text().rstrip().endswith("jinbang has stopped")
