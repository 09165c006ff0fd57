"""Extra time: append-only entries of the time ledger, and the second person for long ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.room.common import same_person, signature
from jinbang.delivery.models import Attempt, RoomSession, TimeEntry
from jinbang.exams.models import SittingSubject

ALONE_LIMIT_S = 600
MOST_S = 50 * 60


@dataclass(frozen=True)
class Target:
    """A seat, a room or everyone: the most specific one that is set counts."""

    subject: SittingSubject
    session: RoomSession | None = None
    attempt: Attempt | None = None

    def fields(self) -> dict[str, object]:
        """The columns of the ledger that say for whom an entry is."""
        return {"sitting_subject": self.subject, "room_session": self.session, "attempt": self.attempt}

    def alone_limit_s(self) -> int:
        """Seconds in all that one person may give here (``extra_time_alone_s`` of the room's rules)."""
        rules = self.session.rules if self.session is not None else {}
        return int(rules.get("extra_time_alone_s", ALONE_LIMIT_S))


def _given_s(target: Target) -> int:
    rows = TimeEntry.objects.filter(**target.fields(), effective=True).exclude(cause=TimeEntry.Cause.PLANNED)
    return int(rows.aggregate(sum=Sum("seconds"))["sum"] or 0)


def _enter(target: Target, seconds: int, cause: str, note: str, actor: Actor, now: datetime) -> TimeEntry:
    if not 0 < seconds <= MOST_S:
        raise Refusal(
            "time_out_of_range",
            _("延时须在 1 秒到 {most} 分钟之间；更长的中断应停考改期"),
            most=MOST_S // 60,
            field="minutes",
        )
    if cause not in TimeEntry.Cause.values or cause == TimeEntry.Cause.PAUSE:
        raise Refusal("cause_unknown", _("请选择延时原因"), field="cause")
    with transaction.atomic():
        SittingSubject.objects.select_for_update().get(
            pk=target.subject.pk
        )  # two requests must not both stay under the limit
        alone = _given_s(target) + seconds <= target.alone_limit_s()
        entry = TimeEntry.objects.create(
            **target.fields(), seconds=seconds, cause=cause, note=note.strip()[:300], asked_by=signature(actor),
            authorised_by=signature(actor) if alone else "", effective=alone, at=now,
        )  # fmt: skip
        data = {"seconds": seconds, "cause": cause, "effective": alone}
        record("extra_time.ask", entry, actor=actor, now=now, reason=entry.note, data=data)
    return entry


def give_time(
    *,
    session: RoomSession,
    seconds: int,
    cause: str,
    note: str,
    actor: Actor,
    now: datetime,
    attempt: Attempt | None = None,
) -> TimeEntry:
    """Give ``seconds`` to a room, or to one ``attempt`` in it. Beyond the limit the entry waits for a second person.

    Effects: one ledger entry (``effective`` says whether it counts already), one audit row. Refusals:
    ``time_out_of_range``, ``cause_unknown``, ``room_not_open``, ``attempt_over``.
    """
    if session.state == "closed":
        raise Refusal("room_not_open", _("考场已结束，不能再延时"))
    if attempt is not None and attempt.state not in ("prepared", "running"):
        raise Refusal("attempt_over", _("该考生已交卷或缺考，不能延时"))
    target = Target(session.sitting_subject, session, attempt)
    return _enter(target, seconds, cause, note, actor, now)


def give_time_to_all(
    *, subject: SittingSubject, seconds: int, cause: str, note: str, actor: Actor, now: datetime
) -> TimeEntry:
    """Give ``seconds`` to every candidate of a subject, in every room, by one entry. Else as :func:`give_time`."""
    return _enter(Target(subject), seconds, cause, note, actor, now)


def authorise(*, entry: TimeEntry, actor: Actor, now: datetime) -> TimeEntry:
    """The second person agrees, and the time counts from now on.

    Effects: the entry becomes effective, audit row. Refusals: ``already_authorised``, ``second_person_needed``.
    """
    with transaction.atomic():
        entry = TimeEntry.objects.select_for_update().get(pk=entry.pk)
        if entry.effective:
            raise Refusal("already_authorised", _("这笔延时已经生效"))
        if same_person(entry.asked_by, actor):
            raise Refusal("second_person_needed", _("延时超过单人限额，须由申请人以外的主考或考务人员批准"))
        entry.effective, entry.authorised_by = True, signature(actor)
        entry.save(update_fields=["effective", "authorised_by"])
        record("extra_time.authorise", entry, actor=actor, now=now, data={"seconds": entry.seconds})
    return entry


def correct_time(*, entry: TimeEntry, note: str, actor: Actor, now: datetime) -> TimeEntry:
    """Take an entry back by one of the opposite sign.

    Effects: a ledger entry, an audit row. Refusal ``nothing_to_correct``.
    """
    with transaction.atomic():
        entry = TimeEntry.objects.select_for_update().get(pk=entry.pk)
        mark = f"↩{entry.pk}"
        done = TimeEntry.objects.filter(
            sitting_subject=entry.sitting_subject_id, seconds__lt=0, note__startswith=f"{mark} "
        )
        if not entry.effective or entry.seconds <= 0 or done.exists():
            raise Refusal("nothing_to_correct", _("这笔延时没有生效，或已经更正过"))
        back = TimeEntry.objects.create(
            sitting_subject_id=entry.sitting_subject_id, room_session_id=entry.room_session_id,
            attempt_id=entry.attempt_id, seconds=-entry.seconds, cause=entry.cause, note=f"{mark} {note.strip()}"[:300],
            asked_by=signature(actor), authorised_by=signature(actor), effective=True, at=now,
        )  # fmt: skip
        record("extra_time.correct", back, actor=actor, now=now, reason=note, data={"corrects": entry.pk})
    return back


def waiting_entries(subjects: Sequence[int]) -> list[TimeEntry]:
    """Entries of these subjects that wait for a second person, oldest first."""
    rows = TimeEntry.objects.filter(sitting_subject_id__in=subjects, effective=False)
    return list(rows.select_related("attempt__seat", "room_session__room__site").order_by("at"))
