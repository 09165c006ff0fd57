"""The judge's queue. The database is the queue; a worker holds a job by its current lease and no other way.

The server half of ``docs/judge-protocol.md``. Every verb here may be called again with the same message and
answers as it did the first time.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from msgspec import to_builtins

from jinbang.audit.actor import SYSTEM, Actor
from jinbang.audit.domain import move
from jinbang.content.models import PracticalTask
from jinbang.delivery.models import Attempt
from jinbang.documents.domain import files as documents
from jinbang.grading.models import JudgeJob, JudgeVerdict, JudgeWorker
from jinbang.judge.protocol import (
    Answer,
    FailureReport,
    Heartbeat,
    Job,
    LeaseReply,
    LeaseRequest,
    LeaseState,
    Scope,
    VerdictReport,
    VerdictView,
    files_digest,
    pack_files,
    read_verdict,
)
from jinbang.judge.protocol import Kind as WireKind

LEASE = timedelta(seconds=60)
MAX_TRIES = 3
PAUSES_S = (2, 8, 30)
PRIORITY = {JudgeJob.Kind.EXAM: 10, JudgeJob.Kind.REGRADE: 20, JudgeJob.Kind.PRACTICE: 30}
IDLE_POLL_S = 1.0
_FAILED = "failed:"  # marks the lease that was handed back, so that the same message again is recognised


@transaction.atomic
def enqueue(
    *,
    kind: str,
    task: PracticalTask,
    submission: Mapping[str, bytes],
    actor: Actor,
    now: datetime,
    attempt: Attempt | None = None,
    item: str = "",
    practice_key: str = "",
) -> JudgeJob:
    """Queue a submission. The same submission of an attempt's item again returns the job that is there.

    If the same content was judged before by the same task and toolchain over the same tests, that verdict is taken
    over at once: the judge is deterministic. Practice runs the visible tests alone, so its verdicts never become an
    examination's. Effects: stored submission, job row, perhaps a verdict.
    """
    digest = files_digest(submission)
    if attempt is not None:
        known = JudgeJob.objects.filter(
            attempt=attempt, item=item, task_digest=task.digest, submission_digest=digest, kind=kind
        ).first()
        if known is not None:
            return known
    stored = documents.store(
        data=pack_files(submission), name="submission.zip", content_type="application/zip", actor=actor, now=now
    )
    job = JudgeJob.objects.create(
        key=uuid.uuid4().hex,
        kind=kind,
        priority=PRIORITY[JudgeJob.Kind(kind)],
        attempt=attempt,
        item=item,
        practice_key=practice_key,
        task=task,
        task_digest=task.digest,
        toolchain=task.toolchain,
        submission_digest=digest,
        submission=stored,
        queued_at=now,
    )
    _take_over_verdict(job, now)
    return job


def _take_over_verdict(job: JudgeJob, now: datetime) -> None:
    same = JudgeVerdict.objects.filter(
        job__task_digest=job.task_digest,
        job__submission_digest=job.submission_digest,
        job__toolchain=job.toolchain,
    ).exclude(job=job)
    practice = Q(job__kind=JudgeJob.Kind.PRACTICE)
    known = same.filter(practice if job.kind == JudgeJob.Kind.PRACTICE else ~practice).first()
    if known is None:
        return
    known.pk = None
    known.job = job
    known.usage = {**known.usage, "taken_over": True}
    known.at = now
    known.save(force_insert=True)
    move(job, "finish", actor=SYSTEM, now=now)


@transaction.atomic
def lease(*, worker: JudgeWorker, request: LeaseRequest, now: datetime) -> LeaseReply:
    """Grant up to ``capacity`` jobs to a worker, most needed first. Lapsed leases are freed on the way.

    Effects: the worker's last sight, probe, profiles and what is installed in them; a fresh lease token on each
    granted job.
    """
    worker.last_seen_at = now
    installed = to_builtins(request.toolchains) or worker.probe.get("toolchains", {})
    worker.probe, worker.profiles = {**request.probe, "toolchains": installed}, dict(request.profiles)
    worker.save(update_fields=["last_seen_at", "probe", "profiles"])
    if not request.probe.get("ok", False) or request.capacity <= 0:
        return LeaseReply(jobs=[], poll_s=IDLE_POLL_S)
    _free_lapsed(now)
    granted: list[Job] = []
    for job in _waiting(request, now)[: request.capacity * 4]:
        if len(granted) == request.capacity:
            break
        if worker.name not in job.refused_by and _profile_fits(job, request):
            granted.append(_grant(job, worker, now))
    return LeaseReply(jobs=granted, poll_s=IDLE_POLL_S)


def _waiting(request: LeaseRequest, now: datetime) -> QuerySet[JudgeJob]:
    return (
        JudgeJob.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("task__package", "submission")
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now), state="queued", toolchain__in=request.profiles)
        .order_by("priority", "queued_at", "pk")
    )


def _profile_fits(job: JudgeJob, request: LeaseRequest) -> bool:
    return job.required_toolchain_digest in ("", request.profiles[job.toolchain])


def _grant(job: JudgeJob, worker: JudgeWorker, now: datetime) -> Job:
    job.worker = worker
    job.lease = secrets.token_urlsafe(24)
    job.leased_until = now + LEASE
    job.grants += 1
    job.phase = "fetching"
    job.save(update_fields=["worker", "lease", "leased_until", "grants", "phase"])
    move(job, "lease", actor=_as_actor(worker), now=now)
    return wire_job(job)


def wire_job(job: JudgeJob) -> Job:
    """A job as it travels to the worker that holds its current lease."""
    practice = job.kind == JudgeJob.Kind.PRACTICE
    return Job(
        job=job.key,
        lease=job.lease,
        kind=WireKind.PRACTICE if practice else WireKind.EXAM,
        scope=Scope.VISIBLE if practice else Scope.ALL,
        task_digest=job.task_digest,
        task_blob=job.task.package.sha256,
        toolchain=job.toolchain,
        submission_digest=job.submission_digest,
        submission_blob=job.submission.sha256,
        attempt=job.grants,
        lease_s=LEASE.total_seconds(),
        toolchain_digest=job.required_toolchain_digest,
    )


def _as_actor(worker: JudgeWorker) -> Actor:
    return Actor(kind="system", key=str(worker.pk), label=f"judge {worker.name}")


def _free_lapsed(now: datetime) -> None:
    for job in JudgeJob.objects.select_for_update(skip_locked=True).filter(state="leased", leased_until__lt=now):
        job.last_failure = "the worker fell silent"
        _give_back(job, "expire", counts=True, now=now, actor=SYSTEM)


def _give_back(job: JudgeJob, event: str, *, counts: bool, now: datetime, actor: Actor) -> None:
    """Free a leased job, or bury it once its tries are used up."""
    job.tries += 1 if counts else 0
    job.not_before = now + timedelta(seconds=PAUSES_S[min(job.tries, len(PAUSES_S)) - 1]) if counts else now
    job.leased_until = None
    job.save(update_fields=["tries", "not_before", "lease", "leased_until", "last_failure", "refused_by"])
    if job.tries >= MAX_TRIES:
        move(job, "bury", actor=actor, now=now, reason=job.last_failure or "no reason was given")
    else:
        move(job, event, actor=actor, now=now)


def _held(worker: JudgeWorker, key: str, lease_token: str) -> JudgeJob | None:
    """The job, locked, if ``lease_token`` is its current lease and nothing has decided it.

    A lease that lapsed is still current until somebody else is granted the job: work done is not thrown away.
    """
    job = JudgeJob.objects.select_for_update().filter(key=key, worker=worker).first()
    undecided = job is not None and job.state in ("leased", "queued")
    if job is None or not undecided or not job.lease or not secrets.compare_digest(job.lease, lease_token):
        return None
    return job


@transaction.atomic
def heartbeat(*, worker: JudgeWorker, key: str, message: Heartbeat, now: datetime) -> Answer:
    """Keep a lease alive for another minute; ``lost`` if it is no longer the current one."""
    job = _held(worker, key, message.lease)
    if job is None or job.state != "leased":
        return Answer(LeaseState.LOST)
    job.leased_until = now + LEASE
    job.phase = message.phase.value
    job.save(update_fields=["leased_until", "phase"])
    return Answer(LeaseState.HELD)


@transaction.atomic
def record_verdict(*, worker: JudgeWorker, key: str, report: VerdictReport, now: datetime) -> Answer:
    """Store a verdict, exactly once a job. Raises ``ProtocolError`` if it breaks a rule of the protocol."""
    job = _held(worker, key, report.lease)
    if job is None:
        repeated = JudgeVerdict.objects.filter(job__key=key, job__lease=report.lease, sha256=report.verdict_sha256)
        return Answer(LeaseState.RECORDED if report.lease and repeated.exists() else LeaseState.LOST)
    view = read_verdict(report, wire_job(job))
    _store_verdict(job, report, view, now)
    job.phase = ""
    job.save(update_fields=["phase"])
    move(job, "finish", actor=_as_actor(worker), now=now, data={"outcome": view.outcome, "points": str(view.points)})
    return Answer(LeaseState.RECORDED)


def _store_verdict(job: JudgeJob, report: VerdictReport, view: VerdictView, now: datetime) -> None:
    JudgeVerdict.objects.create(
        job=job,
        canonical=report.verdict,
        sha256=report.verdict_sha256,
        outcome=view.outcome,
        points=view.points,
        max_points=view.max_points,
        toolchain_digest=view.toolchain_digest,
        usage={
            "cpu_ms": report.usage.cpu_ms,
            "wall_ms": report.usage.wall_ms,
            "peak_kb": report.usage.peak_kb,
        },
        log=report.log,
        at=now,
    )


@transaction.atomic
def record_failure(*, worker: JudgeWorker, key: str, report: FailureReport, now: datetime) -> Answer:
    """Take a job back without a verdict: queued again, or buried with the reason once its tries are used up."""
    job = _held(worker, key, report.lease)
    if job is None or job.state != "leased":
        repeated = JudgeJob.objects.filter(key=key, worker=worker, lease=_FAILED + report.lease)
        return Answer(LeaseState.RECORDED if repeated.exists() else LeaseState.LOST)
    job.lease = _FAILED + job.lease
    job.last_failure = f"{report.kind.value}: {report.reason}"[:2000]
    if report.kind.value == "unavailable":
        job.refused_by = sorted({*job.refused_by, worker.name})
    _give_back(job, "fail", counts=report.kind.counts_as_try, now=now, actor=_as_actor(worker))
    return Answer(LeaseState.RECORDED)


@transaction.atomic
def withdraw(*, worker: JudgeWorker, reason: str, now: datetime) -> Answer:
    """Note that a worker took itself out and why."""
    worker.withdrawn_reason = f"{now.isoformat(timespec='seconds')} {reason}"[:2000]
    worker.save(update_fields=["withdrawn_reason"])
    return Answer(LeaseState.RECORDED)


def requeue(*, job: JudgeJob, reason: str, actor: Actor, now: datetime) -> JudgeJob:
    """Give a buried job three more tries."""
    with transaction.atomic():
        job.tries, job.not_before, job.refused_by = 0, None, []
        job.save(update_fields=["tries", "not_before", "refused_by"])
        return move(job, "requeue", actor=actor, now=now, reason=reason)
