"""The system calls Python 3.7 has no name for, through the C library. Every one raises OSError when it fails."""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
_PDEATHSIG, _DUMPABLE, _SECCOMP, _CAPBSET_DROP, _NO_NEW_PRIVS = 1, 4, 22, 24, 38
_FILTER = 2
_SPAWN_SETSIGMASK, _SPAWN_SETSID = 0x08, 0x80
_SIGCHLD = 17
_CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))  # noqa: UP031
    return result


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    result = _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _check(result, "mount " + target)


def fork_into(flags: int) -> int:
    """fork(2) into new namespaces. The child must fork() once more before it runs anything that uses threads."""
    return _check(_libc.syscall(_CLONE, ctypes.c_ulong(flags | _SIGCHLD), None, None, None, None), "clone")


def map_self(inside: int, uid: int, gid: int) -> None:
    """In a new user namespace: the caller's own ids become `inside`."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", "%d %d 1" % (inside, uid)),  # noqa: UP031
        ("gid_map", "%d %d 1" % (inside, gid)),  # noqa: UP031
    ):
        put("/proc/self/" + name, text.encode())


def put(path: str, data: bytes) -> None:
    """Writes a file as the C library would: what `open` builds around it costs a box more than the writing."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)


def die_with_parent() -> None:
    _check(_libc.prctl(_PDEATHSIG, 9, 0, 0, 0), "prctl pdeathsig")


def dumpable(yes: bool) -> None:
    """Without it: no ptrace, no /proc/pid/mem, no /proc/pid/fd for others, whatever their uid."""
    _check(_libc.prctl(_DUMPABLE, int(yes), 0, 0, 0), "prctl dumpable")


def no_new_privileges() -> None:
    _check(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl no_new_privs")


def drop_capabilities() -> None:
    """Empties all five sets; the bounding set too, so that nothing can bring one back."""
    for number in range(64):
        if _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, bytes(24)), "capset")


def seccomp(program: bytes) -> None:
    """Installs a filter (an array of struct sock_filter); needs no_new_privileges()."""
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_SECCOMP, _FILTER, fprog, 0, 0), "prctl seccomp")


def loopback_up() -> None:
    """Brings up `lo` of this network namespace and lets services in it use ports below 1024."""
    import socket  # only boxes need it, and their keeper has it: the way into a companion would wait for it

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(sock, 0x8914, request)  # SIOCSIFFLAGS


def open_tree(path: str) -> int:
    """A detached copy of the mount at `path` and all below it."""
    flags = 0x1 | os.O_CLOEXEC | 0x8000  # OPEN_TREE_CLONE, AT_RECURSIVE
    return _check(_libc.syscall(428, -100, path.encode(), ctypes.c_uint(flags)), "open_tree " + path)


def move_mount(fd: int, target: str) -> None:
    """Puts a detached mount at `target`."""
    _check(_libc.syscall(429, fd, b"", -100, target.encode(), ctypes.c_uint(4)), "move_mount " + target)


def unmount(target: str) -> None:
    """Takes the mount out of the tree at once, whoever still holds something in it (MNT_DETACH)."""
    _check(_libc.umount2(target.encode(), 2), "umount " + target)


def become(uid: int | None) -> None:
    """Takes an id for good and with it loses every capability; None stays who we are."""
    if uid is not None:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def pidfd_open(pid: int) -> int:
    """A descriptor that is readable when the child `pid` has ended."""
    return _check(_libc.syscall(434, pid, 0), "pidfd_open")


def close_range(first: int, last: int) -> None:
    _check(_libc.syscall(436, ctypes.c_uint(first), ctypes.c_uint(last), ctypes.c_uint(0)), "close_range")


def spawn(argv: list[str], env: dict[str, str]) -> int:
    """Starts a program in a session of its own, with no signal blocked, as a child that borrows our memory until it
    has its own: a fork would copy it first. Returns its pid."""
    attributes, none = ctypes.create_string_buffer(1024), ctypes.create_string_buffer(128)
    _libc.posix_spawnattr_init(attributes)
    _libc.posix_spawnattr_setflags(attributes, ctypes.c_short(_SPAWN_SETSIGMASK | _SPAWN_SETSID))
    _libc.posix_spawnattr_setsigmask(attributes, none)
    pid = ctypes.c_int()
    words = _strings(argv), _strings(["%s=%s" % pair for pair in env.items()])  # noqa: UP031
    number = _libc.posix_spawnp(ctypes.byref(pid), argv[0].encode(), None, attributes, *words)
    if number:
        raise OSError(number, os.strerror(number))
    return pid.value


def _strings(texts: list[str]) -> ctypes.Array[ctypes.c_char_p]:
    return (ctypes.c_char_p * (len(texts) + 1))(*[os.fsencode(text) for text in texts])
