"""Pairs of a sitting's programs, with their seats."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.accreditation.factories import ACTOR
from tests.grading import world as build
from tests.judge.helpers import small_task

from jinbang.accreditation.models import Room, Seat
from jinbang.audit.actor import SYSTEM
from jinbang.audit.models import AuditRow
from jinbang.content.models import PracticalTask
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files
from jinbang.grading.domain import similarity
from jinbang.grading.domain.practical import queue_handed_in
from jinbang.grading.models import SimilarityCheck
from jinbang.grading.queries.similarity import room_grid
from jinbang.judge.package import to_zip

HELPER = b"def helper_%d(a, b):\n    total = a * %d + b\n    return [total, a - b, {a: b}]\n\n"
GIVEN = b"".join(HELPER % (number, number) for number in range(9))
COPIED = b"""
def average(rows, name):
    values = [float(row[name]) for row in rows if row.get(name) not in (None, "")]
    if not values:
        raise ValueError("no data in " + name)
    return round(sum(values) / len(values), 2)


def ranks(rows, name):
    ordered = sorted(rows, key=lambda row: (-row[name], row["id"]))
    found = {}
    for place, row in enumerate(ordered, 1):
        found.setdefault(row[name], place)
    return [(row["id"], found[row[name]]) for row in rows]
"""
RENAMED = COPIED.replace(b"rows", b"lines").replace(b"values", b"xs").replace(b"found", b"table")
OWN = b"""
import csv
import sys

with open(sys.argv[1], encoding="utf-8") as handle:
    while (line := handle.readline()):
        a, *rest = line.split(",")
        if a.startswith("#") or len(rest) != 3 and a != "end":
            continue
        print(a, max(map(int, rest)), file=sys.stderr if a == "x" else sys.stdout)
writer = csv.writer(sys.stdout)
writer.writerow({"a", "b"} | {str(n) for n in range(3)})
try:
    assert writer is not None, "gone"
finally:
    del writer
"""


@pytest.fixture
def world(db: None) -> build.Graded:
    """Candidates 0 and 2 handed in one program under other names, 1 a program of their own; all hold given code."""
    made = build.graded_world(((5, "10"), (3, "6"), (5, "1"), None))
    package = small_task(starter__helper_dot_py=GIVEN)
    stored = files.store(data=to_zip(package.files), name="t", content_type="", actor=SYSTEM, now=build.NOW)
    PracticalTask.objects.filter(pk=made.task.pk).update(package=stored)
    made.task.refresh_from_db()
    for number, code in enumerate((COPIED, OWN, RENAMED)):
        attempt = made.attempt(number, "practical")
        build.hand_in_file(attempt, GIVEN + code)
    queue_handed_in(now=build.AFTER)
    return made


def check(world: build.Graded) -> SimilarityCheck:
    return similarity.check(sitting=world.sitting, task=world.task, actor=ACTOR, now=build.AFTER)


def test_a_copy_under_other_names_is_found_and_given_code_is_not(world: build.Graded) -> None:
    found = check(world)
    assert found.submissions == 3
    [pair] = found.pairs.all()
    assert {pair.first.attempt_id, pair.second.attempt_id} == {
        world.attempt(0, "practical").pk,
        world.attempt(2, "practical").pk,
    }
    assert pair.score == Decimal(1)
    last_given = GIVEN.rstrip().count(b"\n") + 1
    assert all(region["first_lines"][0] >= last_given for region in pair.regions)
    assert AuditRow.objects.filter(action="similarity.check").get().data == {"submissions": 3, "pairs": 1}


def test_seats_apart_counts_the_larger_of_rows_and_columns(world: build.Graded) -> None:
    first, second = (world.attempt(number, "practical").seat for number in (0, 2))
    [pair] = check(world).pairs.all()
    assert pair.distance == max(abs(first.row - second.row), abs(first.column - second.column))
    one = Seat(room_id=1, row=1, column=1)
    assert similarity.seats_apart(one, Seat(room_id=1, row=3, column=2)) == 2
    assert similarity.seats_apart(one, Seat(room_id=2, row=1, column=1)) is None


def test_the_room_shows_every_pair_at_both_seats(world: build.Graded, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    found = check(world)
    room = Room.objects.get(pk=world.attempt(0, "practical").seat.room_id)
    with django_assert_num_queries(2):
        grid = room_grid(found, room)
    tied = {place.seat.pk: place for row in grid for place in row if place.seat and place.ties}
    seats = {world.attempt(number, "practical").seat_id for number in (0, 2)}
    assert set(tied) == seats
    assert {tie.other.pk for place in tied.values() for tie in place.ties} == seats
    assert sum(place.seat is not None for row in grid for place in row) == room.seats.count()


def test_one_submission_cannot_be_compared(db: None) -> None:
    made = build.graded_world(((5, "10"), None))
    queue_handed_in(now=build.AFTER)
    with pytest.raises(Refusal, match="不足两份"):
        check(made)
    assert not SimilarityCheck.objects.exists()
