"""``jinbang bench delivery``: servers as in production, driven by another process, CPU by the kernel's accounts.

The CPU of every server and database process (children included) over a steady stretch is divided by the
operations acknowledged in it. SQLite and PostgreSQL flush every commit; the database lies on disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinbang.delivery.drill.installation import Installation

CANDIDATES = 3000
BARS = {"signin_cpu_ms": 3.0, "start_cpu_ms": 2.0, "save_cpu_ms": 0.4, "handin_cpu_ms": 2.0}
FIRST_ITEM_S, SAVE_P99_MS = 5.0, 1000.0
CLIENTS = (32, 256, 2000)
Figures = dict[str, Any]


def run(*, databases: Iterable[str] = ("sqlite", "postgresql"), seconds: float = 20.0) -> Figures:
    """Measure on each database; ``seconds`` is the steady stretch of every figure.

    Takes about five minutes a database. ``ok`` is true if every bar holds on all of them.
    """
    found: Figures = {"seconds": seconds, "candidates": CANDIDATES, "bars": BARS}
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="jinbang-bench-") as folder:
            found[database] = _measure(Path(folder), database, seconds)
    found["ok"] = all(found[database]["ok"] for database in databases)
    return found


class Conductor:
    """The load process, and the account of what its phases cost the servers."""

    def __init__(self, installation: Installation, tickets: list[Any]) -> None:
        self._installation = installation
        command = [sys.executable, "-m", "jinbang.delivery.bench.load"]
        self._load = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=installation.environment()
        )
        self._tell({"base_url": installation.base_url, "tickets": tickets})

    def _tell(self, command: Figures) -> None:
        assert self._load.stdin is not None
        self._load.stdin.write(json.dumps(command) + "\n")
        self._load.stdin.flush()

    def _hear(self, mark: str) -> Figures:
        assert self._load.stdout is not None
        for line in self._load.stdout:
            heard: Figures = json.loads(line)
            if heard.get("mark") == mark:
                return heard
        raise RuntimeError(f"the load ended before {mark!r}:\n{self._installation.log_tail()}")

    def phase(self, name: str, **fields: Any) -> Figures:
        """Run a phase; its figures, and ``cpu_ms`` an operation."""
        self._tell({"phase": name, **fields})
        self._hear("begin")
        before = self._installation.cpu_s()
        figures = self._hear("end")
        spent = self._installation.cpu_s() - before
        figures.pop("mark")
        figures["cpu_ms"] = round(spent * 1000 / max(1, figures["operations"]), 4)
        return figures

    def burst(self, **fields: Any) -> Figures:
        """Everybody starts at once."""
        figures = self.phase("burst", **fields)
        return {**figures, **self._hear("shown")}

    def enrol(self, **fields: Any) -> None:
        """Sign everybody in and fetch the papers."""
        self._tell({"phase": "enrol", **fields})
        for _ in range(2):
            self._hear("end")

    def acked(self) -> dict[int, int]:
        """Attempt → acknowledged steps, by the candidates' own count."""
        self._tell({"phase": "tell"})
        return {int(attempt): count for attempt, count in self._hear("acked")["acked"].items()}

    def close(self) -> None:
        """End the load process."""
        assert self._load.stdin is not None
        self._load.stdin.close()
        self._load.wait(timeout=20)


def _measure(folder: Path, database: str, seconds: float) -> Figures:
    figures: Figures = {"echo_cpu_ms": _echo(folder, database, seconds / 2)}
    installation = Installation(folder / "site", database)
    try:
        began = time.monotonic()
        tickets = installation.build(candidates=2 * CANDIDATES, minutes=120, starts_in_s=-1)
        figures["build_s"] = round(time.monotonic() - began, 1)
        figures["row_cpu_ms"] = _row(installation)
        installation.start()
        conductor = Conductor(installation, tickets)
        try:
            figures |= _phases(conductor, seconds)
            acked = conductor.acked()
        finally:
            conductor.close()
        figures |= _compare(installation.books(), acked)
    finally:
        installation.close()
    floor = figures["echo_cpu_ms"] + figures["row_cpu_ms"]
    figures["floor_ratio"] = round(figures["save_cpu_ms"] / floor, 2)
    figures["ok"] = _holds(figures)
    return figures


def _phases(conductor: Conductor, seconds: float) -> Figures:
    first, second = {"first": 0, "last": CANDIDATES}, {"first": CANDIDATES, "last": 2 * CANDIDATES}
    figures: Figures = {}
    sign_in = conductor.phase("sign_in", seconds=seconds, **second)
    conductor.enrol(seconds=10, first=0, last=2 * CANDIDATES)
    figures["burst"] = conductor.burst(**first)
    figures["minute"] = conductor.phase("minute", seconds=60, **first)
    start = conductor.phase("start", seconds=seconds, **second)
    figures["saves"] = {
        str(count): conductor.phase("save", seconds=seconds, first=CANDIDATES, last=CANDIDATES + count)
        for count in CLIENTS
    }
    conductor.phase("fill", seconds=8, **second)
    hand_in = conductor.phase("hand_in", seconds=seconds, **second)
    for name, phase in (("signin", sign_in), ("start", start), ("handin", hand_in)):
        figures[name] = phase
        figures[f"{name}_cpu_ms"] = phase["cpu_ms"]
    middle = figures["saves"]["256"]
    return {**figures, "save_cpu_ms": middle["cpu_ms"], "saves_per_s": middle["per_s"]}


def _echo(folder: Path, database: str, seconds: float) -> float:
    """CPU milliseconds of an echo on the same server software, at 256 clients."""
    app = "jinbang.delivery.bench.floor:echo"
    installation = Installation(folder / "echo", app=app)
    try:
        installation.start()
        conductor = Conductor(installation, [[f"{n}", "", n] for n in range(256)])
        try:
            figures = conductor.phase("save", seconds=seconds)
        finally:
            conductor.close()
        return float(figures["cpu_ms"])
    finally:
        installation.close()


def _row(installation: Installation) -> float:
    """CPU milliseconds of a durable row in a group commit of 100, writer and database together."""
    before = installation.cpu_s()
    done = json.loads(installation.run("jinbang.delivery.bench.floor").strip().splitlines()[-1])
    spent = done["cpu_s"] + installation.cpu_s() - before
    cost: float = round(spent * 1000 / done["rows"], 5)
    return cost


def _compare(books: Figures, acked: dict[int, int]) -> Figures:
    """Acknowledged against stored. More stored than acknowledged is an answer whose acknowledgement was not awaited."""
    stored = {int(attempt): len(steps) for attempt, steps in books["steps"].items()}
    lost = sum(max(0, count - stored.get(attempt, 0)) for attempt, count in acked.items())
    return {"acked": sum(acked.values()), "stored": books["stored"], "lost": lost, "duplicated": books["twice"]}


def _holds(figures: Figures) -> bool:
    bars = all(figures[name] <= bar for name, bar in BARS.items())
    burst = figures["burst"]["opened"] == CANDIDATES and figures["burst"]["last_s"] <= FIRST_ITEM_S
    calm = figures["minute"]["p99_ms"] < SAVE_P99_MS
    return bool(bars and burst and calm and figures["lost"] == 0 and figures["duplicated"] == 0)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(), ensure_ascii=False) + "\n")
