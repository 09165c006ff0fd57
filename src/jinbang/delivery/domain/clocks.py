"""From rows of the time ledger to ``core.timing``: the one place that says what a room session's times are.

It takes models and the engine's records alike: the columns have the same names, instants are datetimes in the
former and milliseconds in the latter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from jinbang.core.timing import Cause, Pause, Scope, ScopeKind, SeatClock, SeatRef, SubjectTimes, TimeLedgerEntry
from jinbang.delivery.models import Attempt, TimeEntry

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SITTING = "sitting"
_LIMITS = {
    "sign_in_before": "sign_in_before_s",
    "late_after": "late_after_s",
    "min_stay": "min_stay_s",
    "grace": "grace_s",
}


def subject_times(session: Any) -> SubjectTimes:
    """The planned times of a room session; its ``rules`` override the defaults of ``core.timing``."""
    starts, ends = _at(session.go_at), _at(session.ends_at)
    limits = {name: int(session.rules[key]) for name, key in _LIMITS.items() if key in session.rules}
    return SubjectTimes(starts=starts, duration=int((ends - starts).total_seconds()), **limits)


def make_clock(session: Any, attempt: int, entries: Iterable[Any], pauses: Iterable[Any]) -> SeatClock:
    """The clock of one seat. ``entries`` may reach beyond the room: those of other rooms or seats do not count."""
    seat = SeatRef(str(attempt), str(session.id), _SITTING)
    ledger = [TimeLedgerEntry(_scope(e), e.seconds, _cause(e), _at(e.at), "", "") for e in entries]
    stops = [Pause(_scope(p), _at(p.begins_at), None if p.ends_at is None else _at(p.ends_at)) for p in pauses]
    return SeatClock(subject_times(session), seat, ledger, stops)


def clock_of(attempt: Attempt) -> SeatClock:
    """The clock of an attempt from the database: three queries; for one seat, not for a room in a loop."""
    session = attempt.room_session
    entries = TimeEntry.objects.filter(sitting_subject_id=attempt.sitting_subject_id, effective=True)
    return make_clock(session, attempt.pk, entries.order_by("pk"), session.pauses.order_by("pk"))


def _scope(row: Any) -> Scope:
    attempt = row.attempt_id if hasattr(row, "attempt_id") else row.attempt
    room = row.room_session_id if hasattr(row, "room_session_id") else row.room_session
    if attempt is not None:
        return Scope(ScopeKind.SEAT, str(attempt))
    return Scope(ScopeKind.ROOM, str(room)) if room is not None else Scope(ScopeKind.SITTING, _SITTING)


def _cause(entry: Any) -> Cause:
    if entry.seconds < 0:
        return Cause.CORRECTION
    return Cause.PLANNED if entry.cause == TimeEntry.Cause.PLANNED else Cause.INCIDENT


def _at(value: datetime | int) -> datetime:
    return EPOCH + timedelta(milliseconds=value) if isinstance(value, int) else value
