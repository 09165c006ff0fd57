"""The zygote of a warm room: an interpreter that has imported the profile's modules. Every script runs in a copy of it.

A fork of a large process takes milliseconds, and so does its end. Only the program's own process is such a copy: boxes
and process 1 of a run are forked by the keeper, which has imported nothing. Process 1 makes what a run needs and
hands the zygote its namespaces; the copy is born in its pid namespace and enters the others before anything of the
candidate's runs. The zygote is the copy's parent: it tells the box when it starts and how it ended.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import select
import socket
import sys

from . import linux, program, script, tree, wire

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


# In the order in which they are entered: the first gives the right to enter the rest.
_SPACES = (
    ("user", linux.NEWUSER),
    ("ipc", linux.NEWIPC),
    ("uts", linux.NEWUTS),
    ("net", linux.NEWNET),
    ("cgroup", linux.NEWCGROUP),
    ("mnt", linux.NEWNS),
)
_STREAMS = 4  # standard input, output, error, and where the end is told
_LARGEST = 1 << 18


def start(names: list[str]) -> tuple[int, socket.socket, str]:
    """Forks a zygote that imports `names`: its pid, the socket for `ask`, and what went wrong, or ''."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            _serve(theirs, names)
        finally:
            os._exit(1)
    theirs.close()
    answer = ours.recv(_LARGEST)
    return pid, ours, json.loads(answer.decode())["error"] if answer else "the modules: the interpreter broke"


def ask(sock: socket.socket, head: dict[str, Any], call_filter: bytes, streams: Sequence[int], group: int) -> None:
    """From process 1 of a run: start the script of `head` in our namespaces; `group` is a control group to join or -1.

    `sock` is shared by all runs of the room: one message is one run, and the answer comes on the last of `streams`.
    """
    folder = "/proc/self/ns/"
    spaces = [os.open(folder + name, os.O_RDONLY) for name in ("pid", *[name for name, _ in _SPACES])]
    fds = array.array("i", [*streams, *spaces, *([group] if group >= 0 else [])])
    text = json.dumps(head).encode()
    data = [b"%d\n" % len(text), text, call_filter]
    sock.sendmsg(data, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])


def _serve(sock: socket.socket, names: list[str]) -> None:
    error = _import_all(names)
    sock.send(json.dumps({"error": error}).encode())
    if error:
        return
    _forget_the_way_in()
    keep_shared()
    size = tree.own_address_space()
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    running: dict[int, tuple[int, int]] = {}
    while True:
        for fd, _ in poll.poll():
            if fd in running:
                poll.unregister(fd)
                _tell_the_end(*running.pop(fd))
                os.close(fd)
            else:
                started = _next_copy(sock, size)
                if started:
                    handle = linux.pidfd_open(started[0])
                    running[handle] = started
                    poll.register(handle, select.POLLIN)


def _import_all(names: list[str]) -> str:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is the judge's answer
            return "%s: %s: %s" % (name, type(error).__name__, error)  # noqa: UP031
    return ""


def _forget_the_way_in() -> None:
    """Programs find neither our folder on the path nor our modules under their names."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [folder for folder in sys.path if folder and os.path.abspath(folder) != here]


def keep_shared() -> None:
    """What is in memory now stays shared by all that are forked: the collector does not touch it again."""
    gc.collect()
    gc.freeze()
    gc.disable()


def _next_copy(sock: socket.socket, size: int) -> tuple[int, int] | None:
    """The pid of the copy that the next message asks for and where its end is to be told; None if its run is over."""
    data, ancillary, _, _ = sock.recvmsg(_LARGEST, socket.CMSG_SPACE(4 * 16))
    if not data:
        os._exit(0)
    fds = array.array("i")
    for _, _, received in ancillary:
        fds.frombytes(received)
    length, _, rest = data.partition(b"\n")
    head = json.loads(rest[: int(length)].decode())
    status = os.dup(fds[_STREAMS - 1])
    try:
        linux.setns(fds[_STREAMS], linux.NEWPID)  # where our next child is born; we stay where we are
        pid = os.fork()
    except OSError:  # the run has been ended meanwhile, and its pid namespace with it
        os.close(status)
        return None
    else:
        if pid == 0:
            _become_the_program(head, rest[int(length) :], list(fds), size)
    finally:
        for fd in fds:
            os.close(fd)
    wire.tell(status, pid)
    return pid, status


def _become_the_program(head: dict[str, Any], call_filter: bytes, fds: list[int], size: int) -> None:
    """Never returns."""
    try:
        for target in range(3):
            os.dup2(fds[target], target)
        for group in fds[_STREAMS + 1 + len(_SPACES) :]:
            os.write(group, b"0")  # ourselves
        os.setsid()
        linux.become(head["uid"])
        for fd, (_, kind) in zip(fds[_STREAMS + 1 :], _SPACES):  # noqa: B905 - Python 3.7
            linux.setns(fd, kind)
        program.only(0, 2)
        linux.die_with_parent()
        program.confine(head, call_filter, size)
        linux.dumpable(True)
        os._exit(script.run(head["script"], head["argv"], head["env"]))
    except Exception as error:  # noqa: BLE001 - shown, and the status says the rest
        os.write(2, ("%s: %s\n" % (head["script"], error)).encode())  # noqa: UP031
    finally:
        os._exit(127)


def _tell_the_end(pid: int, status: int) -> None:
    _, code, usage = os.wait4(pid, 0)
    wire.tell(status, pid, code, usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
    os.close(status)
