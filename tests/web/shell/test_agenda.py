"""Coming up: the next dates, the soonest first, only what is near and only for those who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accreditation.factories import at, person
from tests.exams.factories import World, world

from jinbang.accounts.permissions import Access
from jinbang.web.shell.agenda import MOST, coming_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(db: None) -> World:
    return world()


def coming(made: World, role: str, *when: int) -> list[tuple[str, int]]:
    someone = person(f"agenda-{role}", role, made.school)
    rows = coming_up(Access(someone, at(*when)))
    assert [row.moment.at for row in rows] == sorted(row.moment.at for row in rows)
    return [(str(row.moment.title), row.days) for row in rows if row.moment.about == str(made.sitting)]


def test_stages_and_exam_hours_come_in_their_order(made: World) -> None:
    assert coming(made, "school_manager", 5, 10, 8) == [
        ("考试报名截止", 0),
        ("考场编排截止", 8),
        ("开始打印准考证", 9),
        ("理论开考", 11),
        ("实操开考", 11),
    ]


def test_what_is_past_and_what_is_far_is_left_out(made: World) -> None:
    assert coming(made, "school_manager", 5, 21, 9) == [("实操开考", 0)]
    far = person("agenda-far", "school_manager", made.school)
    assert coming_up(Access(far, made.sitting.registration_opens - timedelta(days=365))) == []


def test_at_most_a_handful(made: World) -> None:
    someone = person("agenda-handful", "school_manager", made.school)
    assert len(coming_up(Access(someone, at(4, 1)))) <= MOST


def test_who_sees_no_plans_sees_no_dates(made: World) -> None:
    assert coming(made, "student", 5, 10, 8) == []
