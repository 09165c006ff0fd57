"""What the draw is made of: a site's confirmed candidates with what they were granted, its rooms and desks.

A special need comes first and is fixed before the draw: a room alone, then an accessible desk; who needs an
accessible place and finds no such desk is drawn into an accessible room. Rooms kept for one alone hold nobody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jinbang.accreditation.models import Room, Seat, Site
from jinbang.core import seating
from jinbang.core.errors import Refusal
from jinbang.exams.models import Registration, SpecialArrangement

# Which desks may be used is marked on them, spacing and spares included; the draw need not look at distances.
_WIDEST_CM = 10_000
_Desks = dict[Room, list[Seat]]


@dataclass(frozen=True)
class SeatInput:
    """Candidates and rooms as ``core.seating`` takes them, and what was granted to whom, for the record."""

    candidates: tuple[seating.Candidate, ...]
    rooms: tuple[seating.Room, ...]
    granted: Mapping[str, Mapping[str, object]]


def granted_to(registrations: Sequence[Registration]) -> dict[int, SpecialArrangement]:
    """The approved special arrangements of ``registrations``, by their keys. One query."""
    rows = SpecialArrangement.objects.filter(registration__in=registrations, state="approved")
    return {row.registration_id: row for row in rows}


def granted_record(registrations: Sequence[Registration]) -> dict[str, dict[str, object]]:
    """The same as plain data; a draw keeps it, so that it is seen when something was granted since."""
    return {
        str(pk): {"extra_minutes": row.extra_minutes, "accessible": row.accessible, "separate": row.separate}
        for pk, row in sorted(granted_to(registrations).items())
    }


def seat_input(site: Site, people: Sequence[Registration]) -> SeatInput:
    """The input of the draw. Refusals: ``separate_room_missing``, ``accessible_missing``."""
    needs, desks = granted_to(people), _desks(site)
    fixed = _alone(people, needs, {room: seats for room, seats in desks.items() if room.separate})
    shared = {room: seats for room, seats in desks.items() if not room.separate}
    fixed |= _at_accessible_desks([row for row in people if _needs_desk(row, needs)], shared)
    rooms = [_room(room, seats, None) for room, seats in shared.items()]
    rooms += [_room(seat.room, desks[seat.room], seat) for seat in fixed.values() if seat.room.separate]
    return SeatInput(
        tuple(_candidate(row, fixed.get(row.pk), accessible=_needs_desk(row, needs)) for row in people),
        tuple(sorted(rooms, key=lambda room: int(room.key))),
        granted_record(people),
    )


def _needs_desk(row: Registration, needs: Mapping[int, SpecialArrangement]) -> bool:
    return row.pk in needs and needs[row.pk].accessible and not needs[row.pk].separate


def _desks(site: Site) -> _Desks:
    by_room: _Desks = defaultdict(list)
    for seat in Seat.objects.filter(room__site=site).select_related("room").order_by("room__number", "number"):
        by_room[seat.room].append(seat)
    return dict(by_room)


def _free(seat: Seat) -> bool:
    return seat.usable and not seat.spare


def _alone(people: Sequence[Registration], needs: Mapping[int, SpecialArrangement], rooms: _Desks) -> dict[int, Seat]:
    """A room each for those who sit alone; who also needs an accessible one chooses first, small rooms go first."""
    waiting = [row for row in people if row.pk in needs and needs[row.pk].separate]
    left = sorted(rooms, key=lambda room: (len(rooms[room]), room.number))
    found: dict[int, Seat] = {}
    for row in sorted(waiting, key=lambda row: (not needs[row.pk].accessible, row.pk)):
        wheels = needs[row.pk].accessible
        seats = [seat for room in left for seat in rooms[room] if _free(seat) and (not wheels or _reached(seat))]
        if not seats:
            raise Refusal(
                "separate_room_missing", _("考生“{name}”获批单独考场，但没有空闲的（无障碍）单独考场；请在站点增设"),
                name=row.candidate.name,
            )  # fmt: skip
        found[row.pk] = seats[0]
        left.remove(seats[0].room)
    return found


def _reached(seat: Seat) -> bool:
    return seat.accessible or seat.room.accessible


def _at_accessible_desks(people: Sequence[Registration], rooms: _Desks) -> dict[int, Seat]:
    """An accessible desk each, as far as there are any; the others need a seat in an accessible room."""
    desks = [seat for seats in rooms.values() for seat in seats if seat.accessible and _free(seat)]
    found = dict(zip((row.pk for row in people), desks, strict=False))
    over = [row for row in people if row.pk not in found]
    places = sum(_free(seat) for room, seats in rooms.items() if room.accessible for seat in seats)
    places -= sum(seat.room.accessible for seat in found.values())
    if len(over) > places:
        raise Refusal(
            "accessible_missing", _("有 {count} 名获批无障碍座位的考生没有合适的座位；请在站点标出无障碍座位或考场"),
            count=len(over) - places,
        )  # fmt: skip
    return found


def _candidate(row: Registration, seat: Seat | None, *, accessible: bool) -> seating.Candidate:
    return seating.Candidate(
        key=str(row.pk),
        school=str(row.school_id),
        group=row.candidate.class_name,
        level=row.level.code,
        room=str(seat.room.number) if seat else "",
        seat=str(seat.number) if seat else "",
        accessible=accessible and seat is None,
    )


def _room(room: Room, seats: Sequence[Seat], only: Seat | None) -> seating.Room:
    """The room by its number; with ``only`` nothing but that desk may be used."""
    cells = (
        seating.Seat(str(seat.number), seat.row, seat.column, _free(seat) if only is None else seat.pk == only.pk)
        for seat in seats
    )
    return seating.Room(str(room.number), tuple(cells), _WIDEST_CM, room.accessible)
