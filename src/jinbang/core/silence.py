"""Extra time suggested from measured silence.

A client that works reports every few seconds. A gap is a fact, what it cost the candidate is not (one may
go on offline), so this only suggests; a person grants, and the grant goes into the time ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from jinbang.core.timing import SeatClock


@dataclass(frozen=True)
class SilenceRule:
    """``heartbeat`` seconds between reports; ``missed`` of them make a silence; times in seconds.

    Suggestions are rounded up to ``round_to``; beyond ``make_up_limit`` (published practice: 45 to 50
    minutes) the sitting should be stopped and rescheduled for those concerned.
    """

    heartbeat: int = 15
    missed: int = 3
    round_to: int = 60
    make_up_limit: int = 50 * 60


class Remedy(StrEnum):
    """What to do about lost time."""

    MAKE_UP = "make_up"
    RESCHEDULE = "reschedule"


@dataclass(frozen=True)
class Suggestion:
    """``seconds`` not yet made up, the silences they come from, and what to do."""

    key: str
    seconds: int
    silences: tuple[tuple[datetime, datetime], ...]
    remedy: Remedy


def silences(
    clock: SeatClock, contacts: Sequence[datetime], now: datetime, rule: SilenceRule
) -> tuple[tuple[datetime, datetime], ...]:
    """Gaps longer than ``missed`` heartbeats between the start and ``now`` or closing, pauses left out."""
    begin, end = clock.times.starts, min(now, clock.closes_at(now))
    marks = [begin, *sorted(c for c in contacts if begin < c < end), end]
    least = timedelta(seconds=rule.heartbeat * rule.missed)
    return tuple((a, b) for a, b in pairwise(marks) if b - a > least and not clock.paused_at(a))


def suggest_for_seat(
    clock: SeatClock, contacts: Sequence[datetime], now: datetime, rule: SilenceRule, *, given: int = 0
) -> Suggestion | None:
    """Time to make up at one seat; ``given`` seconds were already granted for incidents."""
    found = silences(clock, contacts, now, rule)
    lost = sum(int((b - a).total_seconds()) for a, b in found) - given
    if lost <= 0:
        return None
    rounded = -(-lost // rule.round_to) * rule.round_to
    remedy = Remedy.RESCHEDULE if lost > rule.make_up_limit else Remedy.MAKE_UP
    return Suggestion(clock.seat.seat, rounded, found, remedy)


def suggest_for_room(seats: Mapping[str, Suggestion | None], room: str, rule: SilenceRule) -> Suggestion | None:
    """One suggestion for the whole room when at least half of its seats lost time together.

    The room gets the median of those seats, so that one broken machine does not stretch the room.
    """
    hit = sorted((s for s in seats.values() if s is not None), key=lambda s: (s.seconds, s.key))
    if not hit or 2 * len(hit) < len(seats):
        return None
    middle = hit[len(hit) // 2]
    return Suggestion(room, middle.seconds, middle.silences, middle.remedy)
