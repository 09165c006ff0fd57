"""Who is there: the check of identity, and absence."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move
from jinbang.core.errors import Refusal
from jinbang.core.timing import is_absent
from jinbang.delivery.domain.clocks import clock_of
from jinbang.delivery.domain.room.common import require_open, require_reason, tell
from jinbang.delivery.domain.room.times import room_clocks
from jinbang.delivery.models import Attempt, AttemptEvent, RoomSession

ZONE = ZoneInfo("Asia/Shanghai")


def check_identity(*, attempt: Attempt, actor: Actor, now: datetime) -> Attempt:
    """An invigilator has compared face, ID and ticket. Repeating changes nothing.

    Effects: ``id_checked_at``, event, audit row. Refusals: ``room_not_open``, ``candidate_absent``.
    """
    require_open(attempt.room_session)
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().select_related("room_session").get(pk=attempt.pk)
        if attempt.state == "absent":
            raise Refusal("candidate_absent", _("该考生已记为缺考，请先更正缺考"))
        if attempt.id_checked_at is None:
            attempt.id_checked_at = now
            attempt.save(update_fields=["id_checked_at"])
            tell(attempt, "id_checked", actor=actor, now=now, data={})
    return attempt


def uncheck_identity(*, attempt: Attempt, reason: str, actor: Actor, now: datetime) -> Attempt:
    """Take back a check that was noted at the wrong seat.

    Effects: ``id_checked_at``, event, audit row. Refusals: ``room_not_open``, ``not_checked``, ``reason_required``.
    """
    why = require_reason(reason)
    require_open(attempt.room_session)
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
        if attempt.id_checked_at is None:
            raise Refusal("not_checked", _("该考生的身份还没有核验"))
        attempt.id_checked_at = None
        attempt.save(update_fields=["id_checked_at"])
        tell(attempt, "id_unchecked", actor=actor, now=now, data={"reason": why})
    return attempt


def mark_absent(*, attempt: Attempt, actor: Actor, now: datetime) -> Attempt:
    """Mark a candidate absent who did not sign in by the late limit.

    Effects: state, event, audit row. Refusals: ``signed_in``, ``not_late_yet``, ``illegal_move``.
    """
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().select_related("room_session").get(pk=attempt.pk)
        if attempt.signed_in_at is not None:
            raise Refusal("signed_in", _("该考生已签到，不能记为缺考"))
        clock = clock_of(attempt)
        if not is_absent(clock, now, signed_in_at=None):
            when = clock.late_limit(now).astimezone(ZONE).strftime("%H:%M")
            raise Refusal("not_late_yet", _("{when} 之前考生仍可入场，届时再记缺考"), when=when)
        move(attempt, "mark_absent", actor=actor, now=now)
        AttemptEvent.objects.create(attempt=attempt, at=now, kind="mark_absent", actor=actor.label)
    return attempt


def mark_all_absent(*, session: RoomSession, actor: Actor, now: datetime) -> list[Attempt]:
    """Mark everyone absent whom :func:`mark_absent` would take; returns them. Effects as there, for each."""
    clocks = room_clocks(session)
    with transaction.atomic():
        missing = session.attempts.filter(state="prepared", signed_in_at__isnull=True).order_by("seat__number")
        due = [attempt for attempt in missing if is_absent(clocks(attempt.pk), now, signed_in_at=None)]
        return [mark_absent(attempt=attempt, actor=actor, now=now) for attempt in due]


def correct_absence(*, attempt: Attempt, reason: str, actor: Actor, now: datetime) -> Attempt:
    """Take an absence back. Effects: state, event, audit row. Refusals: ``illegal_move``, ``reason_required``."""
    with transaction.atomic():
        move(attempt, "correct_absence", actor=actor, now=now, reason=reason)
        AttemptEvent.objects.create(
            attempt=attempt, at=now, kind="correct_absence", actor=actor.label, data={"reason": reason}
        )
    return attempt
