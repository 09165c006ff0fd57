"""Similar pairs over the seats of a room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jinbang.accreditation.models import Room, Seat
from jinbang.grading.models import SimilarityCheck, SimilarPair


@dataclass(frozen=True)
class Tie:
    """A pair seen from one seat: the other's seat, and their room if it is another one."""

    pair: SimilarPair
    other: Seat
    same_room: bool


@dataclass(frozen=True)
class Place:
    """A place in the grid of a room; ``seat`` is None for an aisle, ``ties`` best first."""

    seat: Seat | None
    ticket: str
    ties: tuple[Tie, ...]


def room_grid(check: SimilarityCheck, room: Room) -> list[list[Place]]:
    """The room row by row, front row first, with every pair of the check that touches it. Three queries."""
    tickets: dict[int, str] = {}
    ties: dict[int, list[Tie]] = defaultdict(list)
    for pair in pairs_with_seats(check):
        for here, there in ((pair.first, pair.second), (pair.second, pair.first)):
            assert here.attempt is not None
            assert there.attempt is not None
            tickets[here.attempt.seat_id] = here.attempt.ticket_number
            same = here.attempt.seat.room_id == there.attempt.seat.room_id
            ties[here.attempt.seat_id].append(Tie(pair, there.attempt.seat, same))
    return _grid(room.seats.all(), tickets, ties)


def pairs_with_seats(check: SimilarityCheck) -> Iterable[SimilarPair]:
    """The check's pairs, best first, with both seats and rooms."""
    return SimilarPair.objects.filter(check_run=check).select_related(
        "first__attempt__seat__room", "second__attempt__seat__room"
    )


def _grid(seats: Iterable[Seat], tickets: Mapping[int, str], ties: Mapping[int, list[Tie]]) -> list[list[Place]]:
    by_place = {(seat.row, seat.column): seat for seat in seats}
    columns = range(1, max((column for _row, column in by_place), default=0) + 1)
    rows = range(1, max((row for row, _column in by_place), default=0) + 1)

    def place(seat: Seat | None) -> Place:
        key = seat.pk if seat else 0
        return Place(seat, tickets.get(key, ""), tuple(ties.get(key, ())))

    return [[place(by_place.get((row, column))) for column in columns] for row in rows]
