"""A small helper that turns host paths into mounts that can be handed on; argv: the fd of its socket.

Detaching a copy of a mount (open_tree) takes a privilege that an ordinary user has only in a namespace of his own, so
this process is in one. It receives frames {"paths": […]} on its socket and answers with one file descriptor each; the
box that gets them puts them into its own tree (move_mount). As root it also reaches what the box's uid cannot.
"""

from __future__ import annotations

import json
import os
import socket
import sys

from . import linux, wire


def main() -> None:
    """Serves until the other side closes the socket."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    if os.geteuid() != 0:
        uid, gid = os.getuid(), os.getgid()
        linux.unshare(linux.NEWUSER | linux.NEWNS)
        linux.map_self(uid, uid, gid)
    while True:
        try:
            head, _ = wire.receive(sock)
        except wire.Closed:
            return
        _answer(sock, head["paths"])


def _answer(sock: socket.socket, paths: list[str]) -> None:
    fds: list[int] = []
    try:
        fds += [linux.open_tree(path) for path in paths]
        error = ""
    except OSError as problem:
        error = str(problem)
    wire.send_fds(sock, json.dumps({"error": error}).encode(), fds)
    for fd in fds:
        os.close(fd)
