"""The words the sandbox is spoken to in: what to run, within which limits, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Kill(StrEnum):
    """Why the sandbox, and not the program, ended a run."""

    TIME = "time"  # wall clock, without the time it was kept from the processor
    CPU = "cpu"
    MEMORY = "memory"  # of the whole process tree and its tmpfs
    OUTPUT = "output"  # standard output or error, or a file over its limit
    PROCESSES = "processes"
    FORBIDDEN = "forbidden"  # a system call the filter kills for


@dataclass(frozen=True)
class Limits:
    """What one run may use. `memory_mb` is for the whole process tree; `tmp_mb` for each of /work, /tmp, /dev/shm."""

    wall_s: float = 10.0
    cpu_s: float = 5.0
    memory_mb: int = 256
    processes: int = 32  # threads count
    output_kb: int = 1024  # standard output, and again standard error
    file_mb: int = 32  # one file
    tmp_mb: int = 64  # all files of a folder together; the box's limits count, not the run's
    open_files: int = 128


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Mount:
    """A host file or folder shown inside at `target` (absolute), read-only unless `writable`."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class RunSpec:
    """One run. Without `script`, `argv[0]` is looked up inside the sandbox; `python` is the box's toolchain.

    `script` names a file in the box (`main.py`) that is run warm, as `__main__`, when the box has a zygote; a box
    without one runs `python script argv…` cold, with the same result.
    """

    argv: tuple[str, ...] = ()
    stdin: bytes = b""
    cwd: str = "/work"
    env: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    limits: Limits = DEFAULT_LIMITS
    script: str | None = None
    seccomp: str = "strict"


@dataclass(frozen=True)
class RunResult:
    """How a run ended, as seen from outside. Exactly one of `exit_code`, `signal` is set, unless `killed`."""

    exit_code: int | None
    signal: int | None
    killed: Kill | None
    wall_s: float
    cpu_s: float
    peak_kb: int
    stdout: bytes
    stderr: bytes

    @property
    def ok(self) -> bool:
        """The program ended by itself with status 0."""
        return self.killed is None and self.exit_code == 0


@dataclass(frozen=True)
class ReadyCheck:
    """How a companion says it is up: a unix socket or TCP port that accepts, or a line it prints; one is set.

    `unix_socket` is a path as the companion sees it.
    """

    unix_socket: str | None = None
    tcp_port: int | None = None
    line: str | None = None


@dataclass(frozen=True)
class Companion:
    """A trusted helper (database, offline web) that shares only the network with the program.

    It lives in its own pid and mount namespaces. `argv[0]` must be reachable through `mounts` or the system folders.
    """

    name: str
    argv: tuple[str, ...]
    ready: ReadyCheck
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    ready_timeout_s: float = 30.0  # a host under strain is slow, not broken
    memory_mb: int = 512
    seed: tuple[Mount, ...] = ()  # folders copied in before the start, writable there, gone with the box
