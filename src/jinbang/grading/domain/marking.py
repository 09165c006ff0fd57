"""Marking by people: allocated anonymously, marked independently, settled by the rules of the plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.audit.actor import SYSTEM, Actor
from jinbang.audit.domain import move, record
from jinbang.core import marking as rules
from jinbang.core.errors import Refusal
from jinbang.exams.domain.rules import rules_of
from jinbang.grading.models import Appeal, JudgeVerdict, Marking, MarkingTask, Result
from jinbang.judge.verdict import from_json

#: A case of a canonical verdict with points that people have still to give (zero is written ``"0"``).
SOMETHING_PENDING = r'"pending":"(0[.]|[1-9])'


def open_tasks(*, now: datetime) -> int:
    """Make a marking task for every part of a judged answer that people mark; again makes none twice.

    Mode and threshold are the plan's. Returns how many were made.
    """
    opened = MarkingTask.objects.filter(attempt=OuterRef("job__attempt"), item=OuterRef("job__item"))
    waiting = JudgeVerdict.objects.filter(
        ~Exists(opened), canonical__regex=SOMETHING_PENDING, job__attempt__isnull=False, job__counts=True
    ).select_related("job__attempt__sitting_subject__sitting__plan__rule_set")
    return sum(_open_parts(verdict) for verdict in list(waiting))


@transaction.atomic
def _open_parts(verdict: JudgeVerdict) -> int:
    """All parts of an answer or none: a stop between two of them is made good by the next call."""
    cases = from_json(verdict.canonical.encode()).cases
    return sum(_open(verdict, case.name, case.pending) for case in cases if case.pending > 0)


def _open(verdict: JudgeVerdict, part: str, points: Decimal) -> int:
    attempt = verdict.job.attempt
    assert attempt is not None
    plan = rules_of(attempt.sitting_subject.sitting.plan)
    _task, created = MarkingTask.objects.get_or_create(
        attempt=attempt,
        item=verdict.job.item,
        part=part,
        defaults={
            "max_points": points,
            "mode": plan.marking_mode,
            "threshold": plan.marking_threshold,
        },
    )
    return int(created)


@transaction.atomic
def allocate(*, task: MarkingTask, marker: Person, actor: Actor, now: datetime) -> Marking:
    """Give a task to a marker, who must not have marked it before.

    Effects: the marking, the task's state, an audit row. Refusals: ``marking_closed`` (settled or before the leader);
    ``markers_enough`` (nobody's mark is missing); ``marker_again``; ``marker_school`` (markers do not mark their own
    school's candidates).
    """
    task = MarkingTask.objects.select_for_update().get(pk=task.pk)
    if task.state not in ("waiting", "allocated"):
        raise Refusal("marking_closed", _("这份作答已经定分或正在仲裁，不能再分配"))
    if Marking.objects.filter(task=task, marker=marker).exists():
        raise Refusal("marker_again", _("{name} 已评过这份作答，请分给其他人"), name=marker.name)
    if marker.home_organisation_id == task.attempt.registration.school_id:
        raise Refusal("marker_school", _("{name} 与考生同属一所院校，应当回避"), name=marker.name)
    if task.markings.count() >= _wanted(task):
        raise Refusal("markers_enough", _("这份作答的阅卷员已经分齐，请等待评分"))
    if task.state == "waiting":
        move(task, "allocate", actor=actor, now=now)
    record("marking.give", task, actor=actor, now=now, data={"marker": marker.pk})
    return Marking.objects.create(task=task, marker=marker, round=task.markings.count() + 1, allocated_at=now)


def _wanted(task: MarkingTask) -> int:
    """How many markers the task needs as things stand: a third one only once two differ too much."""
    if task.mode == rules.Mode.ONE:
        return 1
    third = rules.settle(_rules_of(task), _given(task)) is rules.Needs.THIRD
    return 3 if third else 2


def _rules_of(task: MarkingTask) -> rules.MarkingRules:
    return rules.MarkingRules(rules.Mode(task.mode), task.max_points, task.threshold, places=2)


def _given(task: MarkingTask) -> list[Decimal]:
    rows = task.markings.filter(marked_at__isnull=False).order_by("round")
    return [points for points in rows.values_list("points", flat=True) if points is not None]


@transaction.atomic
def submit(*, marking: Marking, points: Decimal, comment: str, actor: Actor, now: datetime) -> MarkingTask:
    """Put a marker's points on file and settle the task if the rules allow.

    Effects: the marking, an audit row; the task is settled, disputed (the leader decides) or waits for the next
    marker. Refusals: ``marked_already``, ``marking_closed`` (settled without this mark), ``mark_range``.
    """
    task = MarkingTask.objects.select_for_update().get(pk=marking.task_id)
    marking = Marking.objects.get(pk=marking.pk)
    if marking.marked_at is not None:
        raise Refusal("marked_already", _("您已提交评分；需要更改请联系阅卷组长"))
    if task.state != "allocated":
        raise Refusal("marking_closed", _("这份作答已经定分或正在仲裁，不再需要这份评分"))
    _require_range(points, task)
    marking.points, marking.comment, marking.marked_at = points, comment, now
    marking.save(update_fields=["points", "comment", "marked_at"])
    record("marking.mark", task, actor=actor, now=now, data={"round": marking.round, "points": str(points)})
    return _settle(task, now)


def _require_range(points: Decimal, task: MarkingTask) -> None:
    if not 0 <= points <= task.max_points:
        raise Refusal("mark_range", _("分数应在 0 与 {full} 之间"), full=task.max_points, field="points")


def _settle(task: MarkingTask, now: datetime) -> MarkingTask:
    outcome = rules.settle(_rules_of(task), _given(task))
    if isinstance(outcome, rules.Settled):
        _finish(task, outcome.value, now)
    elif outcome is rules.Needs.LEADER:
        move(move(task, "submit", actor=SYSTEM, now=now), "dispute", actor=SYSTEM, now=now)
    elif not task.markings.filter(marked_at__isnull=True).exists():
        move(task, "release", actor=SYSTEM, now=now)
    return task


def _finish(task: MarkingTask, points: Decimal, now: datetime) -> None:
    task.settled_points = points
    task.save(update_fields=["settled_points"])
    move(move(task, "submit", actor=SYSTEM, now=now), "settle", actor=SYSTEM, now=now, data={"points": str(points)})


@transaction.atomic
def adjudicate(*, task: MarkingTask, points: Decimal, reason: str, actor: Actor, now: datetime) -> MarkingTask:
    """The leader decides where markers differ beyond the threshold; the reason is kept. Refusal ``mark_range``."""
    _require_range(points, task)
    move(task, "adjudicate", actor=actor, now=now, reason=reason, data={"points": str(points)})
    task.settled_points = points
    task.save(update_fields=["settled_points"])
    return task


@transaction.atomic
def reopen(
    *, task: MarkingTask, markings: Collection[Marking], reason: str, actor: Actor, now: datetime
) -> MarkingTask:
    """Give a settled task back to some of its markers, who mark it anew; the reason and the old marks are kept.

    Effects: the task is allocated and has no points; those markings have none; an audit row says what they were.
    Refusals: ``marking_none`` (no marking of the task named); ``marking_released`` once the result is out, unless an
    appeal against it is under review.
    """
    task = MarkingTask.objects.select_for_update().get(pk=task.pk)
    chosen = list(task.markings.filter(pk__in=[row.pk for row in markings], marked_at__isnull=False).order_by("round"))
    if not chosen:
        raise Refusal("marking_none", _("请选择要重评的评分"), field="markings")
    _require_open_result(task)
    before = [{"round": row.round, "points": str(row.points), "comment": row.comment} for row in chosen]
    settled = str(task.settled_points)
    move(task, "reopen", actor=actor, now=now, reason=reason, data={"settled": settled, "marks": before})
    task.settled_points = None
    task.save(update_fields=["settled_points"])
    task.markings.filter(pk__in=[row.pk for row in chosen]).update(points=None, comment="", marked_at=None)
    return task


def _require_open_result(task: MarkingTask) -> None:
    registration = task.attempt.registration_id
    released = Result.objects.filter(registration=registration, state="released").exists()
    if released and not Appeal.objects.filter(result__registration=registration, state="under_review").exists():
        raise Refusal("marking_released", _("成绩已经发布；要更改评分，须先有受理中的成绩复核"))
