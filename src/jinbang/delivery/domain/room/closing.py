"""Ending a room: nobody's answers may be left behind without a decision."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.closing import anchor_log, close_attempt
from jinbang.delivery.domain.room.common import require_open, require_reason, same_person
from jinbang.delivery.domain.room.incidents import WAIVER, record_incident
from jinbang.delivery.models import Attempt, Incident, RoomSession

SILENT_BEFORE_END = timedelta(seconds=30)
WAIVERS_NEEDED = 2


@dataclass(frozen=True)
class Unsettled:
    """An attempt that may still hold answers which the server does not have, and who waived them so far."""

    attempt: Attempt
    steps: int
    waived_by: tuple[str, ...]

    @property
    def waived(self) -> bool:
        """Whether two people have waived it."""
        return len(self.waived_by) >= WAIVERS_NEEDED


def unsettled(session: RoomSession) -> list[Unsettled]:
    """Attempts with answers that may be lost: the machine reported some as unsent, or fell silent before an automatic
    or forced hand-in and was not heard since. A rescue file taken in afterwards settles an attempt."""
    silent = Q(last_seen_at__lt=F("handed_in_at") - SILENT_BEFORE_END) & Q(hand_in_how__in=["auto", "forced"])
    rows = Attempt.objects.filter(Q(unsynced__gt=0) | silent, room_session=session, state="handed_in")
    rescued = rows.filter(rescue_files__taken_in_at__gte=F("handed_in_at")).values("pk")
    waivers = defaultdict(list)
    for attempt_id, by in session.incidents.filter(code=WAIVER).order_by("at").values_list("attempt_id", "by"):
        waivers[attempt_id].append(by)
    found = rows.exclude(pk__in=rescued).select_related("seat").order_by("seat__number")
    return [Unsettled(attempt, attempt.unsynced, tuple(dict.fromkeys(waivers[attempt.pk]))) for attempt in found]


def waive(*, attempt: Attempt, note: str, actor: Actor, now: datetime) -> Incident:
    """One of two people who declare that nothing more can be got from a machine.

    Effects: an incident of code ``waiver``, an audit row. Refusals: ``nothing_unsettled``,
    ``second_person_needed``, ``note_needed``.
    """
    session = attempt.room_session
    with transaction.atomic():
        RoomSession.objects.select_for_update().get(pk=session.pk)
        mine = next((one for one in unsettled(session) if one.attempt.pk == attempt.pk), None)
        if mine is None:
            raise Refusal("nothing_unsettled", _("该考生没有未同步的作答"))
        if any(same_person(by, actor) for by in mine.waived_by):
            raise Refusal("second_person_needed", _("您已经确认过，须由另一人再确认一次"))
        return record_incident(session=session, code=WAIVER, note=note, actor=actor, now=now, attempt=attempt)


def force_hand_in(*, attempt: Attempt, reason: str, actor: Actor, now: datetime) -> Attempt:
    """Hand in for a candidate what is stored. Effects and refusals: ``delivery.domain.closing.close_attempt``."""
    return close_attempt(attempt=attempt, event="force_hand_in", actor=actor, now=now, reason=require_reason(reason))


def close_room(*, session: RoomSession, actor: Actor, now: datetime) -> RoomSession:
    """Close a room after its subject.

    Effects: state, ``closed_at``, the digest of the room's log in the audit chain. Refusals: ``room_not_open``,
    ``room_has_running``, ``attendance_open`` (someone neither signed in nor marked absent), ``answers_unsynced``,
    ``pause_open``.
    """
    require_open(session)
    with transaction.atomic():
        session = RoomSession.objects.select_for_update().get(pk=session.pk)
        _check_closable(session)
        move(session, "close", actor=actor, now=now)
        session.closed_at = now
        session.save(update_fields=["closed_at"])
        anchor_log(session, actor=actor, now=now)
    return session


def _check_closable(session: RoomSession) -> None:
    if session.pauses.filter(ends_at__isnull=True).exists():
        raise Refusal("pause_open", _("还有暂停没有恢复，请先恢复考试"))
    running = _numbers(session.attempts.filter(state="running"))
    if running:
        raise Refusal("room_has_running", _("{seats} 号座位还未交卷，交卷后才能结束本考场"), seats=running)
    missing = _numbers(session.attempts.filter(state="prepared"))
    if missing:
        raise Refusal("attendance_open", _("{seats} 号座位的考生既未开考也未记缺考，请先处理"), seats=missing)
    left = [str(one.attempt.seat.number) for one in unsettled(session) if not one.waived]
    if left:
        message = _("{seats} 号座位可能有未同步的作答：请取回救援文件，或由两人确认放弃")
        raise Refusal("answers_unsynced", message, seats="、".join(left))


def _numbers(attempts: object) -> str:
    numbers = attempts.order_by("seat__number").values_list("seat__number", flat=True)  # type: ignore[attr-defined]
    return "、".join(str(number) for number in numbers)


def reopen_room(*, session: RoomSession, reason: str, actor: Actor, now: datetime) -> RoomSession:
    """Open a closed room again. Effects: state, audit row, notice. Refusals: ``illegal_move``, ``reason_required``."""
    why = require_reason(reason)
    audience = [{"role": "exam_officer", "organisation": session.room.site.organisation_id}]
    with transaction.atomic():
        move(session, "reopen", actor=actor, now=now, reason=why, audience=audience)
        session.closed_at = None
        session.save(update_fields=["closed_at"])
    return session
