"""The process that holds the job. Run by path; reads the job from standard input, writes JSON lines.

Every finding is written as soon as it is there, so a call that never returns costs only what comes after it.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import sys
from typing import Any

PR_SET_DUMPABLE = 4


def main() -> int:
    """Fork the host, then become unreadable, then read the job: in this order, so nothing can be overheard."""
    to_host, from_guard = os.pipe()
    to_guard, from_host = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(from_guard)
        os.close(to_guard)
        _host(to_host, from_host)
    os.close(to_host)
    os.close(from_host)
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the guard cannot make itself unreadable")
    _guard(json.loads(sys.stdin.buffer.read()), to_guard, from_guard)
    return 0


def _host(read_fd: int, write_fd: int) -> None:
    from . import host

    try:
        host.main(read_fd, write_fd, os.getcwd())
    finally:
        os._exit(0)


def _guard(job: dict[str, Any], read_fd: int, write_fd: int) -> None:
    from . import jobs
    from .peer import Gone, Peer
    from .proxy import Remote

    remote = Remote()
    remote.connect(Peer(os.fdopen(read_fd, "rb"), os.fdopen(write_fd, "wb"), remote.answer))
    try:
        jobs.JOBS[job["kind"]](job, remote, _emit)
    except Gone:
        _emit({"event": "gone"})
    else:
        _emit({"event": "done"})


def _emit(finding: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(finding) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.exit(importlib.import_module("jinbang_harness.guard").main())
