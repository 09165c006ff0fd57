"""What every verb of the room does besides its own work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.delivery.models import Attempt, AttemptEvent, RoomSession


def signature(actor: Actor) -> str:
    """Who, for the ledger: the name for readers, the key to tell two people of one name apart."""
    return f"{actor.label} #{actor.key}"[:200]


def same_person(signed: str, actor: Actor) -> bool:
    """Whether ``signed`` is the signature of ``actor``, whatever name was shown then."""
    return signed.rpartition(" #")[2] == actor.key


def name_of(signed: str) -> str:
    """The name in a signature."""
    return signed.rpartition(" #")[0] or signed


def require_open(session: RoomSession) -> None:
    """Raises ``Refusal("room_not_open")`` unless the room is open."""
    if session.state != "open":
        raise Refusal("room_not_open", _("考场未开启或已结束，请先开启考场"))


def require_reason(reason: str) -> str:
    """``reason`` without outer blanks; raises ``Refusal("reason_required")`` if nothing is left."""
    text = reason.strip()
    if not text:
        raise Refusal("reason_required", _("请写明原因"), field="reason")
    return text


def tell(attempt: Attempt, kind: str, *, actor: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """Log ``kind`` for the engine and the minutes, and in the audit chain. Call inside the action's transaction."""
    AttemptEvent.objects.create(attempt=attempt, at=now, kind=kind, actor=actor.label, data=dict(data))
    record(f"attempt.{kind}", attempt, actor=actor, now=now, data=data)
