"""From here on we are inside: process 1 of a run, and the program itself."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # the module signal makes enums of all it returns, which takes time
import contextlib
import os
import resource

from . import linux, tree, wire

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_MB = 1 << 20
_STACK_MB = 8
_SIGNALS = [number for number in range(1, _signal.NSIG) if number not in (32, 33)]  # these are the C library's
_FILES_PER_MB = 100
_STATUS = 3
_OURS = 2  # processes in the box's user namespace: the box itself and the run's process 1
_REAPING_S = 60


def first_process(
    head: dict[str, Any], fds: tuple[int, ...], call_filter: bytes, tmp_mb: int, hand_over: Callable[[], None] | None
) -> None:
    """Process 1 of the run's pid namespace: starts the program, reaps, says how it ended. Never returns.

    `fds` become standard input, output, error, and where the end is told. `hand_over` has the zygote start a script.
    All that shall bind a new interpreter binds this process first, so that it starts without a copy of ours being made.
    """
    try:
        size = tree.own_address_space()
        linux.die_with_parent()
        linux.dumpable(False)
        _signal.pthread_sigmask(_signal.SIG_BLOCK, _SIGNALS)  # the program may signal us, to no effect
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        fresh_folder("/tmp", tmp_mb)
        fresh_folder("/dev/shm", tmp_mb)
        os.setsid()
        if hand_over:
            hand_over()
            only(1, 0)
            _reap_for_ever()
        for target, fd in enumerate(fds):
            os.dup2(fd, target, target != _STATUS)
        only(0, _STATUS)
        pid = _start(head, call_filter, size)
        only(_STATUS, _STATUS)
        status, peak_kb = _end_of(pid)
        wire.tell(_STATUS, pid, status, peak_kb)
    finally:
        os._exit(0)


def _start(head: dict[str, Any], call_filter: bytes, size: int) -> int:
    """The program's pid; where there is no such program, that of one that says so."""
    try:
        _usual_signals()
        confine(head, call_filter, size)
        return linux.spawn(head["argv"], head["env"])
    except OSError as error:
        return _refusal("%s: %s\n" % (head["argv"][:1], error))  # noqa: UP031 - exactly what a shell would say


def _refusal(text: str) -> int:
    pid = os.fork()
    if pid == 0:
        os.write(2, text.encode())
        os._exit(127)
    return pid


def _end_of(pid: int) -> tuple[int, int]:
    """Reaps until `pid` has ended: its status, and the most memory it had (kB)."""
    while True:
        ended, status, usage = os.wait4(-1, 0)
        if ended == pid:
            return status, usage.ru_maxrss


def _reap_for_ever() -> None:
    while True:
        _signal.sigwait([_signal.SIGCHLD])
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def confine(head: dict[str, Any], call_filter: bytes, size: int) -> None:
    """Everything that binds a program binds the caller, whose address space is of `size` bytes; it stays so."""
    os.umask(0o022)
    os.chdir(head["cwd"])
    _limit(head["limits"], size, head["strict"])
    linux.drop_capabilities()
    linux.no_new_privileges()
    linux.seccomp(call_filter)


def fresh_folder(target: str, size_mb: int) -> None:
    """An empty folder in memory: capped in bytes and in files."""
    size = "size=%dm,nr_inodes=%d,mode=755" % (size_mb, 1000 + _FILES_PER_MB * size_mb)  # noqa: UP031
    linux.mount("tmpfs", target, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, size)


def _limit(limits: dict[str, Any], size: int, strict: bool) -> None:
    """Backstops of the watch, which looks at the whole tree: these bind one process, but at once."""
    seconds = int(limits["cpu_s"]) + 1
    # Process 1 reaps for a program that may start many. SIGXCPU it has blocked; SIGKILL at the hard limit nobody can.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + _REAPING_S))
    address_space = size + (4 * limits["memory_mb"] + 2048) * _MB if strict else None
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits["file_mb"] * _MB),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_NPROC, limits["processes"] + _OURS),
        (resource.RLIMIT_STACK, _STACK_MB * _MB),
        (resource.RLIMIT_MEMLOCK, 64 * 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_AS, address_space),
    ):
        if value is not None:
            resource.setrlimit(which, (value, value))


def _usual_signals() -> None:
    """A program starts with the default actions; a warm script keeps what its interpreter has set up."""
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(number, _signal.SIG_DFL)


def only(first: int, last: int) -> None:
    """Closes every file descriptor but those from `first` to `last`."""
    try:
        if first:
            linux.close_range(0, first - 1)
        linux.close_range(last + 1, 0xFFFFFFFF)
    except OSError:  # Linux before 5.9
        for name in os.listdir("/proc/self/fd"):
            if not first <= int(name) <= last:
                with contextlib.suppress(OSError):  # the listing's own is closed already
                    os.close(int(name))
