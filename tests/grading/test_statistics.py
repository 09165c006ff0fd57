"""Figures over results and items, worked out by hand for a class of five of whom four came."""

from __future__ import annotations

from math import sqrt

import pytest
from tests.grading.world import DAY, Graded, released_world

from jinbang.core.statistics import Bin, histogram
from jinbang.delivery.domain.scoring import item_id
from jinbang.delivery.models import AnswerStep, Attempt
from jinbang.grading.models import Result
from jinbang.grading.queries import statistics
from jinbang.grading.queries.statistics import Group

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Graded:
    return released_world()


def test_results_are_counted_and_compared(world: Graded) -> None:
    results = Result.objects.filter(registration__sitting=world.sitting)
    line = Group("", 5, 4, 2, 59.5)
    assert statistics.overall(results) == line
    assert line.rate == 0.5
    names = {by: [group.name for group in statistics.groups(results, by)] for by in statistics.BY}
    registration = world.registrations[0]
    assert names == {
        "level": [registration.level.name],
        "site": [registration.site.name],
        "school": [registration.school.name],
        "region": [registration.school.get_region_display()],
    }
    assert [group.mean for group in statistics.groups(results, "site")] == [59.5]
    assert sorted(statistics.composites(results)) == [32, 46, 60, 100]
    counts = {one.low: one.count for one in histogram(statistics.composites(results)) if one.count}
    assert counts == {30: 1, 40: 1, 60: 1, 90: 1}


def test_nobody_came_is_no_rate_and_no_mean(world: Graded) -> None:
    absent = Result.objects.filter(outcome="absent")
    assert statistics.overall(absent) == Group("", 1, 0, 0, None)
    assert statistics.overall(absent).rate is None
    assert statistics.composites(absent) == []
    assert histogram([])[0] == Bin(0, 10, 0)


def test_a_form_and_its_items_as_sat(world: Graded) -> None:
    (form,) = statistics.sat_forms(world.sitting)
    assert form == world.forms["theory"]
    sat = statistics.form_statistics(world.sitting, form)
    assert (sat.report.people, sat.report.mean) == (4, 85)
    assert sat.report.deviation == pytest.approx(sqrt(275))
    assert sat.report.alpha == pytest.approx(5 / 4 * (1 - 175 / 275))
    assert [line.report.facility for line in sat.lines] == [1, 1, 1, 0.75, 0.5]
    assert sat.lines[0].report.flags == ("too_easy",)
    assert [line.entry.position for line in sat.lines] == [1, 2, 3, 4, 5]


def test_who_chose_which_option(world: Graded) -> None:
    form = world.forms["theory"]
    entry = form.entries.get(position=5)
    attempts = Attempt.objects.filter(paper_set__form=form, theory_detail__isnull=False).order_by("theory_points")
    for attempt, values in zip(attempts, (["A", "B"], [], ["A"], ["B", "A"]), strict=True):
        for seq, value in enumerate(values, 1):
            AnswerStep.objects.create(
                attempt=attempt, seq=seq, item=item_id(entry), value=value, client_ms=0, received_at=DAY
            )
    right, wrong = statistics.option_statistics(world.sitting, form, entry)
    assert (right.option, right.correct, right.share, right.best, right.weakest) == ("A", True, 0.5, 1, 0)
    assert (wrong.option, wrong.correct, wrong.share, wrong.best, wrong.weakest) == ("B", False, 0.25, 0, 1)
    assert (wrong.unused, wrong.misleading) == (False, False)


def test_a_task_has_no_options(world: Graded) -> None:
    form = world.forms["practical"]
    assert statistics.option_statistics(world.sitting, form, form.entries.get()) == ()
