"""One job, from its blobs to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from jinbang.judge import toolchains
from jinbang.judge.package import PackageError, TaskPackage, load_zip
from jinbang.judge.protocol import (
    LOG_MAX,
    FailureKind,
    FailureReport,
    Job,
    Phase,
    Scope,
    Usage,
    VerdictReport,
    files_digest,
    sha256,
)
from jinbang.judge.services import UnavailableError
from jinbang.judge.toolchains import NotPreparedError, Toolchain
from jinbang.judge.uploads import UploadError, unpack
from jinbang.judge.verdict import Judgement, Outcome, canonical_json
from jinbang.judge.worker.client import DeniedError, RefusedError, UnreachableError

REASON_MAX = 2000


class Judge(Protocol):
    """`judge.runner.judge` with what the worker does not decide filled in."""

    def __call__(
        self, task: TaskPackage, submission: Mapping[str, bytes], toolchain: Toolchain, scope: Scope
    ) -> Judgement: ...


@dataclass(frozen=True)
class Given:
    """A job's inputs, checked against their digests."""

    task: TaskPackage
    submission: Mapping[str, bytes]
    toolchain: Toolchain


class JobError(Exception):
    """The job cannot be judged here and now; `kind` says whose fault it is."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


def do(
    job: Job, blob: Callable[[str], bytes], judge: Judge, phase: Callable[[Phase], None]
) -> VerdictReport | FailureReport:
    """Fetch, check, judge. Never raises but for a server that is gone or has thrown us out."""
    try:
        phase(Phase.FETCHING)
        given = _given(job, blob)
        phase(Phase.JUDGING)
        judgement = judge(given.task, given.submission, given.toolchain, job.scope)
        return _report(job, judgement)
    except JobError as error:
        return FailureReport(job.lease, error.kind, str(error)[:REASON_MAX])
    except (DeniedError, UnreachableError):
        raise
    except Exception as error:  # noqa: BLE001 -- whatever breaks, the job goes back with the reason
        return FailureReport(job.lease, _kind(error), f"{type(error).__name__}: {error}"[:REASON_MAX])


def _kind(error: BaseException) -> FailureKind:
    """A server program that is not installed here may be elsewhere; anything else is tried again and counted."""
    if isinstance(error, UnavailableError):
        return FailureKind.UNAVAILABLE
    return _kind(error.__cause__) if error.__cause__ is not None else FailureKind.INTERNAL


def _given(job: Job, blob: Callable[[str], bytes]) -> Given:
    try:
        task = _task(blob, job.task_blob)
        submission = unpack(blob(job.submission_blob))
    except (RefusedError, PackageError, UploadError) as error:
        raise JobError(FailureKind.BLOB, str(error)) from error
    if task.digest != job.task_digest or files_digest(submission) != job.submission_digest:
        raise JobError(FailureKind.BLOB, "a blob unpacks to other files than its job names")
    return Given(task, submission, _toolchain(job))


@lru_cache(maxsize=32)
def _task(blob: Callable[[str], bytes], digest: str) -> TaskPackage:
    return load_zip(blob(digest))


def _toolchain(job: Job) -> Toolchain:
    try:
        if job.toolchain_digest:
            return toolchains.with_digest(job.toolchain_digest)
        return toolchains.load(job.toolchain)
    except (NotPreparedError, KeyError) as error:
        raise JobError(FailureKind.UNAVAILABLE, str(error.args[0])) from error


def _report(job: Job, judgement: Judgement) -> VerdictReport:
    verdict, usage = judgement.verdict, judgement.usage
    if not verdict.outcome.is_a_mark:
        unavailable = verdict.outcome is Outcome.SERVICE_UNAVAILABLE
        kind = FailureKind.UNAVAILABLE if unavailable else FailureKind.INTERNAL
        reasons = [case.detail or case.message for case in verdict.cases if not case.outcome.is_a_mark]
        raise JobError(kind, "; ".join(dict.fromkeys(reasons)) or judgement.log)
    text = canonical_json(verdict)
    log = judgement.log.encode()[-LOG_MAX:].decode(errors="ignore")
    spent = Usage(usage.cpu_ms, usage.wall_ms, usage.peak_kb)
    return VerdictReport(job.lease, text.decode(), sha256(text), spent, log)
