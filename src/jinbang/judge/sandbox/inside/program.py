"""From here on we are inside: process 1 of a run, and the program itself."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # the module signal makes enums of all it returns, which takes time
import contextlib
import os
import resource
import struct

from . import linux, script

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from typing import Any


_MB = 1 << 20
_STACK_MB = 8
_SIGNALS = [number for number in range(1, _signal.NSIG) if number not in (32, 33)]  # these are the C library's
_FILES_PER_MB = 100


def first_process(
    head: dict[str, Any], fds: tuple[int, ...], call_filter: bytes, tmp_mb: int, baseline: int, extra: int
) -> None:
    """Process 1 of the run's pid namespace: starts the program, reaps, says how it ended. Never returns."""
    status = -1
    try:
        linux.die_with_parent()
        linux.dumpable(False)
        _signal.pthread_sigmask(_signal.SIG_BLOCK, _SIGNALS)  # the program may signal us, to no effect
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        fresh_folder("/tmp", tmp_mb)
        fresh_folder("/dev/shm", tmp_mb)
        pid = os.fork()
        if pid == 0:
            _become_the_program(head, fds[:3], call_filter, baseline, extra)
        _only(fds[3], fds[3])
        os.setsid()
        while status < 0:
            ended, code, usage = os.wait4(-1, 0)
            if ended == pid:
                status = code
        os.write(fds[3], struct.pack("iq", status, usage.ru_maxrss))
    finally:
        os._exit(0)


def fresh_folder(target: str, size_mb: int) -> None:
    """An empty folder in memory: capped in bytes and in files."""
    size = "size=%dm,nr_inodes=%d,mode=755" % (size_mb, 1000 + _FILES_PER_MB * size_mb)  # noqa: UP031
    linux.mount("tmpfs", target, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, size)


def _become_the_program(
    head: dict[str, Any], fds: tuple[int, ...], call_filter: bytes, baseline: int, extra: int
) -> None:
    try:
        os.setsid()
        for target, fd in enumerate(fds):
            os.dup2(fd, target)
        _only(0, 2)
        os.umask(0o022)
        os.chdir(head["cwd"])
        _limit(head["limits"], baseline, extra, head["strict"])
        linux.drop_capabilities()
        linux.no_new_privileges()
        linux.die_with_parent()
        linux.dumpable(True)
        _usual_signals(head["script"] is None)
        linux.seccomp(call_filter)
        if head["script"] is None:
            os.execvpe(head["argv"][0], head["argv"], head["env"])
        os._exit(script.run(head["script"], head["argv"], head["env"]))
    except Exception as error:  # noqa: BLE001 - exactly what a shell would say
        os.write(2, ("%s: %s\n" % (head["argv"][:1], error)).encode())  # noqa: UP031
    finally:
        os._exit(127)


def _limit(limits: dict[str, Any], baseline: int, extra: int, strict: bool) -> None:
    """Backstops of the watch, which looks at the whole tree: these bind one process, but at once."""
    address_space = baseline + (4 * limits["memory_mb"] + 2048) * _MB if strict else None
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(limits["cpu_s"]) + 1),
        (resource.RLIMIT_FSIZE, limits["file_mb"] * _MB),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_NPROC, limits["processes"] + extra),
        (resource.RLIMIT_STACK, _STACK_MB * _MB),
        (resource.RLIMIT_MEMLOCK, 64 * 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_AS, address_space),
    ):
        if value is not None:
            resource.setrlimit(which, (value, value))


def _usual_signals(every: bool) -> None:
    """A program starts with the default actions; a warm script keeps what its interpreter has set up."""
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
        if every:
            _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def _only(first: int, last: int) -> None:
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
