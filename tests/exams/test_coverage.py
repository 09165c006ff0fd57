"""Rooms without the invigilators that the plan wants."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.delivery.room.conftest import STARTS

from jinbang.accounts.models import Person, RoleGrant
from jinbang.accreditation.models import Room
from jinbang.delivery.drill.site import build
from jinbang.exams.domain.coverage import lacking
from jinbang.exams.models import InvigilatorAssignment, RuleSet, Sitting, SittingSubject

pytestmark = pytest.mark.django_db


@pytest.fixture
def sitting(db: None) -> Sitting:
    """Two rooms of one school's candidates, two invigilators in each."""
    return build(candidates=41, starts_at=STARTS, minutes=90).sitting


def codes(sitting: Sitting) -> list[tuple[int, list[str], list[str]]]:
    fresh = Sitting.objects.get(pk=sitting.pk)
    return [(row.room.number, [p.code for p in row.grave], [p.code for p in row.notes]) for row in lacking(fresh)]


def another(sitting: Sitting, starts_at: datetime) -> Sitting:
    copy = Sitting.objects.get(pk=sitting.pk)
    copy.pk, copy.code, copy.ordinal, copy.date, copy.name = None, "D2", 2, starts_at.date(), "另一场"
    copy.save(force_insert=True)
    SittingSubject.objects.create(sitting=copy, subject="theory", starts_at=starts_at, minutes=90)
    return copy


def watch(sitting: Sitting, person: Person, number: int) -> None:
    room = Room.objects.get(number=number)
    InvigilatorAssignment.objects.create(
        sitting=sitting, site_id=room.site_id, room=room, person=person, duty="invigilator"
    )


def test_all_is_well_and_an_inspector_does_not_count(sitting: Sitting) -> None:
    assert codes(sitting) == []
    InvigilatorAssignment.objects.filter(person__username="watch-2-1").update(duty="inspector")
    assert codes(sitting) == [(2, ["too_few"], [])]
    assert [row.room.number for row in lacking(sitting, Room.objects.get(number=1))] == []


def test_nobody_is_in_two_places_at_once(sitting: Sitting) -> None:
    one = Person.objects.get(username="watch-1-1")
    watch(sitting, one, 2)
    assert codes(sitting) == [(1, ["twice"], []), (2, ["twice"], [])]


@pytest.mark.parametrize(("later", "found"), [(60, [(1, ["twice"], [])]), (90, [])])
def test_another_sitting_counts_while_hours_overlap(sitting: Sitting, later: int, found: list[Any]) -> None:
    watch(another(sitting, STARTS + timedelta(minutes=later)), Person.objects.get(username="watch-1-1"), 1)
    assert codes(sitting) == found


@pytest.mark.parametrize(
    ("rule", "found"),
    [("allow", []), ("warn", [(1, [], ["own_students"])]), ("forbid", [(1, ["own_students"], [])])],
)
def test_teachers_of_the_own_students(sitting: Sitting, rule: str, found: list[Any]) -> None:
    RuleSet.objects.update(rules={"own_students": rule})
    school = Room.objects.get(number=1).site.organisation
    teacher = Person.objects.get(username="watch-1-2")
    RoleGrant.objects.create(
        person=teacher, role="teacher", organisation=school, valid_from=STARTS - timedelta(days=9), granted_by="test"
    )
    assert codes(sitting) == found


def test_costs_the_same_for_one_room_and_for_two(sitting: Sitting) -> None:
    InvigilatorAssignment.objects.filter(person__username="watch-1-1").delete()
    figures = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            codes(sitting)
        figures.append(len(queries))
        InvigilatorAssignment.objects.filter(person__username="watch-2-1").delete()
    assert figures[0] == figures[1]
