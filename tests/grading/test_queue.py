"""The judge's queue: exactly one verdict a job, whatever workers do."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from jinbang.audit.actor import SYSTEM
from jinbang.content.models import PracticalTask
from jinbang.grading.domain import queue
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import JudgeJob, JudgeVerdict, JudgeWorker
from jinbang.judge.protocol import (
    FailureKind,
    FailureReport,
    Heartbeat,
    Job,
    LeaseRequest,
    LeaseState,
    Phase,
    ProtocolError,
    Scope,
    Usage,
    VerdictReport,
    encode,
    sha256,
)
from jinbang.judge.protocol import Kind as WireKind
from jinbang.judge.verdict import CaseVerdict, Outcome, Verdict, canonical_json

from .conftest import NOW

PROFILES = {"basic": "c" * 64}


def put(task: PracticalTask, text: bytes = b"print(1)", kind: str = "practice", now: datetime = NOW) -> JudgeJob:
    return queue.enqueue(kind=kind, task=task, submission={"main.py": text}, actor=SYSTEM, now=now)


def ask(worker: JudgeWorker, now: datetime = NOW, capacity: int = 1, ok: bool = True) -> list[Job]:
    request = LeaseRequest(worker.name, capacity, PROFILES, {"ok": ok}, "1")
    return queue.lease(worker=worker, request=request, now=now).jobs


def report_of(job: Job, points: str = "10", outcome: Outcome = Outcome.ACCEPTED) -> VerdictReport:
    case = CaseVerdict("1", outcome, Decimal(points), Decimal(10), "", "", True)
    text = canonical_json(
        Verdict(outcome, Decimal(points), Decimal(10), (case,), job.task_digest, "c" * 64, job.submission_digest)
    )
    return VerdictReport(job.lease, text.decode(), sha256(text), Usage(5, 6, 7))


def decide(worker: JudgeWorker, job: Job, report: VerdictReport, now: datetime = NOW) -> LeaseState:
    return queue.record_verdict(worker=worker, key=job.job, report=report, now=now).state


def test_exam_before_practice_then_oldest_first(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    practice = put(task, b"a")
    late = put(task, b"b", "exam", NOW + timedelta(seconds=9))
    early = put(task, b"c", "exam", NOW + timedelta(seconds=5))
    granted = ask(worker[0], NOW + timedelta(minutes=1), capacity=3)
    assert [job.job for job in granted] == [early.key, late.key, practice.key]


def test_no_more_is_granted_than_the_worker_can_take(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    for number in range(5):
        put(task, b"%d" % number)
    assert len(ask(worker[0], capacity=2)) == 2
    assert JudgeJob.objects.filter(state="leased").count() == 2


def test_a_verdict_is_recorded_once_and_repeating_it_says_so(
    task: PracticalTask, worker: tuple[JudgeWorker, str]
) -> None:
    put(task)
    [job] = ask(worker[0])
    assert decide(worker[0], job, report_of(job)) is LeaseState.RECORDED
    assert decide(worker[0], job, report_of(job)) is LeaseState.RECORDED
    assert decide(worker[0], job, report_of(job, "0", Outcome.WRONG)) is LeaseState.LOST
    stored = JudgeVerdict.objects.get()
    assert (stored.points, stored.outcome, JudgeJob.objects.get().state) == (Decimal(10), "accepted", "done")


def test_a_lapsed_lease_goes_to_another_worker_and_the_first_one_has_lost(
    task: PracticalTask, worker: tuple[JudgeWorker, str]
) -> None:
    put(task)
    [first] = ask(worker[0])
    other, _token = register_worker(name="hall-2", actor=SYSTEM, now=NOW)
    assert ask(other, NOW + timedelta(seconds=59)) == []
    later = NOW + timedelta(seconds=61)
    assert ask(other, later) == []  # freed now, offered again after its pause
    [second] = ask(other, later + timedelta(seconds=3))
    assert decide(worker[0], first, report_of(first), later) is LeaseState.LOST
    assert decide(other, second, report_of(second), later) is LeaseState.RECORDED
    assert JudgeVerdict.objects.count() == 1


def test_work_done_under_a_lapsed_lease_counts_while_nobody_else_has_the_job(
    task: PracticalTask, worker: tuple[JudgeWorker, str]
) -> None:
    put(task)
    [job] = ask(worker[0])
    later = NOW + timedelta(seconds=61)
    assert ask(worker[0], later) == []
    assert decide(worker[0], job, report_of(job), later) is LeaseState.RECORDED


def test_three_counted_failures_bury_a_job_with_its_reason_and_staff_can_put_it_back(
    task: PracticalTask, worker: tuple[JudgeWorker, str]
) -> None:
    put(task)
    at = NOW
    for _try in range(queue.MAX_TRIES):
        at += timedelta(minutes=2)
        [job] = ask(worker[0], at)
        message = FailureReport(job.lease, FailureKind.INTERNAL, "the sandbox broke")
        assert queue.record_failure(worker=worker[0], key=job.job, report=message, now=at).state is LeaseState.RECORDED
        assert queue.record_failure(worker=worker[0], key=job.job, report=message, now=at).state is LeaseState.RECORDED
    buried = JudgeJob.objects.get()
    assert (buried.state, buried.tries, buried.last_failure) == ("dead", 3, "internal: the sandbox broke")
    assert not JudgeVerdict.objects.exists()
    queue.requeue(job=buried, reason="判题机已修复", actor=SYSTEM, now=at)
    assert len(ask(worker[0], at)) == 1


def test_a_worker_without_the_toolchain_is_not_asked_again_and_no_try_is_used(
    task: PracticalTask, worker: tuple[JudgeWorker, str]
) -> None:
    put(task)
    [job] = ask(worker[0])
    message = FailureReport(job.lease, FailureKind.UNAVAILABLE, "no such toolchain")
    queue.record_failure(worker=worker[0], key=job.job, report=message, now=NOW)
    other, _token = register_worker(name="hall-2", actor=SYSTEM, now=NOW)
    assert ask(worker[0], NOW) == []
    assert [job.attempt for job in ask(other, NOW)] == [2]
    assert JudgeJob.objects.get().tries == 0


def test_a_host_that_cannot_judge_gets_no_jobs(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    put(task)
    assert ask(worker[0], ok=False) == []


def test_equal_content_takes_over_the_verdict(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    put(task)
    [job] = ask(worker[0])
    decide(worker[0], job, report_of(job))
    again = put(task)
    assert (again.state, again.verdict.points, again.verdict.usage["taken_over"]) == ("done", Decimal(10), True)
    assert put(task, b"print(2)").state == "queued"


def test_a_practice_run_sees_the_visible_tests_alone_and_its_verdict_never_becomes_an_examinations(
    task: PracticalTask, worker: tuple[JudgeWorker, str]
) -> None:
    put(task)
    [job] = ask(worker[0])
    assert (job.kind, job.scope) == (WireKind.PRACTICE, Scope.VISIBLE)
    decide(worker[0], job, report_of(job))
    exam = put(task, kind="exam")
    assert exam.state == "queued"
    [job] = ask(worker[0])
    assert (job.kind, job.scope) == (WireKind.EXAM, Scope.ALL)
    decide(worker[0], job, report_of(job, "4", Outcome.PARTIAL))
    assert put(task).verdict.points == Decimal(10)
    assert put(task, kind="regrade").verdict.points == Decimal(4)


def test_a_judges_own_failure_is_never_a_mark(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    put(task)
    [job] = ask(worker[0])
    with pytest.raises(ProtocolError, match="reported as a failure"):
        decide(worker[0], job, report_of(job, "0", Outcome.INTERNAL))
    assert JudgeJob.objects.get().state == "leased"


def test_a_heartbeat_keeps_the_lease(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    put(task)
    [job] = ask(worker[0])
    other, _token = register_worker(name="hall-2", actor=SYSTEM, now=NOW)
    beat = Heartbeat(job.lease, Phase.JUDGING)
    at = NOW + timedelta(seconds=50)
    assert queue.heartbeat(worker=worker[0], key=job.job, message=beat, now=at).state is LeaseState.HELD
    assert ask(other, NOW + timedelta(seconds=100)) == []
    stale = Heartbeat("other", Phase.JUDGING)
    assert queue.heartbeat(worker=worker[0], key=job.job, message=stale, now=at).state is LeaseState.LOST


def test_the_whole_conversation_over_http(task: PracticalTask, worker: tuple[JudgeWorker, str]) -> None:
    put(task)
    web = Client(headers={"Authorization": f"Bearer {worker[1]}"})
    body = encode(LeaseRequest("hall-1", 1, PROFILES, {"ok": True}, "1"))
    answer = web.post("/judge/v1/lease", body, content_type="application/json").json()
    [job] = answer["jobs"]
    blob = web.get(f"/judge/v1/blob/{job['task_blob']}")
    assert blob.content == b"task zip"
    assert web.get(f"/judge/v1/blob/{'0' * 64}").status_code == 404
    report = report_of(Job(**job))
    answer = web.post(f"/judge/v1/jobs/{job['job']}/verdict", encode(report), content_type="application/json")
    assert answer.json() == {"state": "recorded"}
    assert web.get(f"/judge/v1/blob/{job['task_blob']}").status_code == 404  # no longer needed
    bad = web.post("/judge/v1/lease", b"{}", content_type="application/json")
    assert bad.status_code == 422


def test_an_unknown_token_is_turned_away(db: None) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = Client(headers=headers).post("/judge/v1/lease", json.dumps({}), content_type="application/json")
        assert answer.status_code == 401
