"""One box: its own user, mount, network, uts and cgroup namespaces, its own tmpfs, a fresh process tree per run.

This process makes them, stays outside the programs' pid namespace (they cannot name it, let alone signal it), watches
them, and answers the judge over its socket. It leaves when the judge closes the socket, and all of it is gone.
"""

from __future__ import annotations

import os
import socket
import stat

from . import linux, program, runs, wire

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from typing import Any, NoReturn


TOPS = ("/run", "/srv", "/mnt", "/data", "/var")  # where targets of mounts may be made
CODE = "/.jinbang-code"
INSIDE_ID = 1000
_BUFFERS = "4096 65536 262144"
DEPTH, COUNT = 12, 2000  # what is read back: folders deep, files many


def serve_and_exit(
    sock: socket.socket, config: dict[str, Any], fds: list[int], proc: int, copies: socket.socket | None
) -> NoReturn:
    """Becomes the box of `config`; never returns. `proc` is the room's /proc, where all its processes show.

    `fds` are the detached mounts that config["mounts"] speaks of, and before them, if there is a config["group"], the
    control group that the box and its programs join. `copies` leads to the zygote of a warm room.
    """
    status = 1
    try:
        linux.die_with_parent()
        group, trees = (fds[0], fds[1:]) if config["group"] else (-1, fds)
        if group >= 0:
            os.write(group, b"0")  # ourselves
        files = _frames(wire.receive(sock))
        _build(config, trees)
        _write(files)
        if config["companions"]:
            _send_namespaces(sock)
        _serve(sock, config, files, runs.Host(proc, copies, group))
        status = 0
    except wire.Closed:
        status = 0
    except Exception as error:  # noqa: BLE001 - the judge, not this process, decides what a failure means
        wire.send(sock, {"error": "%s: %s" % (type(error).__name__, error)})  # noqa: UP031
    finally:
        os._exit(status)


def _build(config: dict[str, Any], trees: list[int]) -> None:
    linux.become(config["uid"])
    linux.dumpable(True)  # changing ids has closed our own /proc entries to us
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.NEWUSER | linux.NEWNS | linux.NEWNET | linux.NEWUTS | linux.NEWCGROUP)
    linux.map_self(INSIDE_ID, uid, gid)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", CODE, "tmpfs", linux.MS_RDONLY, "size=4k,nr_inodes=1")  # ours is loaded; nobody else reads it
    program.fresh_folder("/work", config["tmp_mb"])
    linux.loopback_up()
    for name in ("tcp_rmem", "tcp_wmem"):  # what waits in sockets shows in no process's size
        _set("net/ipv4/" + name, _BUFFERS)
    if config["hosts"]:
        _hosts(config["hosts"])
    _attach(config["mounts"], trees)
    if config["companions"]:
        _set("net/ipv4/ip_unprivileged_port_start", "0")  # they answer on 80 and 443


def _set(name: str, value: str) -> None:
    linux.put("/proc/sys/" + name, value.encode())


def _hosts(hosts: dict[str, str]) -> None:
    path = "/work/hosts"
    with open(path, "w") as handle:
        handle.write("127.0.0.1 localhost\n")
        handle.writelines("%s %s\n" % (address, name) for name, address in sorted(hosts.items()))  # noqa: UP031
    linux.mount(path, "/etc/hosts", flags=linux.MS_BIND)
    os.unlink(path)


def _attach(mounts: list[tuple[str, bool]], fds: list[int]) -> None:
    """The detached mounts `fds` at their targets, each [path, writable]; TOPS may have new folders in them."""
    tops = {"/" + target.split("/")[1] for target, _ in mounts} & set(TOPS)
    for top in tops:
        linux.mount("tmpfs", top, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=64k,nr_inodes=256,mode=755")
    for (target, writable), fd in zip(mounts, fds):  # noqa: B905 - Python 3.7
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT, 0o644))
        linux.move_mount(fd, target)
        os.close(fd)
        if not writable:
            flags = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV
            linux.mount("none", target, flags=flags)
    for top in tops:
        linux.mount("none", top, flags=linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY)


def _frames(frame: tuple[dict[str, Any], list[bytes]]) -> dict[str, bytes]:
    head, blobs = frame
    return dict(zip(head["names"], blobs))  # noqa: B905 - Python 3.7


def _write(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = os.path.join("/work", name)
        if "/" in name:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        linux.put(path, data)


def _serve(sock: socket.socket, config: dict[str, Any], files: dict[str, bytes], host: runs.Host) -> None:
    while True:
        head, blobs = wire.receive(sock)
        if head["do"] == "run":
            result, output = runs.run(dict(head, uid=config["uid"]), blobs, config["tmp_mb"], host)
            wire.send(sock, result, output)
        elif head["do"] == "reset":
            linux.unmount("/work")
            program.fresh_folder("/work", config["tmp_mb"])
            _write(files)
            wire.send(sock, {"ok": True})
        elif head["do"] == "connect":
            wire.send(sock, {"ok": _accepts(head["port"])})
        elif head["do"] == "read":
            found = _read(head["max_bytes"])
            wire.send(sock, {"names": list(found)}, list(found.values()))
        else:
            raise ValueError(head["do"])


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _send_namespaces(sock: socket.socket) -> None:
    """Hands the judge the network and the user namespace, for companions to join."""
    fds = [os.open("/proc/self/ns/" + kind, os.O_RDONLY) for kind in ("net", "user")]
    wire.send_fds(sock, b"net user", fds)
    for fd in fds:
        os.close(fd)


def _read(max_bytes: int) -> dict[str, bytes]:
    """Regular files below /work: no link is followed, nothing is opened that could block."""
    found: dict[str, bytes] = {}
    pending = [("", 0)]
    while pending and len(found) < COUNT:
        prefix, depth = pending.pop()
        for entry in sorted(os.scandir(os.path.join("/work", prefix)), key=lambda each: each.name):
            name = os.path.join(prefix, entry.name)
            if not _is_text(name):
                continue
            if entry.is_dir(follow_symlinks=False) and depth < DEPTH:
                pending.append((name, depth + 1))
            elif entry.is_file(follow_symlinks=False) and len(found) < COUNT:
                data = _content(os.path.join("/work", name), max_bytes)
                if data is not None:
                    max_bytes -= len(data)
                    found[name] = data
    return found


def _content(path: str, max_bytes: int) -> bytes | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # whatever the program has done to it: it is not a file to us
        return None
    with os.fdopen(fd, "rb") as handle:
        info = os.fstat(fd)
        return handle.read() if stat.S_ISREG(info.st_mode) and info.st_size <= max_bytes else None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
