"""Background work of exam time."""

from __future__ import annotations

from datetime import datetime

from jinbang.audit.actor import SYSTEM
from jinbang.audit.sweeps import sweep
from jinbang.delivery.domain.closing import hand_in_overdue


@sweep(every_s=10)
def hand_in_what_is_over(now: datetime) -> int:
    """Hand in attempts whose time and grace are over, where no exam server did it (it was down, or is elsewhere)."""
    return len(hand_in_overdue(actor=SYSTEM, now=now))
