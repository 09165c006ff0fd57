"""The worker itself: asks for as many jobs as it has free slots, keeps their leases alive, reports, and knows when
it is no good any more.

Threads: the caller's asks for jobs; one a slot judges; one sends heartbeats. Nothing is shared between jobs but
the blobs on disk.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinbang.judge.protocol import (
    FailureKind,
    FailureReport,
    Heartbeat,
    Job,
    LeaseReply,
    LeaseRequest,
    LeaseState,
    Phase,
    ToolchainReport,
    VerdictReport,
    Withdrawal,
)
from jinbang.judge.worker.blobs import Blobs
from jinbang.judge.worker.client import Client, DeniedError, RefusedError, UnreachableError
from jinbang.judge.worker.work import Judge, do

LOG = logging.getLogger("jinbang.judge.worker")
JOB_MAX_S = 900.0
INTERNAL_MAX = 3  # failures of the judge itself in a row: then this worker is out
DONE, DENIED, BROKEN = 0, 2, 3  # exit statuses


@dataclass(frozen=True)
class Tools:
    """What the worker judges with; tests put in their own.

    `probe` tells what holds on this host, as plain values with "ok"; `profiles` the prepared toolchains by digest,
    `toolchains` what is installed in them.
    """

    judge: Judge
    probe: Callable[[], dict[str, Any]]
    profiles: Callable[[], dict[str, str]]
    version: str
    toolchains: Callable[[], dict[str, ToolchainReport]] = dict


@dataclass(frozen=True)
class Settings:
    """`grace_s`: after SIGTERM, how long running jobs may take to end. `idle_exit`: end when there is no job."""

    url: str
    token: str
    name: str
    slots: int
    blobs: Path
    grace_s: float = 30.0
    idle_exit: bool = False


@dataclass
class _Held:
    """A job in hand."""

    job: Job
    since: float
    beat: float
    phase: Phase = Phase.FETCHING
    lost: bool = False


@dataclass
class _State:
    held: dict[str, _Held] = field(default_factory=dict)  # by lease: a job may come back while its first run goes on
    failed: list[str] = field(default_factory=list)  # jobs that failed internally since the last success
    broken: str = ""
    denied: bool = False


class Worker:
    """One worker process' work; `run` returns its exit status."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings, self._tools = settings, tools
        self._client = Client(settings.url, settings.token, settings.name)
        self._blobs = Blobs(settings.blobs, self._client.blob)
        self._state, self._lock = _State(), threading.Lock()
        self._told: dict[str, ToolchainReport] = {}
        self._free = threading.Condition(self._lock)
        self._stop = threading.Event()

    def stop(self) -> None:
        """Take no more jobs; `run` returns when those in hand are done. Safe in a signal handler."""
        self._stop.set()

    def run(self) -> int:
        """Work until stopped, thrown out, or no good any more."""
        probe = self._tools.probe()
        if not probe.get("ok"):
            self._state.broken = f"the probe does not hold: {probe.get('reason', '')}"
        threading.Thread(target=self._heartbeats, daemon=True, name="heartbeats").start()
        waits = self._client.waits()
        while not self._finished():
            try:
                reply = self._ask(probe)
                waits = self._client.waits()
            except UnreachableError as error:
                LOG.warning("server not reached: %s", error)
                self._stop.wait(next(waits))
                continue
            except (DeniedError, RefusedError) as error:
                LOG.error("thrown out: %s", error)
                self._state.denied = True
                break
            if not self._take(reply):
                break
        return self._end()

    def _finished(self) -> bool:
        return self._stop.is_set() or bool(self._state.broken) or self._state.denied

    def _ask(self, probe: dict[str, Any]) -> LeaseReply:
        """Wait for a free slot, then ask for as many jobs as there are free ones."""
        with self._free:
            while len(self._state.held) >= self._settings.slots and not self._finished():
                self._free.wait(0.2)
            running = [held.job.job for held in self._state.held.values()]
        if self._finished():
            return LeaseReply(jobs=[], poll_s=0)
        reports = self._tools.toolchains()
        request = LeaseRequest(
            worker=self._settings.name,
            capacity=self._settings.slots - len(running),
            profiles=self._tools.profiles(),
            probe=probe,
            judge_version=self._tools.version,
            running=running,
            toolchains=reports if reports != self._told else {},
        )
        reply = self._client.lease(request)
        self._told = reports
        return reply

    def _take(self, reply: LeaseReply) -> bool:
        """Start the jobs; without any, wait. False when idle and told to end then."""
        now = time.monotonic()
        for job in reply.jobs:
            with self._lock:
                self._state.held[job.lease] = _Held(job, now, now)
            threading.Thread(target=self._work, args=(job,), daemon=True, name=f"job-{job.job[:8]}").start()
        if not reply.jobs:
            if self._settings.idle_exit and not self._state.held:
                return False
            self._stop.wait(min(reply.poll_s, 0.05) if self._settings.idle_exit else reply.poll_s)
        return True

    def _work(self, job: Job) -> None:
        held = self._state.held[job.lease]

        def phase(now: Phase) -> None:
            held.phase = now

        try:
            report = do(job, self._blobs.get, self._tools.judge, phase)
            held.phase = Phase.REPORTING
            if not held.lost:
                self._send(job, report)
                self._judge_myself(job, report)
        except DeniedError as error:
            LOG.error("thrown out: %s", error)
            self._state.denied = True
        except UnreachableError as error:
            LOG.warning("job %s: stopped before the server could be told: %s", job.job, error)
        finally:
            with self._free:
                self._state.held.pop(job.lease, None)
                self._free.notify_all()

    def _send(self, job: Job, report: VerdictReport | FailureReport) -> None:
        try:
            if isinstance(report, VerdictReport):
                state = self._client.verdict(job, report)
            else:
                LOG.warning("job %s: %s: %s", job.job, report.kind, report.reason)
                state = self._client.failure(job, report)
        except RefusedError as error:
            LOG.error("job %s: report refused: %s", job.job, error)
            if isinstance(report, VerdictReport):
                reason = f"the server refused the verdict: {error}"
                self._client.failure(job, FailureReport(job.lease, FailureKind.INTERNAL, reason))
            return
        if state is LeaseState.LOST:
            LOG.info("job %s: the lease was lost", job.job)

    def _judge_myself(self, job: Job, report: VerdictReport | FailureReport) -> None:
        """Several different jobs in a row that break the judge: it is the worker, not the jobs."""
        with self._lock:
            failed = self._state.failed
            if isinstance(report, VerdictReport):
                failed.clear()
            elif report.kind is FailureKind.INTERNAL and job.job not in failed:
                failed.append(job.job)
                if len(failed) >= INTERNAL_MAX:
                    self._state.broken = f"{INTERNAL_MAX} internal failures in a row; the last: {report.reason}"

    def _heartbeats(self) -> None:
        while True:
            time.sleep(0.1)
            now = time.monotonic()
            with self._lock:
                held = list(self._state.held.values())
            for each in held:
                if now - each.since > JOB_MAX_S:
                    self._state.broken = f"job {each.job.job} has not ended after {JOB_MAX_S:.0f} s"
                    each.lost = True
                elif not each.lost and now - each.beat > each.job.lease_s / 3:
                    self._beat(each, now)

    def _beat(self, held: _Held, now: float) -> None:
        held.beat = now
        try:
            state = self._client.heartbeat(held.job, Heartbeat(held.job.lease, held.phase))
        except (UnreachableError, DeniedError, RefusedError) as error:
            LOG.warning("job %s: heartbeat: %s", held.job.job, error)
            return
        held.lost = held.lost or state is LeaseState.LOST

    def _end(self) -> int:
        """Let running jobs end within the grace, give back the others, say so when broken."""
        deadline = time.monotonic() + self._settings.grace_s
        with self._free:
            while self._state.held and time.monotonic() < deadline and not self._state.denied:
                self._free.wait(0.2)
            left = [held for held in self._state.held.values() if not held.lost]
        self._client.stopping.set()
        for held in left:
            held.lost = True
            self._give_back(held.job)
        if self._state.broken:
            LOG.error("taking myself out: %s", self._state.broken)
            self._withdraw(self._state.broken)
            return BROKEN
        return DENIED if self._state.denied else DONE

    def _give_back(self, job: Job) -> None:
        try:
            self._client.failure(job, FailureReport(job.lease, FailureKind.RELEASED, "the worker is stopping"))
        except (UnreachableError, DeniedError, RefusedError) as error:
            LOG.warning("job %s: not given back, its lease will lapse: %s", job.job, error)

    def _withdraw(self, reason: str) -> None:
        try:
            self._client.withdraw(Withdrawal(self._settings.name, reason))
        except (UnreachableError, DeniedError, RefusedError) as error:
            LOG.warning("the server does not know that this worker is out: %s", error)
