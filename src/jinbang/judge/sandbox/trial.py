"""Tries hostile programs on the sandbox, and looks from outside whether anything got through.

The world outside holds canaries: a secret in the judge's environment and in files, listeners on TCP and unix sockets, a
process to be killed. A case is contained when none of them was touched, nothing is left running, an honest program run
next in the same box is none the worse, and what the case itself expects has come true.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .inside import runs
from .rooms import SandboxError
from .spec import Limits, RunResult, RunSpec

HOSTILE = Path(__file__).parent.parent / "hostile"
HONEST = b"import builtins, json, os\nprint('honest', json.dumps({'a': 1}), len(os.listdir('/proc')) > 0)\n"
_HONEST_SAYS = b'honest {"a": 1} True\n'
_SLACK_S = 2.0
_BROKE = "the sandbox itself broke"


class BoxLike(Protocol):
    """What a trial needs of a box; tests give weaker ones to see the cases fail."""

    def run(self, spec: RunSpec) -> RunResult: ...
    def read_files(self) -> Mapping[str, bytes]: ...
    def reset(self) -> None: ...


MakeBox = Callable[[Mapping[str, bytes], Limits], AbstractContextManager[BoxLike]]


@dataclass(frozen=True)
class Seen:
    """What a case is judged by: its runs in order, and what it left in /work."""

    runs: tuple[RunResult, ...]
    files: Mapping[str, bytes]

    @property
    def last(self) -> RunResult:
        return self.runs[-1]

    @property
    def output(self) -> bytes:
        return b"".join(run.stdout + run.stderr for run in self.runs)

    def number(self, name: bytes) -> int:
        """The number a program printed after `name`; -1 if it did not."""
        words = self.last.stdout.split()
        return int(words[words.index(name) + 1]) if name in words else -1


def all_was_tried(seen: Seen) -> str:
    """It came to its own end: a program that is ended early has not tried all it meant to."""
    for run in seen.runs:
        if not run.ok:
            words = run.stderr[-300:].decode(errors="replace")
            return f"it did not come to its end: {run.killed or run.exit_code}, {words}"
    return ""


@dataclass(frozen=True)
class Case:
    """A hostile program, its limits, and what must have happened; `expect` gives "" or why it is not contained."""

    program: str
    expect: Callable[[Seen], str] = all_was_tried
    limits: Limits = Limits(  # noqa: RUF009 - frozen
        wall_s=10, cpu_s=1, memory_mb=96, processes=16, output_kb=256, file_mb=8, tmp_mb=16, open_files=64
    )
    roles: tuple[str, ...] = ("",)  # one run each, in the same box
    new_box_roles: tuple[str, ...] = ()  # then one run each, each in a box of its own


@dataclass(frozen=True)
class Finding:
    """What came of a case: contained, or in words why not."""

    case: str
    mode: str
    why: str

    @property
    def contained(self) -> bool:
        return not self.why

    @property
    def broken(self) -> bool:
        """The sandbox gave up, on a host that is too busy for instance: this says nothing about the case."""
        return self.why.startswith(_BROKE)


@dataclass
class World:
    """The canaries outside. `touched` says what has happened to them since it was last asked."""

    folder: Path
    token: str
    tcp: socket.socket
    listeners: Mapping[str, socket.socket]
    victim: subprocess.Popen[bytes]
    targets: dict[str, Any] = field(default_factory=dict)

    def touched(self) -> str:
        for name, listener in self.listeners.items():
            with suppress(BlockingIOError):
                listener.accept()[0].close()
                return f"somebody reached the host's {name} socket"
        if self.victim.poll() is not None:
            return "a process of the host was killed"
        if (self.folder / "jinbang-canary.txt").read_text() != self.token:
            return "a file of the host was changed"
        return ""


@contextmanager
def world() -> Iterator[World]:
    """Plants the canaries, and takes them away at the end."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="jinbang-world-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file in ("jinbang-canary.txt", "jinbang-reference.py"):
            (folder / file).write_text(token)
            (folder / file).chmod(0o666)
        listeners = {"tcp": socket.socket(), "unix": socket.socket(socket.AF_UNIX)}
        listeners["abstract"] = socket.socket(socket.AF_UNIX)
        victim = subprocess.Popen(["sleep", "3600"], env={"JINBANG_CANARY": token})
        os.environ["JINBANG_CANARY"] = token
        try:
            listeners["tcp"].bind(("0.0.0.0", 0))
            listeners["unix"].bind(str(folder / "socket"))
            (folder / "socket").chmod(0o777)
            listeners["abstract"].bind(f"\0jinbang-{token[:8]}")
            for listener in listeners.values():
                listener.listen()
                listener.setblocking(False)
            here = World(folder, token, listeners["tcp"], listeners, victim)
            here.targets = {
                "canary": str(folder / "jinbang-canary.txt"),
                "reference": str(folder / "jinbang-reference.py"),
                "judge": str(HOSTILE.parent),
                "socket": str(folder / "socket"),
                "abstract": f"jinbang-{token[:8]}",
                "addresses": _own_addresses(),
                "port": listeners["tcp"].getsockname()[1],
                "victim": victim.pid,
            }
            yield here
        finally:
            del os.environ["JINBANG_CANARY"]
            victim.kill()
            victim.wait()
            for listener in listeners.values():
                listener.close()


