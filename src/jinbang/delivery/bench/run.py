"""``jinbang bench delivery``: servers as in production, driven by another process, CPU by the kernel's accounts.

The CPU of every server and database process (children included) over a steady stretch is divided by the
operations acknowledged in it. SQLite and PostgreSQL flush every commit; the database lies on disk. The load shares the
machine, so waits and throughput are those of a machine that also plays the candidates.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinbang.delivery.drill.installation import Installation

CANDIDATES = 3000
DATABASES = ("sqlite", "postgresql")
BARS = {"signin_cpu_ms": 3.0, "start_cpu_ms": 2.0, "save_cpu_ms": 0.4, "handin_cpu_ms": 2.0}
FIRST_ITEM_S, SAVE_P99_MS = 5.0, 1000.0
CLIENTS = (32, 256, 2000)
Figures = dict[str, Any]


def add_options(parser: argparse.ArgumentParser) -> None:
    """What ``jinbang bench delivery`` takes; the defaults are the measurement that counts, about ten minutes."""
    parser.add_argument("--database", dest="databases", action="append", choices=DATABASES, help="default: both")
    parser.add_argument("--seconds", type=float, default=20.0, help="steady stretch of every figure (default 20)")
    parser.add_argument(
        "--candidates", type=int, default=CANDIDATES, help="who start in the same second (default 3000); a quick look: "
        "--seconds 4 --candidates 300, two or three minutes a database",
    )  # fmt: skip


def run(*, databases: Sequence[str] | None = None, seconds: float = 20.0, candidates: int = CANDIDATES) -> Figures:
    """Measure on each database; ``seconds`` is the steady stretch of every figure, ``candidates`` sit at once.

    Takes about five minutes a database; what is being done is told on stderr. ``ok`` is true if every bar holds on all.
    """
    found: Figures = {"seconds": seconds, "candidates": candidates, "bars": BARS}
    for database in databases or DATABASES:
        with tempfile.TemporaryDirectory(prefix="jinbang-bench-") as folder:
            found[database] = _Measurement(Path(folder), database, seconds, candidates).figures()
    found["ok"] = all(found[database]["ok"] for database in databases or DATABASES)
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
        """Run a phase; its figures, ``cpu_ms`` an operation, and ``waited_for_cpu``: the share of the time in which a
        server had work and no processor, because of the load or of what else the machine does."""
        self._tell({"phase": name, **fields})
        self._hear("begin")
        before, waited = self._installation.cpu_s(), self._waited_s()
        figures = self._hear("end")
        spent, waited = self._installation.cpu_s() - before, self._waited_s() - waited
        figures["waited_for_cpu"] = round(waited / figures["seconds"], 2)
        figures.pop("mark")
        figures["cpu_ms"] = round(spent * 1000 / max(1, figures["operations"]), 4)
        return figures

    def _waited_s(self) -> float:
        """Seconds for which the servers' loops were ready to run and did not, by the kernel's accounts."""
        paths = [Path(f"/proc/{server.pid}/schedstat") for server in self._installation.servers]
        return sum(int(path.read_text().split()[1]) for path in paths) / 1e9

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


@dataclass
class _Measurement:
    """Everything on one database. Half of the people start in the same second, the others make up the steady phases."""

    folder: Path
    database: str
    seconds: float
    candidates: int

    def figures(self) -> Figures:
        self._tell("echo")
        figures: Figures = {"load_average_before": os.getloadavg()[0]}
        figures["echo_cpu_ms"] = _echo(self.folder, self.seconds / 2)
        installation = Installation(self.folder / "site", self.database)
        try:
            figures |= self._of(installation)
        finally:
            installation.close()
        floor = figures["echo_cpu_ms"] + figures["row_cpu_ms"]
        figures["floor_ratio"] = round(figures["save_cpu_ms"] / floor, 2)
        figures["ok"] = _holds(figures, self.candidates)
        return figures

    def _of(self, installation: Installation) -> Figures:
        self._tell(f"an installation with {2 * self.candidates} candidates")
        began = time.monotonic()
        tickets = installation.build(candidates=2 * self.candidates, minutes=120, starts_in_s=-1)
        figures: Figures = {"build_s": round(time.monotonic() - began, 1), "row_cpu_ms": _row(installation)}
        installation.start()
        conductor = Conductor(installation, tickets)
        try:
            figures |= self._phases(conductor)
            acked = conductor.acked()
        finally:
            conductor.close()
        self._tell("acknowledged against stored")
        return figures | _compare(installation.books(), acked)

    def _phases(self, conductor: Conductor) -> Figures:
        people = self.candidates
        first, second = {"first": 0, "last": people}, {"first": people, "last": 2 * people}

        def steady(name: str, seconds: float = self.seconds, **who: int) -> Figures:
            self._tell(f"{name}, {who['last'] - who['first']} candidates, {seconds:g} s")
            return conductor.phase(name, seconds=seconds, **who)

        figures: Figures = {"signin": steady("sign_in", **second)}
        conductor.enrol(seconds=10, first=0, last=2 * people)
        self._tell(f"{people} starts in the same second")
        figures["burst"] = conductor.burst(**first)
        figures["minute"] = steady("write", max(60.0, self.seconds), **first)
        figures["start"] = steady("start", **second)
        clients = [count for count in CLIENTS if count <= people]
        figures["saves"] = {str(n): steady("save", first=people, last=people + n) for n in clients}
        figures["paced"] = steady("write", first=people, last=people + clients[-1])
        conductor.phase("fill", seconds=8, **second)
        figures["handin"] = steady("hand_in", **second)
        for name in ("signin", "start", "handin"):
            figures[f"{name}_cpu_ms"] = figures[name]["cpu_ms"]
        middle = figures["saves"]["256"]
        return {**figures, "save_cpu_ms": middle["cpu_ms"], "saves_per_s": middle["per_s"]}

    def _tell(self, what: str) -> None:
        sys.stderr.write(f"{self.database}: {what}\n")
        sys.stderr.flush()


def _echo(folder: Path, seconds: float) -> float:
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


def _holds(figures: Figures, candidates: int) -> bool:
    bars = all(figures[name] <= bar for name, bar in BARS.items())
    burst = figures["burst"]["opened"] == candidates and figures["burst"]["last_s"] <= FIRST_ITEM_S
    calm = figures["minute"]["p99_ms"] < SAVE_P99_MS
    return bool(bars and burst and calm and figures["lost"] == 0 and figures["duplicated"] == 0)
