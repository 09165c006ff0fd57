"""The keeper of a room: imports what runs shall find imported, then forks one process for every box.

It is process 1 of the room and trusted; no program of a candidate ever runs in it. When the judge's end of the
control socket closes, it leaves, and the kernel ends everything in the room.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import socket
import sys

from . import boxed, wire

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """argv: control socket's fd, then the modules to import."""
    control = socket.socket(fileno=int(sys.argv[1]))
    error = _import_all(sys.argv[2:])
    wire.send(control, {"error": error, "python": sys.version})
    if error:
        sys.exit(1)
    _forget_the_way_in()
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    while True:
        if select.select([control], [], [], 1.0)[0]:
            config, fds = _next_box(control)
            if os.fork() == 0:
                control.close()
                boxed.serve_and_exit(socket.socket(fileno=fds[0]), config, fds[1:], proc)
            for fd in fds:
                os.close(fd)
        _reap()


def _import_all(names: list[str]) -> str:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is the judge's answer
            return "%s: %s: %s" % (name, type(error).__name__, error)  # noqa: UP031
    return ""


def _forget_the_way_in() -> None:
    """Programs find neither our folder on the path nor our modules under their names."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [folder for folder in sys.path if folder and os.path.abspath(folder) != here]
    gc.collect()
    gc.freeze()  # what is here now stays shared by all that are forked: the collector does not touch it again
    gc.disable()


def _next_box(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    try:
        data, fds = wire.receive_fds(control, 64)
    except wire.Closed:
        sys.exit(0)
    return json.loads(data.decode()), fds


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
