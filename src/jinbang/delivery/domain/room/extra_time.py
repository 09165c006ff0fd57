"""Extra time: append-only entries of the time ledger, and the second person for long ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.room.common import require_reason, same_person, signature
from jinbang.delivery.models import Attempt, RoomSession, TimeEntry
from jinbang.delivery.queries.ledger import taken_back, taking_back
from jinbang.exams.models import SittingSubject

#: Planned time comes from approved special arrangements, paused time by itself; neither is given in a room.
GIVEN_FOR = frozenset(TimeEntry.Cause.values) - {TimeEntry.Cause.PAUSE.value, TimeEntry.Cause.PLANNED.value}
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
    if cause not in GIVEN_FOR:
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

    Effects: the entry becomes effective, audit row. Refusals: ``already_authorised``, ``second_person_needed``,
    ``nothing_to_correct`` (it was declined).
    """
    with transaction.atomic():
        entry = _not_taken_back(entry)
        if entry.effective:
            raise Refusal("already_authorised", _("这笔延时已经生效"))
        if same_person(entry.asked_by, actor):
            raise Refusal("second_person_needed", _("延时超过单人限额，须由申请人以外的主考或考务人员批准"))
        entry.effective, entry.authorised_by = True, signature(actor)
        entry.save(update_fields=["effective", "authorised_by"])
        record("extra_time.authorise", entry, actor=actor, now=now, data={"seconds": entry.seconds})
    return entry


def correct_time(*, entry: TimeEntry, note: str, actor: Actor, now: datetime) -> TimeEntry:
    """Take an entry that counts back by one of the opposite sign.

    Effects: a ledger entry, an audit row. Refusals: ``nothing_to_correct``, ``reason_required``.
    """
    with transaction.atomic():
        entry = _not_taken_back(entry)
        if not entry.effective:
            raise Refusal("nothing_to_correct", _("这笔延时没有生效，或已经更正过"))
        return _take_back(entry, note, "extra_time.correct", actor, now)


def decline_time(*, entry: TimeEntry, note: str, actor: Actor, now: datetime) -> TimeEntry:
    """Turn down, or withdraw, an entry that waits for its second person.

    Effects: a ledger entry that counts as little as the first, an audit row. Refusals: ``already_authorised``,
    ``nothing_to_correct``, ``reason_required``.
    """
    with transaction.atomic():
        entry = _not_taken_back(entry)
        if entry.effective:
            raise Refusal("already_authorised", _("这笔延时已经生效"))
        return _take_back(entry, note, "extra_time.decline", actor, now)


def _not_taken_back(entry: TimeEntry) -> TimeEntry:
    """The entry, locked."""
    found = TimeEntry.objects.select_for_update().get(pk=entry.pk)
    backwards = TimeEntry.objects.filter(sitting_subject=found.sitting_subject_id, seconds__lt=0)
    if found.seconds <= 0 or found.pk in taken_back(backwards):
        raise Refusal("nothing_to_correct", _("这笔延时没有生效，或已经更正过"))
    return found


def _take_back(entry: TimeEntry, note: str, action: str, actor: Actor, now: datetime) -> TimeEntry:
    why = require_reason(note)
    back = TimeEntry.objects.create(
        sitting_subject_id=entry.sitting_subject_id, room_session_id=entry.room_session_id,
        attempt_id=entry.attempt_id, seconds=-entry.seconds, cause=entry.cause, note=taking_back(entry, why),
        asked_by=signature(actor), authorised_by=signature(actor), effective=entry.effective, at=now,
    )  # fmt: skip
    record(action, back, actor=actor, now=now, reason=why, data={"corrects": entry.pk})
    return back
