"""A second fence where the operator gives us one: a delegated cgroup v2 with memory and pids.

Without it the watch in inside/runs.py ends what goes over its limit a moment later; with it the kernel refuses at once.
The group is named in JINBANG_JUDGE_CGROUP (with systemd: Delegate=yes and DelegateSubgroup=judge; then the service's
own group). It is never guessed: making groups in a tree that belongs to somebody else would be rude.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "JINBANG_JUDGE_CGROUP"
_NEEDED = {"memory", "pids"}
_OWN_MB = 64  # the box's own two processes
_OWN_PIDS = 4


def delegated(environ: Mapping[str, str] = os.environ) -> tuple[Path | None, str]:
    """The group we may make groups in, or None; and in words why."""
    name = environ.get(VARIABLE)
    if not name:
        return None, f"{VARIABLE} is not set: the process tree is watched instead"
    group = Path(name)
    try:
        given = set((group / "cgroup.subtree_control").read_text().split())
        if not given >= _NEEDED:
            (group / "cgroup.subtree_control").write_text("+memory +pids")
        writable = os.access(group / "cgroup.procs", os.W_OK)
    except OSError as error:
        return None, f"{group} is not delegated: {error}"
    return (group, f"in {group}") if writable else (None, f"{group} is not ours to write to")


@contextmanager
def group(parent: Path, name: str, *, memory_mb: int, processes: int) -> Iterator[Path]:
    """A group for a box and its programs, which join it over a descriptor of cgroup.procs that we open (Linux ≥ 5.16:
    it counts who opened it, not who writes).

    Effects: a folder in the cgroup tree, removed at the end. Raises OSError where the kernel refuses.
    """
    folder = parent / name
    folder.mkdir()
    try:
        for file, value in (
            ("memory.max", (memory_mb + _OWN_MB) << 20),
            ("memory.swap.max", 0),
            ("pids.max", processes + _OWN_PIDS),
        ):
            (folder / file).write_text(str(value))
        yield folder
    finally:
        _remove(folder)


def oom_kills(folder: Path) -> int:
    """How many processes of the group the kernel has ended for want of memory."""
    events = dict(line.split() for line in (folder / "memory.events").read_text().splitlines())
    return int(events.get("oom_kill", 0))


def _remove(folder: Path) -> None:
    """The group is busy until the kernel has buried its last process; that is over in a moment."""
    for _ in range(100):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.01)
    folder.rmdir()
