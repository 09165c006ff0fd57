"""Results: exact marks, nothing taken for 0 that is only missing, versions that follow one another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.accreditation.factories import ACTOR, refused
from tests.grading.world import AFTER, Graded, decide_all, graded_world, judge, lease, released_world, verdict_of

from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import move, verify_chain
from jinbang.delivery.models import Attempt
from jinbang.grading.domain import misconduct, queue
from jinbang.grading.domain.practical import practical_marks, queue_handed_in
from jinbang.grading.domain.results import compute_results, release_results
from jinbang.grading.models import JudgeJob, Result
from jinbang.judge.protocol import FailureKind, FailureReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Graded:
    return graded_world()


def compute(world: Graded, cause: str = "first") -> tuple[int, int, int]:
    done = compute_results(sitting=world.sitting, actor=ACTOR, now=AFTER, cause=cause)
    return done.computed, done.unchanged, len(done.pending)


def release(world: Graded) -> int:
    return release_results(sitting=world.sitting, actor=ACTOR, now=AFTER)


def table(world: Graded) -> list[tuple[Decimal | None, Decimal | None, Decimal | None, str]]:
    rows = [world.result(number) for number in range(len(world.registrations))]
    return [(row.theory, row.practical, row.composite, row.outcome) for row in rows]


def test_marks_come_together_forty_to_sixty(world: Graded) -> None:
    assert judge(world) == 3
    assert compute(world) == (5, 0, 0)
    assert table(world) == [
        (Decimal(100), Decimal(100), Decimal(100), "passed"),
        (Decimal(60), Decimal(60), Decimal(60), "passed"),
        (Decimal(100), Decimal(10), Decimal(46), "failed"),
        (Decimal(80), Decimal(0), Decimal(32), "failed"),
        (None, None, None, "absent"),
    ]
    assert verify_chain() == []


def test_a_result_explains_itself_in_words_and_names_every_mark(world: Graded) -> None:
    judge(world)
    compute(world)
    detail = world.result(1).detail
    assert detail["explanation"] == [
        "理论：得 60/100 分，折合 60.0，× 40% = 24.00",
        "实操：得 60/100 分，折合 60.0，× 60% = 36.00",
        "综合成绩 60.0，合格线 60",
        "结论：合格（规则 规则 v1）",
    ]
    theory, practical = detail["subjects"]
    assert [mark["outcome"] for mark in theory["marks"]] == ["right"] * 3 + ["wrong", "unanswered"]
    assert [(mark["awarded"], mark["outcome"]) for mark in practical["marks"]] == [("60.00", "partial")]
    assert practical["marks"][0]["source"] == f"verdict {world.job(1).verdict.sha256[:12]}"
    assert world.result(3).detail["subjects"][1]["marks"][0]["source"] == "no file was handed in"


def test_a_file_without_a_verdict_is_missing_and_not_worth_nothing(world: Graded) -> None:
    """Nobody queued anything yet: three wait, the one without a file and the absent one are known."""
    assert compute(world) == (2, 0, 3)
    queue_handed_in(now=AFTER)
    assert compute(world) == (0, 2, 3)
    decide_all(world, world.points)
    assert compute(world) == (3, 2, 0)


def test_a_buried_job_keeps_its_candidate_waiting(world: Graded) -> None:
    queue_handed_in(now=AFTER)
    job, *others = lease(world.worker)
    row = JudgeJob.objects.get(key=job.job)
    move(row, "bury", actor=SYSTEM, now=AFTER, reason="演示")
    for other in others:
        attempt = JudgeJob.objects.get(key=other.job).attempt_id
        report = verdict_of(other, world.points[attempt or 0])
        queue.record_verdict(worker=world.worker, key=other.job, report=report, now=AFTER)
    assert compute(world) == (4, 0, 1)
    with refused("results_pending"):
        release(world)
    queue.requeue(job=row, reason="判题机已修好", actor=ACTOR, now=AFTER)
    decide_all(world, world.points)
    assert compute(world) == (1, 4, 0)


def test_a_failed_judge_gives_no_mark(world: Graded) -> None:
    queue_handed_in(now=AFTER)
    for job in lease(world.worker):
        report = FailureReport(job.lease, FailureKind("internal"), "no space left")
        queue.record_failure(worker=world.worker, key=job.job, report=report, now=AFTER)
    assert list(practical_marks([world.attempt(0, "practical").pk]).values()) == [None]


def test_queueing_twice_queues_once_and_a_file_of_another_attempt_stays_its_own(world: Graded) -> None:
    assert (queue_handed_in(now=AFTER), queue_handed_in(now=AFTER)) == (3, 0)
    assert sorted(JudgeJob.objects.values_list("attempt", flat=True)) == sorted(world.points)


def test_the_newest_version_of_a_file_is_what_is_judged(world: Graded) -> None:
    from tests.grading.world import hand_in_file

    attempt = world.attempt(0, "practical")
    hand_in_file(attempt, b"# newer\n")
    queue_handed_in(now=AFTER)
    job = JudgeJob.objects.get(attempt=attempt)
    from jinbang.documents.domain import files
    from jinbang.judge.uploads import unpack

    assert unpack(files.read(job.submission)) == {"main.py": b"# newer\n"}


def test_computing_again_changes_nothing(world: Graded) -> None:
    judge(world)
    compute(world)
    before = list(Result.objects.order_by("pk").values())
    assert compute(world) == (0, 5, 0)
    assert list(Result.objects.order_by("pk").values()) == before


def test_a_change_adds_a_version_and_overwrites_none(world: Graded) -> None:
    judge(world)
    compute(world)
    first = Result.objects.filter(pk=world.result(0).pk).values().get()
    _breach(world, 0, "theory")
    assert compute(world, "违纪") == (1, 4, 0)
    second = world.result(0)
    assert (second.version, second.outcome, second.composite, second.cause) == (2, "voided", None, "违纪")
    assert Result.objects.filter(pk=first["id"]).values().get() == {**first, "state": "superseded"}


def _breach(world: Graded, number: int, subject: str | None) -> misconduct.MisconductCase:
    registration = world.registrations[number]
    attempt = world.attempt(number, subject) if subject else None
    case = misconduct.report(
        registration=registration, attempt=attempt, kind="breach" if subject else "cheating", facts="携带手机",
        actor=ACTOR, now=AFTER,
    )  # fmt: skip
    misconduct.notify_candidate(case=case, actor=ACTOR, now=AFTER)
    return misconduct.decide(case=case, decision="作废", actor=ACTOR, now=AFTER)


def test_a_breach_voids_its_subject_cheating_all_and_only_a_decision_counts(world: Graded) -> None:
    judge(world)
    _breach(world, 0, "theory")
    _breach(world, 1, None)
    misconduct.report(
        registration=world.registrations[2], attempt=None, kind="cheating", facts="待查", actor=ACTOR, now=AFTER
    )
    compute(world)
    states = [[row["state"] for row in world.result(number).detail["subjects"]] for number in range(3)]
    assert states == [["breach", "scored"], ["cheating", "cheating"], ["scored", "scored"]]
    assert (world.result(0).theory, world.result(0).practical) == (None, Decimal(100))


def test_an_overturned_decision_gives_the_marks_back(world: Graded) -> None:
    judge(world)
    case = _breach(world, 0, "theory")
    compute(world)
    misconduct.appeal_decision(case=case, reason="并非本人物品", actor=ACTOR, now=AFTER)
    misconduct.answer_appeal(case=case, uphold=True, reason="监控证实", actor=ACTOR, now=AFTER)
    compute(world, "申诉")
    assert [(row.version, row.outcome) for row in world.registrations[0].results.order_by("version")] == [
        (1, "voided"),
        (2, "passed"),
    ]


def test_a_voided_attempt_counts_as_a_breach_and_a_running_one_waits(world: Graded) -> None:
    judge(world)
    move(world.attempt(0, "practical"), "void", actor=ACTOR, now=AFTER, reason="替考")
    Attempt.objects.filter(pk=world.attempt(1, "theory").pk).update(state="running")
    assert compute(world) == (4, 0, 1)
    assert world.result(0).outcome == "voided"


def test_release_publishes_all_at_once_and_only_once(world: Graded) -> None:
    judge(world)
    with refused("results_pending"):
        release(world)
    compute(world)
    assert release(world) == 5
    world.sitting.refresh_from_db()
    assert world.sitting.state == "released"
    assert set(Result.objects.values_list("state", flat=True)) == {"released"}
    with refused("illegal_move"):
        release(world)


def test_results_that_no_longer_hold_are_not_released(world: Graded) -> None:
    judge(world)
    compute(world)
    _breach(world, 0, "theory")
    with refused("results_stale"):
        release(world)
    compute(world)
    assert release(world) == 5


def test_a_change_after_release_is_released_as_a_new_version(db: None) -> None:
    world = released_world()
    _breach(world, 1, "practical")
    assert compute(world, "违纪") == (1, 4, 0)
    assert [(row.version, row.state) for row in world.registrations[1].results.order_by("version")] == [
        (1, "superseded"),
        (2, "released"),
    ]


def test_a_sitting_that_is_not_over_has_no_results(world: Graded) -> None:
    from jinbang.exams.models import Sitting

    Sitting.objects.filter(pk=world.sitting.pk).update(state="running")
    with refused("sitting_not_closed"):
        compute(world)
