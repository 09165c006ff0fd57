"""The clock stands still, for a room or for one seat."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.room.common import require_open, require_reason, signature
from jinbang.delivery.models import Attempt, Pause, RoomSession


def pause(*, session: RoomSession, reason: str, actor: Actor, now: datetime, attempt: Attempt | None = None) -> Pause:
    """Stop the clock of the room, or of one ``attempt``; the time is made up by itself.

    Effects: one open ``Pause``, audit row. Refusals: ``room_not_open``, ``already_paused``, ``reason_required``.
    """
    why = require_reason(reason)
    require_open(session)
    with transaction.atomic():
        RoomSession.objects.select_for_update().get(pk=session.pk)
        if Pause.objects.filter(room_session=session, attempt=attempt, ends_at__isnull=True).exists():
            raise Refusal("already_paused", _("已经在暂停中"))
        made = Pause.objects.create(
            room_session=session, attempt=attempt, begins_at=now, reason=why[:300], by=signature(actor)
        )
        record("room_session.pause", attempt or session, actor=actor, now=now, reason=why)
    return made


def resume(*, session: RoomSession, actor: Actor, now: datetime, attempt: Attempt | None = None) -> Pause:
    """Let the clock go on. Effects: the pause ends, audit row. Refusal ``not_paused``."""
    with transaction.atomic():
        open_ones = Pause.objects.select_for_update().filter(
            room_session=session, attempt=attempt, ends_at__isnull=True
        )
        found = open_ones.first()
        if found is None:
            raise Refusal("not_paused", _("没有在暂停"))
        found.ends_at = max(now, found.begins_at)
        found.save(update_fields=["ends_at"])
        data = {"seconds": int((found.ends_at - found.begins_at).total_seconds())}
        record("room_session.resume", attempt or session, actor=actor, now=now, data=data)
    return found
