"""One submission's sandbox, as the judge sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from . import cgroups, layout, rooms, seccomp, slots
from . import companions as companion_processes
from .inside import runs, wire
from .rooms import SandboxError
from .spec import DEFAULT_LIMITS, Companion, Kill, Limits, Mount, RunResult, RunSpec

_GRACE_S = 30.0  # beyond what a run may take on a busy host: then the sandbox itself hangs


class Box:
    """Holds a submission's files and runs programs on them; a context manager, used once.

    `files` are written to /work. They and what runs leave there stay for the next run
    in the box; /tmp and /dev/shm are new for each. `limits.tmp_mb` caps each of the three. `hosts` maps names to
    addresses. `warm` None starts a new interpreter for every run; a string (modules to import, may be empty) lets
    scripts run in a copy of an interpreter that has imported them. Raises SandboxError where the sandbox fails.
    """

    def __init__(
        self,
        *,
        files: Mapping[str, bytes],
        limits: Limits = DEFAULT_LIMITS,
        mounts: tuple[Mount, ...] = (),
        toolchain: layout.ToolchainLike,
        companions: tuple[Companion, ...] = (),
        hosts: Mapping[str, str] | None = None,
        warm: str | None = None,
    ) -> None:
        _check_names(files)
        _check_targets(mounts)
        self._files, self._limits, self._mounts, self._toolchain = files, limits, mounts, toolchain
        self._companions, self._hosts, self._warm = companions, dict(hosts or {}), warm
        self._stack = ExitStack()
        self._group: Path | None = None

    def __enter__(self) -> Box:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _open(self) -> None:
        slot = self._stack.enter_context(slots.slot())
        room = rooms.room_for(self._toolchain, self._warm)
        self.python = room.python
        config = {
            "uid": slots.uid_in_room(slot),
            "tmp_mb": self._limits.tmp_mb,
            "hosts": self._hosts,
            "companions": bool(self._companions),
            "mounts": [[mount.target, mount.writable] for mount in self._mounts],
        }
        fences = self._stack.enter_context(ExitStack())
        with ExitStack() as opened:
            fds = self._fence(slot, fences)
            config["group"] = bool(fds)
            fds += rooms.open_trees([str(mount.source.resolve()) for mount in self._mounts])
            for fd in fds:
                opened.callback(os.close, fd)
            self._sock = room.open_box(config, fds)
        self._stack.callback(self._gone)
        self._sock.settimeout(_GRACE_S)
        # Not waited for: what goes wrong in there is told in place of the next answer.
        self._send({"names": list(self._files)}, tuple(self._files.values()))
        if self._companions:
            self._start_companions(slot)

    def _fence(self, slot: int, fences: ExitStack) -> list[int]:
        """Where there is a control group for us: the way into one for this box, which lasts as long as `fences`."""
        parent, _ = cgroups.delegated()
        if parent is None:
            return []
        memory_mb = self._limits.memory_mb + 3 * self._limits.tmp_mb
        name = f"jinbang-{os.getpid()}-{slot}"
        group = cgroups.group(parent, name, memory_mb=memory_mb, processes=self._limits.processes)
        self._group = fences.enter_context(group)
        return [os.open(self._group / "cgroup.procs", os.O_WRONLY)]

    def _gone(self) -> None:
        """Closes the box and waits until it is no more."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
            while self._sock.recv(4096):
                pass
        except OSError:
            pass
        self._sock.close()

    def _start_companions(self, slot: int) -> None:
        fds = self._namespaces()
        try:
            waits = [
                self._stack.enter_context(companion_processes.started(each, slot, fds[0], fds[1], self._port))
                for each in self._companions
            ]
            for wait in waits:
                wait()
        finally:
            for fd in fds:
                os.close(fd)

    def _namespaces(self) -> list[int]:
        try:
            data, fds = wire.receive_fds(self._sock, 2)
        except (OSError, wire.Closed) as error:
            raise SandboxError(f"the box is gone: {error!r}") from error
        if not fds:
            raise SandboxError(json.loads(data)["error"])
        return fds

    def _port(self, port: int) -> bool:
        return bool(self._ask({"do": "connect", "port": port})[0]["ok"])

    def run(self, spec: RunSpec) -> RunResult:
        """Runs one program and returns when it and all it started are gone."""
        argv = list(spec.argv)
        warm = self._warm is not None and spec.script is not None
        if spec.script is not None and not warm:
            argv = [self.python, spec.script, *argv]
        elif argv and argv[0] == "python":
            argv[0] = self.python
        head = {
            "do": "run",
            "argv": argv,
            "script": spec.script if warm else None,
            "cwd": spec.cwd,
            "env": rooms.ENV | dict(spec.env),
            "limits": asdict(spec.limits),
            "strict": spec.seccomp == "strict",
        }
        self._sock.settimeout(runs.longest_s(spec.limits.wall_s) + _GRACE_S)
        result, (stdout, stderr) = self._ask(head, (spec.stdin, _FILTERS[spec.seccomp]()))
        if self._group is not None and result["signal"] == signal.SIGKILL and cgroups.oom_kills(self._group):
            result["killed"] = result["killed"] or Kill.MEMORY
        return RunResult(
            exit_code=result["code"],
            signal=result["signal"],
            killed=Kill(result["killed"]) if result["killed"] else None,
            wall_s=result["wall_s"],
            cpu_s=result["cpu_s"],
            peak_kb=result["peak_kb"],
            stdout=stdout,
            stderr=stderr,
        )

    def reset(self) -> None:
        """Puts /work back to the files the box was made with."""
        self._ask({"do": "reset"})

    def read_files(self) -> Mapping[str, bytes]:
        """What is in /work: regular files only, no link followed, at most 2,000 files and `tmp_mb` together."""
        head, blobs = self._ask({"do": "read", "max_bytes": self._limits.tmp_mb << 20})
        return dict(zip(head["names"], blobs, strict=True))

    def _ask(self, head: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> tuple[dict[str, Any], list[bytes]]:
        self._send(head, blobs)
        try:
            answer, data = wire.receive(self._sock)
        except (OSError, wire.Closed) as error:
            raise SandboxError(f"the box is gone: {error!r}") from error
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer, data

    def _send(self, head: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
        """A box that has failed is gone, but its last words can still be received."""
        try:
            wire.send(self._sock, dict(head), blobs)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except OSError as error:
            raise SandboxError(f"the box is gone: {error!r}") from error


def _check_names(files: Mapping[str, bytes]) -> None:
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
            raise ValueError(f"not a file name for a box: {name!r}")


def _check_targets(mounts: tuple[Mount, ...]) -> None:
    for mount in mounts:
        parts = PurePosixPath(mount.target).parts
        if len(parts) < 3 or ".." in parts or f"/{parts[1]}" not in (*layout.TOPS, "/work"):
            raise ValueError(f"{mount.target}: a box may add mounts below {', '.join(layout.TOPS)} and /work")


_FILTERS = {"strict": seccomp.strict, "browser": seccomp.browser}
