"""Marking by people: allocated anonymously, marked independently, settled by the rules of the plan."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.audit.actor import SYSTEM, Actor
from jinbang.audit.domain import move
from jinbang.core import marking as rules
from jinbang.core.errors import Refusal
from jinbang.exams.domain.rules import rules_of
from jinbang.grading.models import JudgeVerdict, Marking, MarkingTask
from jinbang.judge.verdict import from_json


def open_tasks(*, now: datetime) -> int:
    """Make a marking task for every part of a judged answer that people mark; again makes none twice.

    Mode and threshold are the plan's.
    """
    made = 0
    waiting = JudgeVerdict.objects.filter(
        outcome__in=("pending", "partial", "accepted", "wrong"), job__attempt__isnull=False, job__counts=True
    ).select_related("job__attempt__sitting_subject__sitting__plan__rule_set")
    for verdict in waiting.exclude(job__attempt__marking_tasks__isnull=False).iterator():
        for case in from_json(verdict.canonical.encode()).cases:
            if case.pending > 0:
                made += _open(verdict, case.name, case.pending)
    return made


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

    Refusals: ``marker_again``; ``marker_school`` (markers do not mark their own school's candidates).
    """
    task = MarkingTask.objects.select_for_update().get(pk=task.pk)
    if Marking.objects.filter(task=task, marker=marker).exists():
        raise Refusal("marker_again", _("{name} 已评过这份作答，请分给其他人"), name=marker.name)
    if marker.home_organisation_id == task.attempt.registration.school_id:
        raise Refusal("marker_school", _("{name} 与考生同属一所院校，应当回避"), name=marker.name)
    if task.state == "waiting":
        move(task, "allocate", actor=actor, now=now)
    return Marking.objects.create(task=task, marker=marker, round=task.markings.count() + 1, allocated_at=now)


@transaction.atomic
def submit(*, marking: Marking, points: Decimal, comment: str, actor: Actor, now: datetime) -> MarkingTask:
    """Put a marker's points on file and settle the task if the rules allow.

    Effects: the marking; the task is settled, disputed (the leader decides) or waits for the next marker.
    Refusals: ``marked_already``, ``mark_range``.
    """
    task = MarkingTask.objects.select_for_update().get(pk=marking.task_id)
    if marking.marked_at is not None:
        raise Refusal("marked_already", _("您已提交评分；需要更改请联系阅卷组长"))
    if not 0 <= points <= task.max_points:
        raise Refusal("mark_range", _("分数应在 0 与 {full} 之间"), full=task.max_points)
    marking.points, marking.comment, marking.marked_at = points, comment, now
    marking.save(update_fields=["points", "comment", "marked_at"])
    return _settle(task, now)


def _settle(task: MarkingTask, now: datetime) -> MarkingTask:
    given = [row.points for row in task.markings.filter(marked_at__isnull=False).order_by("round")]
    plan = rules.MarkingRules(rules.Mode(task.mode), task.max_points, task.threshold, places=2)
    outcome = rules.settle(plan, [points for points in given if points is not None])
    if isinstance(outcome, rules.Settled):
        _finish(task, outcome.value, now)
    elif outcome is rules.Needs.LEADER:
        move(move(task, "submit", actor=SYSTEM, now=now), "dispute", actor=SYSTEM, now=now)
    elif task.markings.filter(marked_at__isnull=True).count() == 0:
        move(task, "release", actor=SYSTEM, now=now)
    return task


def _finish(task: MarkingTask, points: Decimal, now: datetime) -> None:
    task.settled_points = points
    task.save(update_fields=["settled_points"])
    move(move(task, "submit", actor=SYSTEM, now=now), "settle", actor=SYSTEM, now=now, data={"points": str(points)})


@transaction.atomic
def adjudicate(*, task: MarkingTask, points: Decimal, reason: str, actor: Actor, now: datetime) -> MarkingTask:
    """The leader decides where markers differ beyond the threshold; the reason is kept."""
    if not 0 <= points <= task.max_points:
        raise Refusal("mark_range", _("分数应在 0 与 {full} 之间"), full=task.max_points)
    task.settled_points = points
    task.save(update_fields=["settled_points"])
    return move(task, "adjudicate", actor=actor, now=now, reason=reason, data={"points": str(points)})
