"""People's marks: every mode to its end, nobody marks twice, nobody marks their own school."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.accreditation.factories import ACTOR, person, refused
from tests.grading.world import AFTER, Graded, graded_world, judge

from jinbang.accounts.models import Person
from jinbang.audit.models import AuditRow
from jinbang.grading.domain import appeals, marking
from jinbang.grading.domain.practical import practical_marks
from jinbang.grading.domain.results import compute_results, release_results
from jinbang.grading.models import MarkingTask

pytestmark = pytest.mark.django_db
CLASS = ((5, "6"),)


def at_work(mode: str = "1", threshold: str = "1", points: str = "6") -> tuple[Graded, MarkingTask, list[Person]]:
    """One candidate, 6 of 8 by the machine, 2 for people."""
    world = graded_world(((5, points),), marking_mode=mode, marking_threshold=threshold)
    judge(world, pending="2")
    assert marking.open_tasks(now=AFTER) == 1
    return world, MarkingTask.objects.get(), [person(f"m{n}", "marker", world.awarding) for n in range(1, 5)]


def give(task: MarkingTask, marker: Person, points: str) -> MarkingTask:
    made = marking.allocate(task=task, marker=marker, actor=ACTOR, now=AFTER)
    return marking.submit(marking=made, points=Decimal(points), comment="", actor=ACTOR, now=AFTER)


def test_opening_twice_opens_once_and_the_result_waits_for_people() -> None:
    world, task, _people = at_work()
    assert marking.open_tasks(now=AFTER) == 0
    assert (task.part, task.max_points, task.state) == ("代码风格", Decimal(2), "waiting")
    assert len(compute_results(sitting=world.sitting, actor=ACTOR, now=AFTER).pending) == 1


def test_a_program_that_crashed_is_still_marked_by_people() -> None:
    _world, task, _people = at_work(points="0")
    assert task.max_points == Decimal(2)


def test_one_marker_settles_alone_and_the_points_reach_the_result() -> None:
    world, task, people = at_work()
    assert give(task, people[0], "1.5").state == "settled"
    compute_results(sitting=world.sitting, actor=ACTOR, now=AFTER)
    assert world.result(0).practical == Decimal("75.00")
    assert AuditRow.objects.get(action="marking.mark").data == {"round": 1, "points": "1.5"}


@pytest.mark.parametrize(
    ("mode", "marks", "state", "points"),
    [
        ("1+1", ["1", "2"], "settled", "1.50"),
        ("1+1", ["0", "2"], "disputed", None),
        ("1+1+1", ["1", "1"], "settled", "1.00"),
        ("1+1+1", ["0", "2", "1.5"], "settled", "1.75"),
        ("2+1", ["0", "2"], "waiting", None),
        ("2+1", ["0", "2", "0.5"], "settled", "0.50"),
    ],
)
def test_every_mode(mode: str, marks: list[str], state: str, points: str | None) -> None:
    _world, task, people = at_work(mode)
    for marker, mark in zip(people, marks, strict=False):
        task = give(task, marker, mark)
    assert (task.state, task.settled_points) == (state, None if points is None else Decimal(points))


def test_three_too_far_apart_go_to_the_leader() -> None:
    _world, task, people = at_work("1+1+1", threshold="0.2")
    for marker, mark in zip(people, ("0", "2", "1"), strict=False):
        task = give(task, marker, mark)
    assert task.state == "disputed"
    with refused("marking_closed"):
        marking.allocate(task=task, marker=people[3], actor=ACTOR, now=AFTER)
    with refused("mark_range"):
        marking.adjudicate(task=task, points=Decimal(3), reason="超出", actor=ACTOR, now=AFTER)
    with refused("reason_required"):
        marking.adjudicate(task=task, points=Decimal(1), reason=" ", actor=ACTOR, now=AFTER)
    marking.adjudicate(task=task, points=Decimal(1), reason="按评分细则", actor=ACTOR, now=AFTER)
    task.refresh_from_db()
    assert (task.state, task.settled_points) == ("settled", Decimal(1))


def test_two_may_mark_at_the_same_time() -> None:
    _world, task, people = at_work("1+1")
    first, second = (marking.allocate(task=task, marker=p, actor=ACTOR, now=AFTER) for p in people[:2])
    with refused("markers_enough"):
        marking.allocate(task=task, marker=people[2], actor=ACTOR, now=AFTER)
    held = marking.submit(marking=second, points=Decimal(2), comment="好", actor=ACTOR, now=AFTER)
    assert held.state == "allocated"
    with refused("marked_already"):
        marking.submit(marking=second, points=Decimal(1), comment="", actor=ACTOR, now=AFTER)
    assert marking.submit(marking=first, points=Decimal(1), comment="", actor=ACTOR, now=AFTER).state == "settled"


def test_who_may_not_mark() -> None:
    world, task, people = at_work()
    own = person("own", "marker", world.school)
    own.home_organisation = world.school
    own.save()
    with refused("marker_school"):
        marking.allocate(task=task, marker=own, actor=ACTOR, now=AFTER)
    made = marking.allocate(task=task, marker=people[0], actor=ACTOR, now=AFTER)
    with refused("marker_again"):
        marking.allocate(task=task, marker=people[0], actor=ACTOR, now=AFTER)
    with refused("mark_range"):
        marking.submit(marking=made, points=Decimal("2.01"), comment="", actor=ACTOR, now=AFTER)


def test_a_settled_answer_is_marked_again_and_the_old_marks_are_kept() -> None:
    _world, task, people = at_work("1+1", threshold="1")
    for marker, mark in zip(people, ("2", "1"), strict=False):
        task = give(task, marker, mark)
    first, second = task.markings.order_by("round")
    with refused("marking_none"):
        marking.reopen(task=task, markings=[], reason="漏看", actor=ACTOR, now=AFTER)
    with refused("reason_required"):
        marking.reopen(task=task, markings=[second], reason=" ", actor=ACTOR, now=AFTER)
    task = marking.reopen(task=task, markings=[second], reason="漏看了一个文件", actor=ACTOR, now=AFTER)
    assert (task.state, task.settled_points) == ("allocated", None)
    row = AuditRow.objects.get(action="marking.reopen")
    assert row.reason == "漏看了一个文件"
    assert row.data == {"settled": "1.50", "marks": [{"round": 2, "points": "1.00", "comment": ""}]}
    assert practical_marks([task.attempt_id])[task.attempt_id] is None
    task = marking.submit(marking=second, points=Decimal(2), comment="", actor=ACTOR, now=AFTER)
    assert (task.state, task.settled_points) == ("settled", Decimal(2))
    assert first.points == Decimal(2)


def test_after_the_results_are_out_only_an_appeal_reopens() -> None:
    world, task, people = at_work()
    task = give(task, people[0], "1")
    compute_results(sitting=world.sitting, actor=ACTOR, now=AFTER)
    release_results(sitting=world.sitting, actor=ACTOR, now=AFTER)
    again = {"task": task, "markings": list(task.markings.all()), "reason": "复核", "actor": ACTOR, "now": AFTER}
    with refused("marking_released"):
        marking.reopen(**again)
    appeal = appeals.lodge(result=world.result(0), grounds="请看", window=timedelta(days=15), actor=ACTOR, now=AFTER)
    appeals.accept(appeal=appeal, actor=ACTOR, now=AFTER)
    assert marking.reopen(**again).state == "allocated"


def test_a_mark_that_nobody_waits_for_is_refused() -> None:
    _world, task, people = at_work("1+1+1", threshold="0.2")
    for marker, mark in zip(people, ("0", "2", "1.9"), strict=False):
        task = give(task, marker, mark)
    assert task.state == "settled"
    task = marking.reopen(task=task, markings=list(task.markings.all()), reason="全部重评", actor=ACTOR, now=AFTER)
    first, second, third = task.markings.order_by("round")
    for row in (first, second):
        marking.submit(marking=row, points=Decimal(1), comment="", actor=ACTOR, now=AFTER)
    with refused("marking_closed"):
        marking.submit(marking=third, points=Decimal(1), comment="", actor=ACTOR, now=AFTER)
