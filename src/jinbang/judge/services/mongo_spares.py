"""Emulators kept warm: importing mongoeco takes most of a second, so one waits, apart from any box, for the next.

Each is used for one box and thrown away. It runs in a sandbox of its own with no network; the box reaches it
through a relay companion and a unix socket that the program does not see.
"""

from __future__ import annotations

import atexit
import json
import shutil
import socket
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from jinbang.judge.sandbox.companions import apart
from jinbang.judge.sandbox.spec import Companion, Mount, ReadyCheck
from jinbang.judge.services.model import ServiceError, StateError
from jinbang.judge.toolchains.store import Toolchain

_HERE = Path(__file__).parent
_PROGRAMS = ("mongo_emulator.py", "mongo_client.py")
_RUN, _CODE = "/run/mongodb", "/srv/code"
_TIMEOUT_S = 30.0


class Spare:
    """One emulator, empty until it is filled. Raises SandboxError where it does not come up."""

    def __init__(self, toolchain: Toolchain) -> None:
        self._stack = ExitStack()
        outer = Path(tempfile.mkdtemp(prefix="jbmongo-"))
        self._stack.callback(shutil.rmtree, outer, ignore_errors=True)
        outer.chmod(0o711)
        self.folder = outer / "run"
        self.folder.mkdir()
        self.folder.chmod(0o777)  # it runs under an unprivileged uid
        try:
            self._stack.enter_context(apart(_companion(toolchain, self.folder)))()
        except BaseException:
            self._stack.close()
            raise

    def fill(self, seed: bytes) -> None:
        """Insert a seed, known to be JSON."""
        self._ask(b"load " + json.dumps(json.loads(seed)).encode())

    def state(self) -> dict[str, Any]:
        """Everything it holds; raises StateError."""
        return self._ask(b"dump")

    def close(self) -> None:
        """Throw it away."""
        self._stack.close()

    def _ask(self, line: bytes) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(_TIMEOUT_S)
                control.connect(str(self.folder / "control.sock"))
                control.sendall(line + b"\n")
                with control.makefile("rb") as reply:
                    answer: dict[str, Any] = json.loads(reply.readline() or b'{"error": "it is gone"}')
        except (OSError, ValueError) as error:
            raise StateError(f"the MongoDB emulator does not answer: {error}") from error
        if isinstance(answer.get("error"), str):
            raise StateError(f"MongoDB emulator: {answer['error']}")
        return answer


def _companion(toolchain: Toolchain, folder: Path) -> Companion:
    return Companion(
        name="mongodb emulator",
        argv=(str(toolchain.python), "-I", f"{_CODE}/mongo_emulator.py", _RUN),
        ready=ReadyCheck(line="ready"),
        mounts=(
            Mount(folder, _RUN, writable=True),
            *(Mount(_HERE / name, f"{_CODE}/{name}") for name in _PROGRAMS),
            *(Mount(root, str(root)) for root in toolchain.roots),
        ),
        memory_mb=512,
    )


class Spares:
    """One emulator in waiting per process and toolchain; the next is started when one is taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, "mongo-spare")
        self._next: Future[Spare] | None = None
        self._closed = False
        atexit.register(self.close)

    def take(self, toolchain: Toolchain) -> Spare:
        """The one in waiting, or a new one; it is the caller's to close."""
        with self._lock:
            waiting, self._next = self._next, None
            if not self._closed:
                self._next = self._starter.submit(Spare, toolchain)
        return Spare(toolchain) if waiting is None else _result(waiting)

    def wait(self, toolchain: Toolchain) -> None:
        """Returns when one is in waiting."""
        with self._lock:
            self._next = waiting = self._next or self._starter.submit(Spare, toolchain)
        _result(waiting)

    def close(self) -> None:
        """End the one in waiting."""
        with self._lock:
            waiting, self._next, self._closed = self._next, None, True
        if waiting is not None and not waiting.cancel() and waiting.exception() is None:
            waiting.result().close()


def _result(waiting: Future[Spare]) -> Spare:
    try:
        return waiting.result(timeout=_TIMEOUT_S)
    except (OSError, RuntimeError, TimeoutError) as error:
        raise ServiceError(f"the MongoDB emulator does not come up: {error}") from error


SPARES = Spares()
