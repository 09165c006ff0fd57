"""To another machine: a spare seat, or a new machine at the same seat. One logged action each."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.models import Seat
from jinbang.audit.actor import Actor
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.room.common import require_open, require_reason, tell
from jinbang.delivery.models import Attempt, RoomSession


def _locked(attempt: Attempt) -> Attempt:
    found = Attempt.objects.select_for_update(of=("self",)).select_related("room_session", "seat").get(pk=attempt.pk)
    require_open(found.room_session)
    if found.state not in ("prepared", "running"):
        raise Refusal("attempt_over", _("该考生已交卷或缺考，不需要换机"))
    return found


def _unbind(attempt: Attempt) -> None:
    """End the session on the old machine; the next sign-in binds the attempt to the new one."""
    attempt.generation += 1
    attempt.token_sha256, attempt.device_key = "", ""
    attempt.save(update_fields=["seat", "generation", "token_sha256", "device_key"])


def move_seat(*, attempt: Attempt, seat: Seat, reason: str, actor: Actor, now: datetime) -> Attempt:
    """Move a candidate to a free seat of the same room. Answers that were acknowledged are there after sign-in.

    Effects: seat, session of the old machine ends, event, audit row. Refusals: ``seat_elsewhere``, ``seat_unusable``,
    ``seat_taken``, ``same_seat``, ``attempt_over``, ``room_not_open``, ``reason_required``.
    """
    why = require_reason(reason)
    with transaction.atomic():
        RoomSession.objects.select_for_update().get(pk=attempt.room_session_id)
        attempt = _locked(attempt)
        if seat.pk == attempt.seat_id:
            raise Refusal("same_seat", _("考生已经在这个座位；换机器请用“更换机器”"), field="seat")
        _check_free(attempt, seat)
        before, attempt.seat = attempt.seat.number, seat
        _unbind(attempt)
        data = {"from": before, "to": seat.number, "reason": why, "generation": attempt.generation}
        tell(attempt, "move_seat", actor=actor, now=now, data=data)
    return attempt


def _check_free(attempt: Attempt, seat: Seat) -> None:
    if seat.room_id != attempt.room_session.room_id:
        raise Refusal("seat_elsewhere", _("只能换到本考场的座位"), field="seat")
    if not seat.usable:
        raise Refusal("seat_unusable", _("{number} 号座位不可用"), number=seat.number, field="seat")
    if Attempt.objects.filter(room_session=attempt.room_session_id, seat=seat).exists():
        raise Refusal("seat_taken", _("{number} 号座位已安排考生"), number=seat.number, field="seat")


def release_machine(*, attempt: Attempt, reason: str, actor: Actor, now: datetime) -> Attempt:
    """The machine at the seat was replaced: let the candidate sign in at the new one.

    Effects: session of the old machine ends, event, audit row. Refusals as :func:`move_seat`.
    """
    why = require_reason(reason)
    with transaction.atomic():
        attempt = _locked(attempt)
        _unbind(attempt)
        data = {"seat": attempt.seat.number, "reason": why, "generation": attempt.generation}
        tell(attempt, "release_machine", actor=actor, now=now, data=data)
    return attempt
