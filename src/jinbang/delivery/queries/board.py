"""The room board: every seat with what is wrong there, and rooms rolled up, worst first.

Reads ``delivery`` tables only (and the seats of the room). Times come in as clocks, so that the rules of time
stay in one place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db.models import Count, Max

from jinbang.accreditation.models import Seat
from jinbang.core.timing import Phase, SeatClock, phase
from jinbang.delivery.models import Attempt, AttemptEvent, Incident, RoomSession
from jinbang.delivery.queries.ledger import given_in_room, waiting_rooms

SILENT_S, LOST_S, UNSAVED_S = 10, 30, 600
COUNTED_EVENTS = ("focus_lost", "copy", "paste", "second_tab", "move_seat", "release_machine", "wrong_id")


class Trouble(IntEnum):
    """How badly a seat needs a look."""

    NONE = 0
    NOTE = 1
    WATCH = 2
    ACT = 3


@dataclass
class SeatCard:
    """One seat of the board. Ages are whole seconds by the server's clock; instants milliseconds."""

    number: int
    row: int
    column: int
    usable: bool
    spare: bool
    attempt: int | None = None
    name: str = ""
    ticket: str = ""
    state: str = "empty"
    trouble: int = Trouble.NONE
    reasons: list[str] = field(default_factory=list)
    seen_s: int | None = None
    saved_s: int | None = None
    unsynced: int = 0
    steps: int = 0
    extra_s: int = 0
    closes_at: int = 0
    paused: bool = False
    id_checked: bool = False
    incidents: int = 0
    events: dict[str, int] = field(default_factory=dict)
    code: str = ""
    waiting_s: int = 0

    def worsen(self, trouble: Trouble, reason: str) -> None:
        """Add a reason; the worst one decides the colour."""
        self.reasons.append(reason)
        self.trouble = max(self.trouble, int(trouble))


@dataclass(frozen=True)
class Board:
    """A room at an instant."""

    session: RoomSession
    now: datetime
    phase: str
    closes_at: int
    paused: bool
    seats: list[SeatCard]
    counts: dict[str, int]
    ledger: list[dict[str, Any]]

    @property
    def worst_first(self) -> list[SeatCard]:
        """Seats with trouble, worst first."""
        return sorted((s for s in self.seats if s.trouble), key=lambda s: (-s.trouble, s.number))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _age(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds()))


def stage(attempt: Attempt) -> str:
    """What the board calls the state: a prepared attempt is *expected* until sign-in, then *signed_in*."""
    if attempt.state == "prepared":
        return "expected" if attempt.signed_in_at is None else "signed_in"
    return attempt.state


def _look_at(card: SeatCard, attempt: Attempt, clock: SeatClock, now: datetime) -> None:
    """Say what is wrong at a seat."""
    connected = card.state in ("signed_in", "running")
    if card.state == "expected" and now >= clock.late_limit(now):
        card.worsen(Trouble.ACT, "absent_due")
    elif card.state == "expected" and now >= clock.times.starts:
        card.worsen(Trouble.WATCH, "not_signed_in")
    if card.state == "expected" and card.events.get("wrong_id"):
        card.worsen(Trouble.WATCH, "wrong_id")
    if card.state == "signed_in" and now >= clock.times.starts:
        card.worsen(Trouble.ACT, "not_started")
    if connected:
        _look_at_machine(card, attempt, clock, now)
    if card.unsynced:
        card.worsen(Trouble.ACT if card.state == "handed_in" else Trouble.WATCH, "unsynced")
    if card.state == "running" and (card.saved_s is None or card.saved_s >= UNSAVED_S):
        began = _age(attempt.started_at, now) or 0
        if began >= UNSAVED_S:
            card.worsen(Trouble.NOTE, "no_answers")
    if card.paused:
        card.worsen(Trouble.WATCH, "paused")
    if card.waiting_s:
        card.worsen(Trouble.WATCH, "time_waiting")


def _look_at_machine(card: SeatCard, attempt: Attempt, clock: SeatClock, now: datetime) -> None:
    """Say what is wrong with a machine that someone signed in at."""
    if not attempt.token_sha256:
        card.worsen(Trouble.WATCH, "sign_in_again")  # moved, or given another machine: nobody is there yet
    elif card.seen_s is None or card.seen_s >= LOST_S:
        card.worsen(Trouble.ACT, "lost")
    elif card.seen_s >= SILENT_S:
        card.worsen(Trouble.WATCH, "silent")
    elif not attempt.focused and now >= clock.times.starts:
        card.worsen(Trouble.WATCH, "unfocused")
    if not card.id_checked:
        card.worsen(Trouble.NOTE, "id_unchecked")


def _card(seat: Seat, attempt: Attempt | None, clock: SeatClock | None, now: datetime) -> SeatCard:
    card = SeatCard(seat.number, seat.row, seat.column, seat.usable, seat.spare)
    if attempt is None or clock is None:
        return card
    card.attempt, card.name, card.ticket = attempt.pk, attempt.candidate_name, attempt.ticket_number
    card.state, card.id_checked = stage(attempt), attempt.id_checked_at is not None
    card.seen_s, card.saved_s = _age(attempt.last_seen_at, now), _age(attempt.last_saved_at, now)
    card.unsynced, card.steps = attempt.unsynced, attempt.last_seq and attempt.last_seq % 65536
    card.extra_s, card.closes_at = clock.extra_seconds(), _ms(clock.closes_at(now))
    card.paused = card.state == "running" and clock.paused_at(now)
    if attempt.receipt_sha256:
        card.code = f"{attempt.receipt_sha256[:4]}-{attempt.receipt_sha256[4:8]}".upper()
    return card


