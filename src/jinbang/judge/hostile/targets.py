"""Shared by the hostile programs: where the targets are, and how to say what was got.

A program prints "GOT …" for what it got hold of; the selftest also looks from outside, at canaries and listeners.
"""
import ctypes
import json
import os
import platform
import subprocess

_given = json.loads(os.environ.get("JINBANG_TARGETS", "{}"))
CANARY = _given.get("canary", "/nowhere")
REFERENCE = _given.get("reference", "/nowhere")
JUDGE = _given.get("judge", "/nowhere")
SOCKET = _given.get("socket", "/nowhere")
ABSTRACT = _given.get("abstract", "nowhere")
ADDRESSES = _given.get("addresses", [])
PORT = _given.get("port", 1)
VICTIM = _given.get("victim", 99999)
ROLE = _given.get("role", "")

_COLUMN = ("x86_64", "aarch64").index(platform.machine())
_NUMBERS = {
    "unshare": (272, 97), "clone": (56, 220), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "fsopen": (430, 430), "open_tree": (428, 428), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "reboot": (169, 142), "swapon": (167, 224), "acct": (163, 89), "settimeofday": (164, 170),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "memfd_secret": (447, 447), "syslog": (103, 116),
    "personality": (135, 92), "memfd_create": (319, 279), "shmget": (29, 194), "mq_open": (240, 180),
}  # fmt: skip
CALLS = {name: numbers[_COLUMN] for name, numbers in _NUMBERS.items()}
_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number, *args):
    """Raises OSError when the kernel says no."""
    result = _libc.syscall(number, *[ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args])
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def got(what, attempt):
    """Says so when the attempt does not fail."""
    try:
        attempt()
    except (OSError, ValueError, AttributeError, OverflowError, IndexError):
        return
    print("GOT", what, flush=True)


def show(attempt):
    """Prints what the attempt gives."""
    try:
        print(attempt(), flush=True)
    except (OSError, ValueError):
        pass


def quietly(attempt):
    try:
        attempt()
    except (OSError, ValueError, AttributeError, OverflowError, IndexError):
        pass


def in_child(what, attempt):
    """As `got`, in a child, since the attempt may end whoever makes it."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            attempt()
            status = 0
        except OSError:
            pass
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1] == 0:
        print("GOT", what, flush=True)


def call(what, number, *args):
    in_child(what, lambda: syscall(number, *args))


def become_root():
    """Through a program with the setuid bit; the filter and no_new_privs make the bit void."""
    for program in ("/usr/bin/su", "/usr/bin/sudo", "/usr/bin/mount", "/usr/bin/passwd", "/bin/su"):
        if os.path.exists(program):
            answer = subprocess.run([program, "-c", "id -u"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if answer.stdout.strip() == b"0":
                return
    raise OSError("no root")
