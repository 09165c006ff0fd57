"""Child processes that live and die with us.

Each child leads a process group of its own, is told by the kernel to end if we are killed (``PR_SET_PDEATHSIG``),
is started again with a growing pause if it ends by itself, and gets SIGTERM, then SIGKILL, when we stop.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger("jinbang.serve")
_PR_SET_PDEATHSIG = 1
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_STEADY_S = 60.0
_LOOK_S = 0.2


@dataclass(frozen=True)
class ChildSpec:
    """What to run: ``name`` for the log, the command, variables beside ours, descriptors that it inherits."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()


class Child:
    """One supervised child and its history of deaths."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self._pause_s = _FIRST_PAUSE_S
        self._started_at = 0.0
        self._start_again_at = 0.0

    def tend(self, now_s: float) -> None:
        """Start it if it does not run and its pause is over; note it if it has just ended."""
        if self.process is not None and self.process.poll() is not None:
            self._note_end(now_s)
        if self.process is None and now_s >= self._start_again_at:
            self._start(now_s)

    def _note_end(self, now_s: float) -> None:
        assert self.process is not None
        if now_s - self._started_at >= _STEADY_S:
            self._pause_s = _FIRST_PAUSE_S
        log.warning("%s ended (status %s); again in %.1f s", self.spec.name, self.process.returncode, self._pause_s)
        self.process = None
        self._start_again_at = now_s + self._pause_s
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)

    def _start(self, now_s: float) -> None:
        supervisor = os.getpid()
        self.process = subprocess.Popen(
            self.spec.command,
            env={**os.environ, **self.spec.environment},
            stdin=subprocess.DEVNULL,
            pass_fds=self.spec.descriptors,
            process_group=0,
            preexec_fn=lambda: _die_with(supervisor),
        )
        self._started_at = now_s
        self.starts += 1
        log.info("%s runs (process %d)", self.spec.name, self.process.pid)

    def signal(self, number: int) -> None:
        """Send ``number`` to the child's whole group, if it runs."""
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


def _die_with(supervisor: int) -> None:
    """In the child, before exec: SIGTERM when the supervisor dies, even by SIGKILL."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:  # it died before we asked
        os._exit(1)


class Supervisor:
    """Keeps the children running until :meth:`stop`."""

    def __init__(self, specs: Sequence[ChildSpec], *, grace_s: float = 20.0) -> None:
        self.children = [Child(spec) for spec in specs]
        self.grace_s = grace_s
        self._stopping = threading.Event()

    def add(self, spec: ChildSpec) -> None:
        """Tend one more child from the next look on."""
        self.children.append(Child(spec))

    def stop(self) -> None:
        """Ask :meth:`run` to end. Safe in a signal handler and twice."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopping.is_set()

    def tend(self) -> None:
        """One look at every child."""
        for child in list(self.children):
            child.tend(time.monotonic())

    def run(self) -> None:
        """Tend the children until told to stop, then end them all; no child is left when this returns."""
        try:
            while not self._stopping.wait(_LOOK_S):
                self.tend()
        finally:
            self._end_all()

    def _end_all(self) -> None:
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + self.grace_s
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.05, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not end in time; killed", child.spec.name)
                child.signal(signal.SIGKILL)
                child.process.wait()
