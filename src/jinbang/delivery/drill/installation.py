"""A scratch installation on this machine: its own folder, database and server processes, started and stopped here.

Rehearsals and measurements run against it, so that they can kill, fill and stop what they like. Everything it
starts is ended by ``close``, by process id.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jinbang.delivery.drill.postgres import ScratchPostgres

DEFAULT_APP = "jinbang.delivery.engine.app:application"
START_WITHIN_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


class Ticket(NamedTuple):
    """What a simulated candidate brings along, and the attempt whose books are checked."""

    ticket: str
    id_number: str
    attempt: int


@dataclass
class Installation:
    """``database`` is ``sqlite`` or ``postgresql``; ``app`` is what its servers serve."""

    folder: Path
    database: str = "sqlite"
    processes: int = 1
    app: str = DEFAULT_APP
    own_clock: bool = False

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.postgres: ScratchPostgres | None = None
        self.servers: list[subprocess.Popen[bytes]] = []
        self._retired_s = 0.0
        self._socket: socket.socket | None = None
        self.clock_file = self.folder / "clock"
        if self.database == "postgresql":
            self.postgres = ScratchPostgres(self.folder / "postgres")
            self.postgres.start()

    # -- environment -------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        """What its processes see. A clock that can be shifted costs a look at its file, so only when wanted."""
        source = str(Path(__file__).resolve().parents[3])
        search = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
        shifted = {"JINBANG_TEST_CLOCK": str(self.clock_file)} if self.own_clock else {}
        return {
            **{name: value for name, value in os.environ.items() if name != "JINBANG_TEST_CLOCK"},
            **shifted,
            "PYTHONPATH": search,
            "DJANGO_SETTINGS_MODULE": "jinbang.config.settings",
            "JINBANG_DATA": str(self.folder / "data"),
            "JINBANG_DATABASE": self.postgres.url if self.postgres is not None else "",
            "JINBANG_TASKS": "immediate",
        }

    def run(self, *arguments: str) -> str:
        """Run a Python module of ours inside this installation; returns what it printed."""
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def build(self, *, candidates: int, minutes: int, starts_in_s: float) -> list[Ticket]:
        """Fill the database with a sitting; returns its tickets."""
        printed = self.run(
            "jinbang.delivery.drill.make_site", "--candidates", str(candidates), "--minutes", str(minutes),
            "--starts-in", str(starts_in_s),
        )  # fmt: skip
        return [Ticket(*row) for row in json.loads(printed.strip().splitlines()[-1])]

    def books(self) -> dict[str, Any]:
        """What is stored, read by a process of its own: see ``drill.books``."""
        loaded: dict[str, Any] = json.loads(self.run("jinbang.delivery.drill.books").strip().splitlines()[-1])
        return loaded

    def shift_clock(self, seconds: float) -> None:
        """Let the installation's clock jump to ``seconds`` off the machine's."""
        beside = self.clock_file.with_suffix(".new")
        beside.write_text(f"{seconds:.3f}\n")
        beside.replace(self.clock_file)

    # -- servers -----------------------------------------------------------------------------------

    @property
    def address(self) -> tuple[str, int]:
        """Where the servers listen."""
        if self._socket is None:
            self._socket = socket.socket()
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(("127.0.0.1", 0))
            self._socket.listen(4096)
            self._socket.set_inheritable(True)
        name: tuple[str, int] = self._socket.getsockname()
        return name

    @property
    def base_url(self) -> str:
        """For clients."""
        host, port = self.address
        return f"http://{host}:{port}"

    def start(self) -> None:
        """Start the server processes on the shared listening socket and wait until they answer."""
        self.spawn()
        deadline = time.monotonic() + START_WITHIN_S
        while not self.answers():
            if time.monotonic() > deadline:
                raise RuntimeError("the exam server did not start:\n" + self.log_tail())
            time.sleep(0.05)

    def spawn(self) -> None:
        """Start the server processes and do not wait."""
        assert self.address
        assert self._socket is not None
        descriptor = self._socket.fileno()
        log = (self.folder / "server.log").open("ab")
        command = [sys.executable, "-m", "jinbang.delivery.engine.serve", "--fd", str(descriptor), "--app", self.app]
        for _ in range(self.processes):
            self.servers.append(
                subprocess.Popen(command, env=self.environment(), pass_fds=[descriptor], stdout=log, stderr=log)
            )
        log.close()

    def answers(self) -> bool:
        """Whether a server answers right now."""
        try:
            with socket.create_connection(self.address, timeout=1) as probe:
                probe.sendall(b"GET /exam/v1/time HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                return probe.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def end_servers(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End every server process by ``how`` and wait; what they used stays in the account."""
        for server in self.servers:
            self._retired_s += cpu_s(family([server.pid]))
            server.send_signal(how)
        for server in self.servers:
            server.wait(timeout=30)
        self.servers = []

    def log_tail(self) -> str:
        """The end of what the servers said."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def close(self) -> None:
        """End everything that was started here."""
        self.end_servers()
        if self.postgres is not None:
            self.postgres.stop()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # -- accounts ----------------------------------------------------------------------------------

    def cpu_s(self) -> float:
        """CPU seconds that server and database processes and their children have used so far."""
        roots = [server.pid for server in self.servers]
        if self.postgres is not None:
            roots.append(self.postgres.pid)
        return self._retired_s + cpu_s(family(roots))

    def pids(self) -> Sequence[int]:
        """Server processes, and those of the database."""
        roots = [server.pid for server in self.servers]
        return family(roots + ([self.postgres.pid] if self.postgres is not None else []))


def family(roots: Iterable[int]) -> list[int]:
    """``roots`` and all their living descendants."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(int(entry))
            if fields:
                parents[int(entry)] = int(fields[1])
    found = set(roots)
    grew = True
    while grew:
        fresh = {pid for pid, parent in parents.items() if parent in found} - found
        found |= fresh
        grew = bool(fresh)
    return sorted(found)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty if the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def cpu_s(pids: Iterable[int]) -> float:
    """User and system time of these processes and of their ended children, in seconds."""
    total = 0
    for pid in pids:
        fields = _stat(pid)
        if fields:
            total += sum(int(value) for value in fields[11:15])
    return total / TICKS
