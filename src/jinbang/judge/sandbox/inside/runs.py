"""One run: a fresh process tree, watched from outside until it ends or must be ended."""

from __future__ import annotations

import os
import select
import signal
import time
from collections import namedtuple
from functools import partial

from . import linux, program, tree, wire, zygote

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    import resource
    from typing import Any


_PATIENCE, _LEAST_PATIENCE_S = 4, 3.0  # see longest_s
_SAMPLE_S = 0.02

# What a box knows of its room: /proc, where all processes show; the way to the zygote or None; a control group or -1.
Host = namedtuple("Host", "proc copies group")


def run(
    head: dict[str, Any], blobs: list[bytes], tmp_mb: int, host: Host
) -> tuple[dict[str, Any], tuple[bytes, bytes]]:
    """Runs what `head` says; `blobs` are standard input and the system call filter.

    Returns the result for JSON and (stdout, stderr).
    """
    pipes = [os.pipe() for _ in range(4)]  # stdin, stdout, stderr, status
    begin = time.monotonic()
    pid = linux.fork_into(linux.NEWPID | linux.NEWNS | linux.NEWIPC)
    if pid == 0:
        ours = (pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][1])
        asked = partial(zygote.ask, host.copies, head, blobs[1], ours, host.group) if head["script"] else None
        program.first_process(head, ours, blobs[1], tmp_mb, asked)
    for fd in (pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][1]):
        os.close(fd)
    watch = _Watch(head["limits"], pid, host.proc, begin)
    streams = _Streams(pipes[0][1], pipes[1][0], pipes[2][0], pipes[3][0], blobs[0], head["limits"]["output_kb"])
    if head["script"] is not None:
        watch.wait_for_the_zygote()
    killed = _follow(watch, streams)
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    streams.drain()
    return _result(killed, streams, usage, watch, time.monotonic() - watch.begin)


def longest_s(wall_s: float) -> float:
    """How long a run with that wall limit may last on a host that holds it up."""
    return max(_PATIENCE * wall_s, wall_s + _LEAST_PATIENCE_S)


def _follow(watch: _Watch, streams: _Streams) -> str | None:
    """Until the program has ended (None) or must be ended (why)."""
    while not streams.ended:
        streams.pump(watch.pause())
        watch.take(streams.news)
        why = "output" if streams.flooded else watch.breach()
        if why and not streams.ended:
            return why
    return "output" if streams.flooded else None


def _result(
    killed: str | None, streams: _Streams, usage: resource.struct_rusage, watch: _Watch, wall: float
) -> tuple[dict[str, Any], tuple[bytes, bytes]]:
    code = signum = None
    _, status, peak, told_cpu_s = streams.news[-1] if streams.news else (0, wire.RUNNING, 0, 0.0)
    cpu = max(usage.ru_utime + usage.ru_stime + told_cpu_s, watch.cpu_s)
    if status != wire.RUNNING:
        watch.peak_kb = max(watch.peak_kb, peak)
        if os.WIFSIGNALED(status):
            signum = os.WTERMSIG(status)
        else:
            code = os.WEXITSTATUS(status)
    elif killed is None:
        raise RuntimeError("the run's first process was lost")
    if signum == signal.SIGSYS:
        killed = killed or "forbidden"
    if signum == signal.SIGXCPU or cpu > watch.limits["cpu_s"]:  # it may end between two looks of a busy host
        killed = killed or "cpu"
    head = {"code": code, "signal": signum, "killed": killed, "wall_s": wall, "cpu_s": cpu, "peak_kb": watch.peak_kb}
    return head, (bytes(streams.out), bytes(streams.err))


