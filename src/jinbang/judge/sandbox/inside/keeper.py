"""The keeper of a room: forks one process for every box; in a warm room also the zygote that scripts are copies of.

It is process 1 of the room and trusted; no program of a candidate ever runs in it. When the judge's end of the
control socket closes, it leaves, and the kernel ends everything in the room.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys

from . import boxed, wire, zygote

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """argv: control socket's fd, "cold" or "warm", then the modules to import."""
    control = socket.socket(fileno=int(sys.argv[1]))
    copier, copies, error = zygote.start(sys.argv[3:]) if sys.argv[2] == "warm" else (0, None, "")
    wire.send(control, {"error": error, "python": sys.version})
    if error:
        sys.exit(1)
    zygote.keep_shared()
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    while True:
        if select.select([control], [], [], 1.0)[0]:
            config, fds = _next_box(control)
            if os.fork() == 0:
                control.close()
                boxed.serve_and_exit(socket.socket(fileno=fds[0]), config, fds[1:], proc, copies)
            for fd in fds:
                os.close(fd)
        _reap(copier)


def _next_box(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    try:
        data, fds = wire.receive_fds(control, 64)
    except wire.Closed:
        sys.exit(0)
    return json.loads(data.decode()), fds


def _reap(copier: int) -> None:
    """A room that has lost its zygote is of no use: the judge makes another."""
    try:
        while True:
            pid = os.waitpid(-1, os.WNOHANG)[0]
            if pid == 0:
                return
            if pid == copier:
                sys.exit(1)
    except ChildProcessError:
        pass
