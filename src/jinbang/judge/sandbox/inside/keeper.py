"""The keeper of a room: forks one process for every box; in a warm room also the zygote that scripts are copies of.

The process of the next box waits already and takes the judge's message itself; the keeper then forks another.
The keeper is process 1 of the room and trusted; no program of a candidate ever runs in it. When the judge's end of the
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
    if error:
        wire.send(control, {"error": error})
        sys.exit(1)
    zygote.keep_shared()
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    told, taken = os.pipe()
    os.set_blocking(told, False)
    poll = select.poll()
    poll.register(told, select.POLLIN)
    poll.register(control, 0)  # its end only: what comes is for the next box
    spare = _next_box(control, taken, proc, copies)
    wire.send(control, {"error": ""})
    while True:
        if control.fileno() in dict(poll.poll(1000)):
            sys.exit(0)
        ended = _reaped()  # asked before whether the spare has become a box: it tells so before it can end
        if _has_told(told):
            spare = _next_box(control, taken, proc, copies)
        if ended & {copier, spare}:  # without them the room is of no use: the judge makes another
            sys.exit(1)


def _next_box(control: socket.socket, taken: int, proc: int, copies: socket.socket | None) -> int:
    """Forks the process that takes the next box from `control`, tells so over `taken` and becomes it: its pid."""
    pid = os.fork()
    if pid == 0:
        config, fds = _take(control)
        os.write(taken, b".")
        os.close(taken)
        control.close()
        boxed.serve_and_exit(socket.socket(fileno=fds[0]), config, fds[1:], proc, copies)
    return pid


def _take(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """What the judge asks for; ends this process when the judge is gone."""
    try:
        data, fds = wire.receive_fds(control, 64)
    except wire.Closed:
        os._exit(0)
    return json.loads(data.decode()), fds


def _has_told(told: int) -> bool:
    try:
        return bool(os.read(told, 1))
    except BlockingIOError:
        return False


def _reaped() -> set[int]:
    """The children that have ended since the last look."""
    ended: set[int] = set()
    while True:
        pid = os.waitpid(-1, os.WNOHANG)[0]  # the spare is always there to wait for
        if pid == 0:
            return ended
        ended.add(pid)
