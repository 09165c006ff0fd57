"""The clock of every seat of a room, read from plan, time ledger and pauses.

A pause needs no table of its own: a ledger entry of cause *pause* with 0 seconds opens it at its instant,
the next one of the same scope with n > 0 seconds closes it and says how long it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from jinbang.core.timing import Cause, Pause, Scope, ScopeKind, SeatClock, SeatRef, SubjectTimes, TimeLedgerEntry
from jinbang.delivery.models import Attempt, RoomSession, TimeEntry

_CAUSES = {TimeEntry.Cause.PLANNED: Cause.PLANNED}


@dataclass(frozen=True)
class RoomTime:
    """What decides the time of every seat of one room session; build it once per request."""

    times: SubjectTimes
    room: str
    sitting: str
    ledger: tuple[TimeLedgerEntry, ...]
    pauses: tuple[Pause, ...]

    def clock(self, attempt_id: int | str) -> SeatClock:
        """The clock of one attempt; an unknown id has the room's own clock."""
        seat = SeatRef(seat=str(attempt_id), room=self.room, sitting=self.sitting)
        return SeatClock(self.times, seat, self.ledger, self.pauses)

    @property
    def room_clock(self) -> SeatClock:
        """The clock of the room without any seat's own time."""
        return self.clock("")


def subject_times(session: RoomSession) -> SubjectTimes:
    """Start, length and limits of a room session; its ``rules`` override the defaults."""
    rules = session.rules
    limits = {
        field: int(rules[key])
        for field, key in (
            ("sign_in_before", "sign_in_before_s"),
            ("late_after", "late_after_s"),
            ("min_stay", "min_stay_s"),
            ("grace", "grace_s"),
        )
        if key in rules
    }
    duration = int((session.ends_at - session.go_at).total_seconds())
    return SubjectTimes(starts=session.go_at, duration=duration, **limits)


def entries_of(session: RoomSession) -> list[TimeEntry]:
    """Ledger rows that concern the room or any seat in it, oldest first, asked-for ones included."""
    whole = Q(room_session__isnull=True, attempt__isnull=True)
    mine = Q(room_session=session) | Q(attempt__room_session=session)
    rows = TimeEntry.objects.filter(whole | mine, sitting_subject_id=session.sitting_subject_id)
    return list(rows.order_by("at", "pk"))


def scope_of(entry: TimeEntry) -> Scope:
    """Which seats an entry covers."""
    if entry.attempt_id is not None:
        return Scope(ScopeKind.SEAT, str(entry.attempt_id))
    if entry.room_session_id is not None:
        return Scope(ScopeKind.ROOM, str(entry.room_session_id))
    return Scope(ScopeKind.SITTING, str(entry.sitting_subject_id))


def room_time(session: RoomSession, entries: Sequence[TimeEntry] | None = None) -> RoomTime:
    """Everything about the time of ``session``; one query unless ``entries`` are given."""
    rows = entries_of(session) if entries is None else entries
    effective = [row for row in rows if row.effective]
    return RoomTime(
        times=subject_times(session),
        room=str(session.pk),
        sitting=str(session.sitting_subject_id),
        ledger=tuple(_ledger(effective)),
        pauses=tuple(pauses(effective)),
    )


def _ledger(rows: Iterable[TimeEntry]) -> Iterable[TimeLedgerEntry]:
    for row in rows:
        if row.cause == TimeEntry.Cause.PAUSE:
            continue
        given = Cause.CORRECTION if row.seconds < 0 else Cause(_CAUSES.get(row.cause, Cause.INCIDENT))
        yield TimeLedgerEntry(scope_of(row), row.seconds, given, row.at, row.asked_by, row.authorised_by, row.note)


def pauses(rows: Iterable[TimeEntry]) -> list[Pause]:
    """Pauses from the rows that open and close them; one left open still lasts."""
    by_scope: dict[Scope, list[TimeEntry]] = defaultdict(list)
    for row in rows:
        if row.cause == TimeEntry.Cause.PAUSE:
            by_scope[scope_of(row)].append(row)
    found: list[Pause] = []
    for scope, marks in by_scope.items():
        last = marks[-1]
        if last.seconds == 0:
            found.append(Pause(scope, last.at))
        found.extend(Pause(scope, m.at - timedelta(seconds=m.seconds), m.at) for m in marks if m.seconds > 0)
    return found


def clock_of(attempt: Attempt) -> SeatClock:
    """The clock of a single attempt."""
    return room_time(attempt.room_session).clock(attempt.pk)
