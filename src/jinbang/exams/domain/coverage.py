"""Whether every room of a sitting has the invigilators that the plan wants.

Grave: too few people, someone who is expected in two places at once, and, where the plan forbids it, a teacher who
watches students of the own school. The rest is worth a look and no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jinbang.accounts.models import Role, RoleGrant
from jinbang.accounts.permissions import grants_in_force
from jinbang.accreditation.models import Room
from jinbang.core.problems import Problem
from jinbang.exams.domain.rules import rules_of
from jinbang.exams.models import InvigilatorAssignment, SeatAssignment, Sitting, SittingSubject

Duties = Mapping[int, Sequence[InvigilatorAssignment]]


@dataclass(frozen=True)
class RoomCoverage:
    """What is wrong with the invigilators of a room: ``grave`` keeps it from opening, ``notes`` do not."""

    room: Room
    grave: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def lacking(sitting: Sitting, room: Room | None = None) -> list[RoomCoverage]:
    """Rooms in use (or only ``room``) with something wrong, by site and number. A fixed number of queries."""
    schools = _schools(sitting, room)
    rooms = Room.objects.filter(pk__in=schools).select_related("site").order_by("site__code", "number")
    duties = _duties(sitting, schools)
    busy = _busy(sitting, duties)
    teaches = _teaches(sitting, duties)
    rules = rules_of(sitting.plan)
    found = []
    for one in rooms:
        grave = [*_too_few(one, duties[one.pk], rules.invigilators_per_room), *_twice(duties[one.pk], busy)]
        own = list(_own_students(duties[one.pk], teaches, schools[one.pk])) if rules.own_students != "allow" else []
        notes = [] if rules.own_students == "forbid" else own
        grave += own if rules.own_students == "forbid" else []
        if grave or notes:
            found.append(RoomCoverage(one, tuple(grave), tuple(notes)))
    return found


def _schools(sitting: Sitting, room: Room | None) -> dict[int, set[int]]:
    """Room id → ids of the schools whose candidates sit there."""
    rows = SeatAssignment.objects.filter(arrangement__sitting=sitting, arrangement__discarded_at__isnull=True)
    if room is not None:
        rows = rows.filter(seat__room=room)
    found: dict[int, set[int]] = defaultdict(set)
    for room_id, school in rows.values_list("seat__room", "registration__school").distinct():
        found[room_id].add(school)
    return found


def _duties(sitting: Sitting, rooms: Iterable[int]) -> Duties:
    rows = InvigilatorAssignment.objects.filter(sitting=sitting, room__in=list(rooms)).exclude(duty="inspector")
    found: dict[int, list[InvigilatorAssignment]] = defaultdict(list)
    for row in rows.select_related("person").order_by("pk"):
        assert row.room_id is not None
        found[row.room_id].append(row)
    return found


def _people(duties: Duties) -> set[int]:
    return {row.person_id for rows in duties.values() for row in rows}


def _busy(sitting: Sitting, duties: Duties) -> Mapping[int, Sequence[InvigilatorAssignment]]:
    """Person id → duties in other rooms at hours that overlap with this sitting's."""
    rows = InvigilatorAssignment.objects.filter(
        person__in=_people(duties), room__isnull=False, sitting__date=sitting.date
    ).exclude(sitting__state="cancelled")
    hours = list(_hours([sitting.pk]))
    others = {row.sitting_id for row in rows} - {sitting.pk}
    overlapping = {sitting.pk} | {
        other for other in others if any(a < d and c < b for a, b in hours for c, d in _hours([other]))
    }
    found: dict[int, list[InvigilatorAssignment]] = defaultdict(list)
    for row in rows.select_related("room", "sitting"):
        if row.sitting_id in overlapping:
            found[row.person_id].append(row)
    return found


def _hours(sittings: Collection[int]) -> Iterator[tuple[datetime, datetime]]:
    for subject in SittingSubject.objects.filter(sitting__in=sittings):
        yield subject.starts_at, subject.starts_at + timedelta(minutes=subject.minutes)


def _teaches(sitting: Sitting, duties: Duties) -> Mapping[int, set[int]]:
    """Person id → schools where the person is a teacher when the sitting begins."""
    begins = min((first for first, _last in _hours([sitting.pk])), default=None)
    found: dict[int, set[int]] = defaultdict(set)
    if begins is not None:
        grants = RoleGrant.objects.filter(
            grants_in_force(begins), role=Role.TEACHER, person__in=_people(duties), organisation__isnull=False
        )
        for person, school in grants.values_list("person", "organisation"):
            found[person].add(school)
    return found


def _too_few(room: Room, duties: Sequence[InvigilatorAssignment], need: int) -> Iterator[Problem]:
    have = len({row.person_id for row in duties})
    if have < need:
        text = "{room}已安排 {have} 名监考员，须不少于 {need} 名"
        yield Problem.of("too_few", text, room=room.name, have=have, need=need)


def _twice(duties: Sequence[InvigilatorAssignment], busy: Duties) -> Iterator[Problem]:
    for duty in duties:
        for other in busy.get(duty.person_id, ()):
            if (other.sitting_id, other.room_id) != (duty.sitting_id, duty.room_id):
                assert other.room is not None
                text = "{person}同时被安排在{other}（{sitting}）监考"
                yield Problem.of(
                    "twice", text, person=duty.person.name, other=other.room.name, sitting=other.sitting.name
                )


def _own_students(
    duties: Sequence[InvigilatorAssignment], teaches: Mapping[int, set[int]], schools: set[int]
) -> Iterator[Problem]:
    for duty in duties:
        if teaches.get(duty.person_id, set()) & schools:
            yield Problem.of("own_students", "{person}监考本校学生", person=duty.person.name)
