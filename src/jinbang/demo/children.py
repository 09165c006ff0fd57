"""Child processes of the demonstration: the web server and a judge worker, as an installation would run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_S = 60.0
STOP_S = 15.0


@contextmanager
def child(arguments: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``python -m …`` with the environment as it is now; ended (with everything it started) at the end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a child's whole group to end; make it, if it does not."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, signum)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                continue


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until ``url`` answers. RuntimeError with the end of the log if the server dies or never does."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 — our own loopback address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"the server at {url} did not come up; the end of {log}:\n{tail}")


@contextmanager
def web_server(port: int, data: Path) -> Iterator[str]:
    """The web server (office and exam path) on a loopback port; yields its address."""
    log = data / "logs" / "web.log"
    arguments = [
        "uvicorn", "jinbang.config.asgi:application", "--host", "127.0.0.1", "--port", str(port),
        "--log-level", "warning", "--no-access-log", "--backlog", "4096",
    ]  # fmt: skip
    with child(arguments, log) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until_up(f"{url}/exam/v1/time", process, log)
        yield url


@contextmanager
def judge_worker(url: str, token: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A judge worker that pulls from ``url``; the token travels by environment, not on the command line."""
    os.environ["JINBANG_JUDGE_TOKEN"] = token
    try:
        with child(
            ["jinbang.cli.main", "judge", "worker", "--server", url, "--name", "demo"], data / "logs" / "judge.log"
        ) as process:
            yield process
    finally:
        os.environ.pop("JINBANG_JUDGE_TOKEN", None)
