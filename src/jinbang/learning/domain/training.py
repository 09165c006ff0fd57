"""Teacher training: places in a term, days attended, class hours earned."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.learning.models import Attendance, Enrolment, TrainingSession, TrainingTerm

ZONE = ZoneInfo("Asia/Shanghai")


def clashes(term: TrainingTerm, person: Person) -> list[date]:
    """Days of ``term`` on which the person already has a place in another term."""
    own = Enrolment.objects.filter(person=person).exclude(term=term).exclude(state="withdrawn")
    taken = TrainingSession.objects.filter(term__enrolments__in=own).values_list("date", flat=True)
    return sorted(set(taken) & set(term.sessions.values_list("date", flat=True)))


@transaction.atomic
def enrol(*, term: TrainingTerm, person: Person, actor: Actor, now: datetime) -> Enrolment:
    """Give a teacher a place in a term.

    Effects: enrolment, audit row. Refusals: ``enrolment_closed``, ``enrolled_already``, ``term_full``,
    ``training_clash`` (the programmes of a year meet on some weekends: the days are named).
    """
    term = TrainingTerm.objects.select_for_update().get(pk=term.pk)
    if now > term.enrolment_closes:
        raise Refusal("enrolment_closed", _("本期培训报名已截止"))
    standing = term.enrolments.exclude(state="withdrawn")
    if standing.filter(person=person).exists():
        raise Refusal("enrolled_already", _("您已报名本期培训"))
    if standing.count() >= term.capacity:
        raise Refusal("term_full", _("本期培训名额已满（{capacity} 人）"), capacity=term.capacity)
    days = clashes(term, person)
    if days:
        listed = "、".join(day.isoformat() for day in days)
        raise Refusal("training_clash", _("与您已报名的其他培训在 {days} 冲突，请先退出其中一期"), days=listed)
    enrolment = Enrolment.objects.create(term=term, person=person, enrolled_at=now)
    record("training.enrol", enrolment, actor=actor, now=now)
    return enrolment


def withdraw(*, enrolment: Enrolment, actor: Actor, now: datetime) -> Enrolment:
    """Give a place back."""
    return move(enrolment, "withdraw", actor=actor, now=now)


@transaction.atomic
def record_attendance(
    *, enrolment: Enrolment, session: TrainingSession, hours: int, actor: Actor, now: datetime
) -> Attendance:
    """Record the hours attended on a day that has begun; recording again corrects the figure.

    Effects: attendance, audit row; the enrolment is completed once every day's hours are full.
    Refusals: ``not_enrolled``, ``other_term``, ``not_begun``, ``hours_range``.
    """
    enrolment = Enrolment.objects.select_for_update(of=("self",)).select_related("term").get(pk=enrolment.pk)
    if enrolment.state != "enrolled":
        raise Refusal("not_enrolled", _("该学员已退出或已结业，学时不能再登记"))
    if session.term_id != enrolment.term_id:
        raise Refusal("other_term", _("该培训日不属于这一期"))
    if now < datetime.combine(session.date, time.min, ZONE):
        raise Refusal("not_begun", _("培训日尚未到来，不能登记学时"))
    if not 0 <= hours <= session.hours:
        raise Refusal("hours_range", _("当日学时应在 0 至 {most} 之间"), most=session.hours)
    attendance, _created = Attendance.objects.update_or_create(
        enrolment=enrolment,
        session=session,
        defaults={"hours": hours, "recorded_at": now, "recorded_by": actor.label},
    )
    record("training.attendance", enrolment, actor=actor, now=now, data={"date": session.date, "hours": hours})
    if enrolment.state == "enrolled" and hours_earned(enrolment) == hours_of(enrolment.term):
        move(enrolment, "complete", actor=actor, now=now, audience=[{"person": enrolment.person_id}])
    return attendance


def hours_earned(enrolment: Enrolment) -> int:
    """Class hours attended so far."""
    return enrolment.attendance.aggregate(total=Sum("hours"))["total"] or 0


def hours_of(term: TrainingTerm) -> int:
    """Class hours that a term has in all."""
    return term.sessions.aggregate(total=Sum("hours"))["total"] or 0
