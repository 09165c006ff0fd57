"""What a process tree uses, read from the /proc of the pid namespace above it."""

from __future__ import annotations

import os
from collections import namedtuple

Used = namedtuple("Used", "memory_kb cpu_s threads")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
_TICK = os.sysconf("SC_CLK_TCK")
NOTHING = Used(0, 0.0, 0)


def usage(proc: int, root: int, program: int, limit_kb: int) -> Used:
    """Sums over `program` and all processes below it and below `root` (which is ours: of it only the time of children
    it has reaped counts).

    Resident sizes count a page once per process that maps it. Only where their sum is over `limit_kb` is the
    exact share (Pss) looked up, which costs the kernel a walk over the page tables.
    """
    members = _members(proc, root, program)
    own = members.pop(root, (0, 0, 0, 0))
    resident = sum(each[2] for each in members.values()) * _PAGE_KB
    if resident > limit_kb:
        resident = sum(_share_kb(proc, pid, each[2] * _PAGE_KB) for pid, each in members.items())
    cpu = (own[1] + sum(each[1] for each in members.values())) / _TICK
    return Used(resident, cpu, sum(each[3] for each in members.values()))


def kept_waiting_s(proc: int, root: int, program: int) -> float:
    """Seconds for which a thread of `program`, or below it or `root`, was ready to run and had no processor: the one
    that waited longest.

    Where several are ready at once they wait for one another: each counts for its share, so that a bomb gains nothing.
    """
    waits, ready = [0], 0
    for pid in _members(proc, root, program):
        for thread in _names(proc, "%d/task" % pid):  # noqa: UP031
            place = "%d/task/%s/" % (pid, thread)  # noqa: UP031
            waits += [int(field) for field in _read(proc, place + "schedstat").split()[1:2]]
            ready += _read(proc, place + "stat").rpartition(b")")[2].split()[:1] == [b"R"]
    return max(waits) / 1e9 / max(1, ready)


def own_address_space() -> int:
    """Bytes of address space of the calling process."""
    fd = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        return int(os.read(fd, 4096).split()[0]) * _PAGE_KB * 1024
    finally:
        os.close(fd)


def _members(proc: int, *roots: int) -> dict[int, tuple[int, int, int, int]]:
    """pid → (parent, ticks, pages, threads) of the trees."""
    table = {}
    children: dict[int, list[int]] = {}
    for name in os.listdir(proc):
        if name.isdigit():
            row = _row(proc, name)
            if row:
                table[int(name)] = row
                children.setdefault(row[0], []).append(int(name))
    found, pending = {}, list(roots)
    while pending:
        pid = pending.pop()
        if pid in table:
            found[pid] = table[pid]
            pending += children.get(pid, ())
    return found


def _row(proc: int, name: str) -> tuple[int, int, int, int] | None:
    text = _read(proc, name + "/stat")
    fields = text.rpartition(b")")[2].split()  # the name before it may hold anything
    if len(fields) < 22:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])), int(fields[21]), int(fields[17])


def _share_kb(proc: int, pid: int, otherwise: int) -> int:
    """A process that ended since it was listed holds nothing; where the kernel tells no share, its resident size."""
    try:
        text = _bytes(proc, "%d/smaps_rollup" % pid)  # noqa: UP031
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:
        return otherwise
    for line in text.splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1])
    return otherwise


def _read(proc: int, name: str) -> bytes:
    try:
        return _bytes(proc, name)
    except OSError:  # it ended meanwhile
        return b""


def _names(proc: int, name: str) -> list[str]:
    try:
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    except OSError:  # it ended meanwhile
        return []
    try:
        return os.listdir(fd)
    except OSError:
        return []
    finally:
        os.close(fd)


def _bytes(proc: int, name: str) -> bytes:
    fd = os.open(name, os.O_RDONLY, dir_fd=proc)
    try:
        return os.read(fd, 4096)
    finally:
        os.close(fd)
