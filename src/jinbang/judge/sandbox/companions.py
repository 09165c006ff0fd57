"""Trusted helpers beside the program: they share its network namespace, nothing else.

A companion is a bubblewrap of its own: own user, pid, mount, ipc and uts namespaces, no capabilities, where the judge
is root a real uid that is not the program's. So the program can speak to it through its sockets only: it cannot
signal, trace or see it. A unix socket reaches the program by a folder that is mounted in both (`Companion.mounts`
writable, `Box(mounts=…)` read-only).
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from . import layout, rooms, slots
from .spec import Companion

_ID = 999  # what a companion takes itself for
_POLL_S = 0.005


class CompanionError(rooms.SandboxError):
    """A service did not come up: the verdict is `service_unavailable`, never a mark."""


@contextmanager
def started(
    companion: Companion, slot: int, net: int, user: int, accepts: Callable[[int], bool]
) -> Iterator[Callable[[], None]]:
    """The companion in the network namespace `net`; ended at exit. `accepts` tries a TCP port in there.

    Gives a function that waits until it is ready and raises CompanionError when it is not in time. `companion.seed`
    is copied into memory, at most `memory_mb` with all that is written there.
    """
    process = rooms.start_bwrap(
        _args(companion),
        pass_fds=(net, user),
        join=[None if os.geteuid() == 0 else user, net],
        uid=slots.companion_uid(slot),
        data_mb=companion.memory_mb,
        seed_mb=companion.memory_mb,
    )
    try:
        yield lambda: _wait(companion, process, accepts)
    finally:
        rooms.end_bwrap(process)


@contextmanager
def apart(companion: Companion) -> Iterator[Callable[[], None]]:
    """As `started`, without seed and in a network of its own: a helper kept warm for boxes to come."""
    with slots.slot() as slot:
        process = rooms.start_bwrap(
            ["--unshare-net", *_args(companion)],
            pass_fds=(),
            uid=slots.companion_uid(slot),
            data_mb=companion.memory_mb,
        )
        try:
            yield lambda: _wait(companion, process, lambda _: False)
        finally:
            rooms.end_bwrap(process)


def _args(companion: Companion) -> list[Any]:
    args: list[Any] = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    args += ["--die-with-parent", "--cap-drop", "ALL", "--uid", str(_ID), "--gid", str(_ID)]
    args += layout.bwrap_root(())
    args += ["--proc", "/proc", "--size", str(companion.memory_mb << 20), "--tmpfs", "/tmp"]
    args += layout.bwrap_mounts(companion.mounts)
    for seed in companion.seed:
        args += layout.bwrap_folders(seed.target)
        args += ["--bind", {"seed": str(seed.source)}, seed.target]
    for name, text in (("passwd", f"companion:x:{_ID}:{_ID}::/tmp:/bin/sh\n"), ("hosts", "127.0.0.1 localhost\n")):
        args += ["--perms", "0644", "--file", {"data": text}, f"/etc/{name}"]
    args += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]
    for key, value in {"PATH": layout.PATH, "HOME": "/tmp", "LANG": "C.UTF-8", **companion.env}.items():
        args += ["--setenv", key, value]
    return [*args, *companion.argv]


def _wait(companion: Companion, process: subprocess.Popen[bytes], accepts: Callable[[int], bool]) -> None:
    deadline = time.monotonic() + companion.ready_timeout_s
    ready = _check(companion, process, accepts)
    while not ready():
        if process.poll() is not None:
            words = process.communicate()[1].decode(errors="replace").strip()[-500:]
            raise CompanionError(f"{companion.name} ended with status {process.returncode}: {words}")
        if time.monotonic() > deadline:
            raise CompanionError(f"{companion.name} is not ready after {companion.ready_timeout_s:g} s")
        time.sleep(_POLL_S)


def _check(
    companion: Companion, process: subprocess.Popen[bytes], accepts: Callable[[int], bool]
) -> Callable[[], bool]:
    ready = companion.ready
    if ready.unix_socket is not None:
        path = _on_host(companion, ready.unix_socket)
        return lambda: _connects(path)
    if ready.tcp_port is not None:
        port = ready.tcp_port
        return lambda: accepts(port)
    wanted = (ready.line or "").encode()
    seen = bytearray()
    assert process.stdout is not None
    stdout = process.stdout.fileno()

    def printed() -> bool:
        if select.select([stdout], [], [], 0)[0]:
            seen.extend(os.read(stdout, 4096))
        return wanted in seen

    return printed


def _on_host(companion: Companion, path: str) -> Path:
    """Where a socket that the companion makes at `path` is seen from here. Raises ValueError if nowhere."""
    for mount in companion.mounts:
        if PurePosixPath(path).is_relative_to(mount.target):
            return mount.source / PurePosixPath(path).relative_to(mount.target)
    raise ValueError(f"{companion.name}: {path} is in no folder of its mounts")


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
