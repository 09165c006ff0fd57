"""A slot is a place for one box at a time. Where the judge is root, each has a user id of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

COUNT = 256
BASE = 1_784_800_000  # real ids, far from any account: BASE is the keepers', BASE + 1000 + n a slot's
COMPANIONS = BASE + 2000
_FIRST = 1000


def id_map() -> list[list[int]] | None:
    """As root: the ids of a room's user namespace."""
    if os.geteuid() != 0:
        return None
    return [[0, BASE, 1], [_FIRST, BASE + _FIRST, COUNT]]


def bwrap_ids() -> list[str]:
    """How bubblewrap treats ids: as root the user namespace is there already, and the keeper may change ids.

    A zygote may fork into pid namespaces of the room.
    """
    if os.geteuid() == 0:
        ids = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        ids = ["--unshare-user", "--uid", str(_FIRST), "--gid", str(_FIRST)]
    return [*ids, "--cap-add", "CAP_SYS_ADMIN"]


def uid_in_room(slot: int) -> int | None:
    """The id a box takes in its room, before it makes its own user namespace."""
    return _FIRST + slot if os.geteuid() == 0 else None


def companion_uid(slot: int) -> int | None:
    """The real id of a slot's companions: not the program's."""
    return COMPANIONS + slot if os.geteuid() == 0 else None


@contextmanager
def slot() -> Iterator[int]:
    """A slot nobody else on this machine holds, whatever process they are in; the kernel frees it if we die."""
    for number in range(COUNT):
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            lock.bind(f"\0jinbang-slot-{os.geteuid()}-{number}")
        except OSError:
            lock.close()
            continue
        with lock:
            yield number
        return
    raise RuntimeError(f"all {COUNT} slots are taken")