def _own_addresses() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]


def attempt(case: Case, mode: str, here: World, make_box: MakeBox, left_over: Callable[[], int]) -> Finding:
    """One case once. `left_over` counts processes that outlived their box."""
    try:
        why = _attempt(case, here, make_box)
    except SandboxError as error:
        why = f"{_BROKE}: {error}"
    survivors = left_over()
    if survivors and not why:
        why = f"{survivors} processes outlived the box"
    return Finding(case.program, mode, why)


def _attempt(case: Case, here: World, make_box: MakeBox) -> str:
    files = {"main.py": (HOSTILE / f"{case.program}.py").read_bytes()}
    files |= {"targets.py": (HOSTILE / "targets.py").read_bytes(), "honest.py": HONEST}
    runs: list[RunResult] = []
    with make_box(files, case.limits) as box:
        for role in case.roles:
            runs.append(box.run(_spec(case, here, role)))
        left = box.read_files()
        box.reset()
        honest = box.run(RunSpec(script="honest.py"))
    for role in case.new_box_roles:
        with make_box(files, case.limits) as box:
            runs.append(box.run(_spec(case, here, role)))
    seen = Seen(tuple(runs), left)
    return here.touched() or _spoiled(case, here, seen) or _dishonest(honest) or case.expect(seen)


def _spec(case: Case, here: World, role: str) -> RunSpec:
    targets = json.dumps(here.targets | {"role": role})
    return RunSpec(script="main.py", env={"JINBANG_TARGETS": targets}, limits=case.limits)


def _spoiled(case: Case, here: World, seen: Seen) -> str:
    token = here.token.encode()
    if token in seen.output or any(token in data for data in seen.files.values()):
        return "a secret of the host came out"
    for line in seen.output.splitlines():
        if line.startswith(b"GOT "):
            return line.decode(errors="replace")
    if any(run.wall_s > runs.longest_s(case.limits.wall_s) + _SLACK_S for run in seen.runs):
        return "it ran on after its time"
    return ""


def _dishonest(result: RunResult) -> str:
    if result.stdout == _HONEST_SAYS and result.ok:
        return ""
    return f"the next run suffered: status {result.exit_code}, {result.stderr[-300:].decode(errors='replace')}"


def died_of(*reasons: str) -> Callable[[Seen], str]:
    """The sandbox ended it, for one of these reasons."""

    def check(seen: Seen) -> str:
        ended = str(seen.last.killed)
        return "" if ended in reasons else f"ended by {ended}, not {' or '.join(reasons)}"

    return check


def exits_with(status: int) -> Callable[[Seen], str]:
    """Its own exit status reached the judge unchanged."""
    return lambda seen: "" if seen.last.exit_code == status else f"exit status {seen.last.exit_code}, not {status}"


def signalled(number: signal.Signals) -> Callable[[Seen], str]:
    """It ended by this signal."""
    return lambda seen: "" if seen.last.signal == number else f"ended by signal {seen.last.signal}, not {number.name}"