def _events(session: RoomSession) -> dict[int, dict[str, int]]:
    rows = AttemptEvent.objects.filter(attempt__room_session=session, kind__in=COUNTED_EVENTS)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for attempt_id, kind, number in rows.values_list("attempt_id", "kind").annotate(number=Count("pk")):
        found[attempt_id][kind] = number
    return found


def _ledger(session: RoomSession) -> list[dict[str, Any]]:
    """Extra time of the room, its seats and everyone: what counts, what waits, what was taken back."""
    found = []
    for one in given_in_room(session):
        row, by = one.row, one.row.asked_by.rpartition(" #")
        found.append({
            "entry": row.pk, "attempt": row.attempt_id, "seat": row.attempt.seat.number if row.attempt else None,
            "seconds": row.seconds, "cause": row.cause, "note": row.note, "by": by[0], "by_key": by[2],
            "at": _ms(row.at), "everyone": row.room_session_id is None, "waits": one.waits, "gone": one.gone,
        })  # fmt: skip
    return found


def read_board(session: RoomSession, clocks: Callable[[int], SeatClock], now: datetime) -> Board:
    """The board of ``session``; ``clocks`` gives the clock of an attempt id (0: the room's own). Six queries."""
    attempts = {attempt.seat_id: attempt for attempt in session.attempts.all()}
    incidents = Counter(session.incidents.exclude(attempt=None).values_list("attempt_id", flat=True))
    events, ledger = _events(session), _ledger(session)
    cards = []
    for seat in Seat.objects.filter(room_id=session.room_id).order_by("row", "column"):
        attempt = attempts.get(seat.pk)
        clock = None if attempt is None else clocks(attempt.pk)
        card = _card(seat, attempt, clock, now)
        if attempt is not None and clock is not None:
            card.incidents, card.events = incidents[attempt.pk], events.get(attempt.pk, {})
            card.waiting_s = sum(e["seconds"] for e in ledger if e["waits"] and e["attempt"] == attempt.pk)
            _look_at(card, attempt, clock, now)
        cards.append(card)
    room = clocks(0)
    return Board(
        session, now, str(phase(room, now)), _ms(room.closes_at(now)), room.paused_at(now), cards, count(cards), ledger
    )


def count(cards: Iterable[SeatCard]) -> dict[str, int]:
    """How many seats are in each state, and how many need someone."""
    found = Counter(card.state for card in cards if card.attempt is not None)
    found["candidates"] = sum(found.values())
    found["trouble"] = sum(1 for card in cards if card.trouble >= Trouble.WATCH)
    return dict(found)


@dataclass(frozen=True)
class RoomLine:
    """A room in an overview."""

    session: RoomSession
    phase: str
    counts: dict[str, int]
    lost: int
    unsynced: int
    expected: int
    incidents: int
    waiting: int
    last_save: datetime | None

    @property
    def badness(self) -> tuple[int, int, int, int]:
        """Sorts the worst first: silent machines, then unsent answers, then time that waits, then empty seats."""
        late = self.expected if self.phase not in (Phase.BEFORE, Phase.SIGN_IN) else 0
        return (self.lost, self.unsynced, self.waiting, late)

    @property
    def trouble(self) -> Trouble:
        """The colour of the line."""
        if self.lost or self.unsynced:
            return Trouble.ACT
        return Trouble.WATCH if any(self.badness) else Trouble.NONE


def overview(
    rows: Sequence[RoomSession], clock_of_room: Callable[[RoomSession], SeatClock], now: datetime
) -> list[RoomLine]:
    """The rooms, worst first. Four queries, however many rooms, and those of ``clock_of_room``."""
    ids = [row.pk for row in rows]
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    columns = ("room_session_id", "state", "signed_in_at", "last_seen_at", "unsynced", "token_sha256")
    for attempt in Attempt.objects.filter(room_session__in=ids).only(*columns):
        attempts[attempt.room_session_id].append(attempt)
    incidents = Counter(Incident.objects.filter(room_session__in=ids).values_list("room_session_id", flat=True))
    waiting = Counter(waiting_rooms(ids))
    saved = dict(
        Attempt.objects.filter(room_session__in=ids).values_list("room_session_id").annotate(at=Max("last_saved_at"))
    )
    lines = [
        _line(
            row,
            attempts[row.pk],
            str(phase(clock_of_room(row), now)),
            now,
            incidents[row.pk],
            waiting[row.pk],
            saved.get(row.pk),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (*(-n for n in line.badness), str(line.session.room)))


def _line(
    row: RoomSession,
    attempts: list[Attempt],
    now_phase: str,
    now: datetime,
    incidents: int,
    waiting: int,
    saved: datetime | None,
) -> RoomLine:
    stages = Counter(stage(attempt) for attempt in attempts)
    connected = [a for a in attempts if a.token_sha256 and stage(a) in ("signed_in", "running")]
    lost = sum(1 for a in connected if a.last_seen_at is None or (now - a.last_seen_at).total_seconds() >= LOST_S)
    unsynced = sum(1 for a in attempts if a.unsynced and a.state == "handed_in")
    counts = {**stages, "candidates": len(attempts)}
    return RoomLine(row, now_phase, counts, lost, unsynced, stages["expected"], incidents, waiting, saved)
