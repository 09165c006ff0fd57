"""The server half of the judge protocol (docs/judge-protocol.md): thin views over ``grading.domain.queue``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from jinbang.config import clock
from jinbang.documents.domain.files import path_of
from jinbang.grading.domain import queue
from jinbang.grading.domain.workers import worker_of
from jinbang.grading.models import JudgeJob, JudgeWorker
from jinbang.judge.protocol import (
    FailureReport,
    Heartbeat,
    LeaseRequest,
    ProtocolError,
    VerdictReport,
    Withdrawal,
    decode,
    encode,
)

WorkerView = Callable[..., HttpResponse]
T = TypeVar("T", bound=msgspec.Struct)
_HEX = frozenset("0123456789abcdef")
SHA256_DIGITS = 64


def for_worker(view: WorkerView) -> WorkerView:
    """Let an active worker's token in; 401 otherwise. A message that breaks the protocol answers 422 with the rule."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        worker = worker_of(token) if scheme == "Bearer" and token else None
        if worker is None:
            return HttpResponse("unknown token", status=401, content_type="text/plain")
        try:
            return view(request, worker, **kwargs)
        except ProtocolError as error:
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")

    return wrapped


def _json(message: msgspec.Struct) -> HttpResponse:
    return HttpResponse(encode(message), content_type="application/json")


@for_worker
@require_POST
def lease(request: HttpRequest, worker: JudgeWorker) -> HttpResponse:
    """Grant jobs to the worker that asks."""
    return _json(queue.lease(worker=worker, request=decode(request.body, LeaseRequest), now=clock.now()))


@for_worker
@require_POST
def heartbeat(request: HttpRequest, worker: JudgeWorker, job: str) -> HttpResponse:
    """Keep a lease alive."""
    message = decode(request.body, Heartbeat)
    return _json(queue.heartbeat(worker=worker, key=job, message=message, now=clock.now()))


@for_worker
@require_POST
def verdict(request: HttpRequest, worker: JudgeWorker, job: str) -> HttpResponse:
    """Take a verdict."""
    report = decode(request.body, VerdictReport)
    return _json(queue.record_verdict(worker=worker, key=job, report=report, now=clock.now()))


@for_worker
@require_POST
def failure(request: HttpRequest, worker: JudgeWorker, job: str) -> HttpResponse:
    """Take a job back."""
    report = decode(request.body, FailureReport)
    return _json(queue.record_failure(worker=worker, key=job, report=report, now=clock.now()))


@for_worker
@require_POST
def withdraw(request: HttpRequest, worker: JudgeWorker) -> HttpResponse:
    """Note that the worker takes itself out."""
    message = decode(request.body, Withdrawal)
    return _json(queue.withdraw(worker=worker, reason=message.reason, now=clock.now()))


@for_worker
@require_GET
def blob(request: HttpRequest, worker: JudgeWorker, sha256: str) -> HttpResponse:
    """A task's or a submission's bytes, only those of jobs that this worker holds."""
    if len(sha256) != SHA256_DIGITS or not set(sha256) <= _HEX or not _is_needed(worker, sha256):
        return HttpResponse("no such blob", status=404, content_type="text/plain")
    response = HttpResponse(path_of(sha256).read_bytes(), content_type="application/zip")
    response["Cache-Control"] = "private, immutable, max-age=31536000"
    return response


def _is_needed(worker: JudgeWorker, sha256: str) -> bool:
    held = JudgeJob.objects.filter(worker=worker, state="leased")
    return held.filter(task__package__sha256=sha256).exists() or held.filter(submission__sha256=sha256).exists()
