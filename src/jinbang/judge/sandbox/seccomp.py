"""The system call filter, as the bytes the kernel takes: an array of `struct sock_filter` (classic BPF).

Three kinds of call: those that only an attack makes end the process (the verdict is `forbidden`), those that a
library may try politely fail with an error, all others pass. Another architecture's calls (32-bit, x32) end the
process too, so the tables cannot be walked around. `clone3` answers ENOSYS because a filter cannot look into the
memory its flags are in; the C library then takes `clone`, whose flags it can see.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable
from functools import cache

KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NR, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_NAMESPACES = 0x7E020000 | 0x80  # every CLONE_NEW* flag, also CLONE_NEWTIME
_SHARED_ANONYMOUS = 0x21
_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink

# name: (x86_64, aarch64); None where the architecture has no such call
_KILLED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "bpf": (321, 280),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "open_by_handle_at": (304, 265),
    "pidfd_getfd": (438, 438),
}
_REFUSED = {
    "io_uring_setup": (425, 425, errno.ENOSYS),
    "io_uring_enter": (426, 426, errno.ENOSYS),
    "io_uring_register": (427, 427, errno.ENOSYS),
    "clone3": (435, 435, errno.ENOSYS),
    "userfaultfd": (323, 282, errno.ENOSYS),
    "perf_event_open": (298, 241, errno.EACCES),
    "fanotify_init": (300, 262, errno.EPERM),
    "add_key": (248, 217, errno.EPERM),
    "request_key": (249, 218, errno.EPERM),
    "keyctl": (250, 219, errno.EPERM),
    "kcmp": (312, 272, errno.EPERM),
    "syslog": (103, 116, errno.EPERM),
    "quotactl": (179, 60, errno.EPERM),
    "lookup_dcookie": (212, 18, errno.ENOSYS),
    "name_to_handle_at": (303, 264, errno.EPERM),
    "chroot": (161, 51, errno.EPERM),
    "vhangup": (153, 58, errno.EPERM),
    "nfsservctl": (180, 42, errno.ENOSYS),
    "shmget": (29, 194, errno.ENOSYS),  # memory that no process' size shows
    "semget": (64, 190, errno.ENOSYS),
    "msgget": (68, 186, errno.ENOSYS),
    "mbind": (237, 235, errno.EPERM),
    "migrate_pages": (256, 238, errno.EPERM),
    "move_pages": (279, 239, errno.EPERM),
    "personality": (135, 92, errno.EPERM),
    "memfd_secret": (447, 447, errno.ENOSYS),
}
_UNSEEN_MEMORY = {"memfd_create": (319, 279, errno.EPERM)}
_ON_OTHERS = {  # allowed on the caller itself only (first argument 0)
    "prlimit64": (302, 261),
}
_UNSHARE, _CLONE, _SOCKET, _MMAP = (272, 97), (56, 220), (41, 198), (9, 222)


@cache
def strict(machine: str | None = None) -> bytes:
    """The filter for candidates' programs. Raises ValueError on an architecture we have no table for."""
    return _program(machine or platform.machine(), browser=False)


@cache
def browser(machine: str | None = None) -> bytes:
    """As strict, but for a browser under test: memory files and shared anonymous memory are allowed."""
    return _program(machine or platform.machine(), browser=True)


def _program(machine: str, *, browser: bool) -> bytes:
    if machine not in _ARCH:
        raise ValueError(f"no system call filter for {machine}")
    column = list(_ARCH).index(machine)
    code = [_load(_ARCHITECTURE), _jump(_EQUAL, _ARCH[machine], 1, 0), _return(KILL), _load(_NR)]
    if machine == "x86_64":
        code += [_jump(_AT_LEAST, _X32_BIT, 0, 1), _return(KILL)]
    for numbers in _KILLED.values():
        code += _verdict(numbers[column], KILL)
    refused = _REFUSED if browser else _REFUSED | _UNSEEN_MEMORY
    for x86, arm, number in refused.values():
        code += _verdict((x86, arm)[column], ERRNO | number)
    for numbers in (_UNSHARE, _CLONE):
        code += _if_argument(numbers[column], 0, [_jump(_ANY_BIT, _NAMESPACES & ~0x80, 0, 1), _return(KILL)])
    for numbers in _ON_OTHERS.values():
        code += _if_argument(numbers[column], 0, [_jump(_EQUAL, 0, 1, 0), _return(ERRNO | errno.EPERM)])
    code += _if_argument(_SOCKET[column], 0, list(_families()))
    if not browser:
        flags = [_word(_AND, _SHARED_ANONYMOUS), _jump(_EQUAL, _SHARED_ANONYMOUS, 0, 1)]
        code += _if_argument(_MMAP[column], 3, [*flags, _return(ERRNO | errno.EPERM)])
    return b"".join([*code, _return(ALLOW)])


def _families() -> Iterable[bytes]:
    for index, family in enumerate(_FAMILIES):
        yield _jump(_EQUAL, family, len(_FAMILIES) - index, 0)
    yield _return(ERRNO | errno.EAFNOSUPPORT)


def _verdict(number: int | None, action: int) -> list[bytes]:
    return [] if number is None else [_jump(_EQUAL, number, 0, 1), _return(action)]


def _if_argument(number: int, index: int, then: list[bytes]) -> list[bytes]:
    """For call `number`: looks at the low half of argument `index`; afterwards the number is loaded again."""
    body = [_load(_ARGUMENTS + 8 * index), *then, _load(_NR)]
    return [_jump(_EQUAL, number, 0, len(body)), *body]


def _load(offset: int) -> bytes:
    return _word(_LOAD, offset)


def _return(action: int) -> bytes:
    return _word(_RETURN, action)


def _jump(code: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _word(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)