class _Watch:
    """Compares the whole tree with the limits."""

    def __init__(self, limits: dict[str, Any], pid: int, proc: int, begin: float) -> None:
        self.limits, self.pid, self.proc, self.begin = limits, pid, proc, begin
        self.deadline: float = begin + limits["wall_s"]
        self.next_sample = begin + _SAMPLE_S
        self.cpu_s = 0.0
        self.peak_kb = 0
        self.program = 0  # the pid of a copy of the zygote; a new interpreter is a child of process 1
        self._waits = False

    def wait_for_the_zygote(self) -> None:
        """The program's time begins when it begins; how long the zygote takes is the host's affair."""
        self._waits = True
        self.deadline = self.begin + longest_s(self.limits["wall_s"])

    def take(self, news: list[tuple[int, int, int, float]]) -> None:
        """Notes when the program has begun."""
        if self._waits and news:
            self._waits = False
            self.program = news[0][0]
            self.begin = time.monotonic()
            self.deadline = self.begin + self.limits["wall_s"]

    def pause(self) -> float:
        return max(0.0, min(self.next_sample, self.deadline) - time.monotonic())

    def breach(self) -> str | None:
        now = time.monotonic()
        if now >= self.deadline:
            return self._late(now)
        if now < self.next_sample:
            return None
        self.next_sample = now + _SAMPLE_S
        used = tree.usage(self.proc, self.pid, self.program, self.limits["memory_mb"] * 1024)
        self.cpu_s = max(self.cpu_s, used.cpu_s)
        self.peak_kb = max(self.peak_kb, used.memory_kb)
        if used.memory_kb > self.limits["memory_mb"] * 1024:
            return "memory"
        if used.cpu_s > self.limits["cpu_s"]:
            return "cpu"
        return "processes" if used.threads > self.limits["processes"] else None

    def _late(self, now: float) -> str | None:
        """The clock stands still while the program is ready to run and has no processor: load changes no mark.

        Time that it sleeps counts, however busy the host. What has still not had its time at the longest is the
        judge's failure (RuntimeError), to be tried again.
        """
        if self._waits:
            raise RuntimeError("the host is too busy: the program has not begun")
        waited = tree.kept_waiting_s(self.proc, self.pid, self.program)
        wall: float = self.limits["wall_s"]
        self.deadline = self.begin + wall + waited
        if now >= self.deadline:
            return "time"
        if now >= self.begin + longest_s(wall):
            raise RuntimeError("the host is too busy: %.1f s without a processor" % waited)  # noqa: UP031
        return None


class _Streams:
    """The pipes of a run: feeds standard input, keeps output up to a limit, waits for the status."""

    def __init__(self, stdin: int, out: int, err: int, status: int, data: bytes, output_kb: int) -> None:
        self.stdin, self.fds = stdin, {out: bytearray(), err: bytearray(), status: bytearray()}
        self.out, self.err, self._status = self.fds[out], self.fds[err], status
        self.data, self.limit = memoryview(data), output_kb * 1024
        self.flooded = self.ended = False
        self.news: list[tuple[int, int, int, float]] = []
        self.poll = select.poll()
        for fd in (stdin, out, err, status):
            os.set_blocking(fd, False)
        for fd in (out, err, status):
            self.poll.register(fd, select.POLLIN)
        self.poll.register(stdin, select.POLLOUT)
        self.feed()

    def feed(self) -> None:
        try:
            while self.data:
                self.data = self.data[os.write(self.stdin, self.data[:65536]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            pass
        self.poll.unregister(self.stdin)
        os.close(self.stdin)
        self.stdin = -1

    def pump(self, seconds: float) -> None:
        for fd, _ in self.poll.poll(seconds * 1000):
            if fd == self.stdin:
                self.feed()
            elif not self.take(fd):
                self.poll.unregister(fd)
                self.ended = self.ended or fd == self._status
        self._listen()

    def _listen(self) -> None:
        self.news = wire.news(bytes(self.fds[self._status]))
        self.ended = self.ended or any(status != wire.RUNNING for _, status, _, _ in self.news)

    def take(self, fd: int) -> bool:
        """Reads what is there; False at the end of the stream."""
        kept = self.fds[fd]
        data = os.read(fd, 65536)
        kept += data[: max(0, self.limit - len(kept))]
        if len(data) and len(kept) >= self.limit:
            self.flooded = True
        return bool(data)

    def drain(self) -> None:
        """After the end of the tree: what is still in the pipes; then closes them all."""
        for fd in self.fds:
            os.set_blocking(fd, True)  # nobody is left who could write: the end of the stream is certain
            while not self.flooded and self.take(fd):
                pass
            os.close(fd)
        self._listen()
        if self.stdin >= 0:
            os.close(self.stdin)
