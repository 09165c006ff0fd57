"""Desks of a room as a grid, and which of them may be used.

Seats stand in ``rows`` × ``columns``, row 1 in front, numbered in S order as they are drawn and walked.
Desks closer than a metre are used every other one, like the black squares of a chess board, so that
nobody has a neighbour beside, before or behind: 40 tight seats give 20.
"""

from __future__ import annotations

from dataclasses import dataclass

from jinbang.accreditation.domain.requirements import site_requirements
from jinbang.core import seating


@dataclass(frozen=True)
class Desk:
    """One desk of the grid; a spare one is kept free for a machine that breaks down."""

    number: int
    row: int
    column: int
    usable: bool
    spare: bool


def grid(*, rows: int, columns: int, spacing_cm: int, spare_percent: int) -> list[Desk]:
    """All desks; the last ``spare_percent`` (rounded up) of the usable ones are spare."""
    least = site_requirements().least_spacing_cm
    rules = seating.SeatingRules(seed="", spare_percent=spare_percent, least_spacing_cm=least)
    room = seating.grid("", rows, columns, spacing_cm=spacing_cm)
    usable = [seat.label for seat in seating.usable_seats(room, rules)]
    spares = frozenset(usable[len(usable) - seating.spare_count(len(usable), rules) :])
    return [
        Desk(int(seat.label), seat.row, seat.column, seat.label in usable, seat.label in spares) for seat in room.seats
    ]
