"""The clocks of all seats of a room in two queries, and extra time suggested from measured silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jinbang.core.silence import SilenceRule, Suggestion, suggest_for_room, suggest_for_seat
from jinbang.core.timing import SeatClock
from jinbang.delivery.domain.clocks import make_clock
from jinbang.delivery.models import Attempt, AttemptEvent, Pause, RoomSession, TimeEntry

RULE = SilenceRule()


def room_clocks(session: RoomSession) -> Callable[[int], SeatClock]:
    """A function from attempt id to its clock; 0 has the room's own. Reads ledger and pauses once."""
    rows = TimeEntry.objects.filter(sitting_subject_id=session.sitting_subject_id, effective=True).order_by("pk")
    entries = [row for row in rows if row.room_session_id in (None, session.pk)]
    pauses = list(session.pauses.order_by("pk"))
    return lambda attempt_id: make_clock(session, attempt_id, entries, pauses)


def clocks_of_rooms(sessions: Sequence[RoomSession]) -> Callable[[RoomSession], SeatClock]:
    """A function from a room session to the room's own clock. Two queries, however many rooms."""
    entries = defaultdict(list)
    subjects = {session.sitting_subject_id for session in sessions}
    for row in TimeEntry.objects.filter(sitting_subject__in=subjects, attempt__isnull=True, effective=True).order_by(
        "pk"
    ):
        entries[row.sitting_subject_id].append(row)
    pauses = defaultdict(list)
    ids = [session.pk for session in sessions]
    for pause in Pause.objects.filter(room_session__in=ids, attempt__isnull=True).order_by("pk"):
        pauses[pause.room_session_id].append(pause)

    def clock(session: RoomSession) -> SeatClock:
        mine = [row for row in entries[session.sitting_subject_id] if row.room_session_id in (None, session.pk)]
        return make_clock(session, 0, mine, pauses[session.pk])

    return clock


@dataclass(frozen=True)
class Suggestions:
    """For the room as a whole (or None), and for single seats by attempt id."""

    room: Suggestion | None
    seats: dict[int, Suggestion]


def _gaps(session: RoomSession) -> dict[int, list[tuple[datetime, datetime]]]:
    rows = AttemptEvent.objects.filter(attempt__room_session=session, kind="silence")
    found = defaultdict(list)
    for attempt_id, data in rows.values_list("attempt_id", "data"):
        begins, ends = (datetime.fromtimestamp(data[key] / 1000, UTC) for key in ("from_ms", "to_ms"))
        found[attempt_id].append((begins, ends))
    return found


def _contacts(begin: datetime, last: datetime, gaps: Iterable[tuple[datetime, datetime]]) -> Iterator[datetime]:
    """Heartbeats as they must have come: one every few seconds up to the last, but for the gaps that were logged."""
    silent = list(gaps)
    at = begin
    while at < last:
        if not any(a < at < b for a, b in silent):
            yield at
        at += timedelta(seconds=RULE.heartbeat)
    yield last


def _given_s(session: RoomSession) -> dict[int | None, int]:
    rows = TimeEntry.objects.filter(sitting_subject_id=session.sitting_subject_id).exclude(
        cause=TimeEntry.Cause.PLANNED
    )
    given: dict[int | None, int] = defaultdict(int)
    for row in rows:
        if row.room_session_id in (None, session.pk):
            given[row.attempt_id] += row.seconds
    return given


def suggestions(session: RoomSession, now: datetime) -> Suggestions:
    """Time that silences cost and nobody has made up yet; entries that wait for a second person count as given."""
    clocks, gaps, given = room_clocks(session), _gaps(session), _given_s(session)
    found: dict[int, Suggestion | None] = {}
    for attempt in Attempt.objects.filter(room_session=session, state="running", last_seen_at__isnull=False):
        assert attempt.last_seen_at is not None
        present = (now - attempt.last_seen_at).total_seconds() > RULE.heartbeat * RULE.missed
        if not present and not gaps[attempt.pk]:
            found[attempt.pk] = None  # nobody at this seat lost anything; most seats, most of the time
            continue
        clock = clocks(attempt.pk)
        marks = list(_contacts(clock.times.starts, attempt.last_seen_at, gaps[attempt.pk]))
        already = given[None] + given[attempt.pk]
        found[attempt.pk] = suggest_for_seat(clock, marks, now, RULE, given=already)
    seats = {key: one for key, one in found.items() if one is not None}
    room = (
        suggest_for_room({str(key): one for key, one in found.items()}, str(session.pk), RULE)
        if len(found) > 1
        else None
    )
    return Suggestions(room, seats)
