"""Regrades: tried on everything, shown, approved by two people, applied; old verdicts stay."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.accreditation.factories import ACTOR, person, refused
from tests.grading.world import AFTER, Graded, decide_all, practical_task, released_world, verdicts

from jinbang.accounts.models import Person
from jinbang.content.models import PracticalTask
from jinbang.grading.domain import regrade
from jinbang.grading.models import JudgeJob, JudgeVerdict, RegradeProposal, Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Graded:
    return released_world()


@pytest.fixture
def better(world: Graded) -> PracticalTask:
    return practical_task(world.task.level, "e")


@pytest.fixture
def two(world: Graded) -> tuple[Person, Person]:
    return person("lead", "chief_marker", world.awarding), person("manager", "programme_manager", world.awarding)


def propose(world: Graded, new: PracticalTask, **changes: object) -> RegradeProposal:
    values: dict[str, object] = {"old_task": world.task, "new_task": new, "reason": "测试点 3 有误", **changes}
    return regrade.propose(sitting=world.sitting, actor=ACTOR, now=AFTER, **values)  # type: ignore[arg-type]


def assessed(world: Graded, new: PracticalTask) -> RegradeProposal:
    """Candidate 1 (60 before) falls to 4 of 10, candidate 2 (10 before) rises to 9."""
    proposal = propose(world, new)
    points = {world.attempt(n, "practical").pk: points for n, points in enumerate(("10", "4", "9"))}
    decide_all(world, points)
    return regrade.assess(proposal=proposal, actor=ACTOR, now=AFTER)


def approved(proposal: RegradeProposal, two: tuple[Person, Person]) -> RegradeProposal:
    for someone in two:
        proposal = regrade.approve(proposal=proposal, person=someone, actor=ACTOR, now=AFTER)
    return proposal


def test_a_proposal_judges_every_submission_again_and_counts_nothing(world: Graded, better: PracticalTask) -> None:
    before = list(Result.objects.order_by("pk").values())
    proposal = propose(world, better)
    trials = JudgeJob.objects.filter(kind="regrade")
    assert (trials.count(), set(trials.values_list("counts", "task_digest"))) == (3, {(False, "e" * 64)})
    with refused("regrade_running"):
        regrade.assess(proposal=proposal, actor=ACTOR, now=AFTER)
    assert list(Result.objects.order_by("pk").values()) == before


def test_assessing_shows_who_crosses_and_leaves_nothing_behind(world: Graded, better: PracticalTask) -> None:
    before = list(Result.objects.order_by("pk").values())
    effects = sorted(assessed(world, better).effects, key=lambda row: row["registration"])
    assert [(row["before"], row["after"], row["by"], row["crosses"]) for row in effects] == [
        ("100.0", "100.0", "0.0", False),
        ("60.0", "48.0", "-12.0", True),
        ("46.0", "94.0", "48.0", True),
    ]
    assert list(Result.objects.order_by("pk").values()) == before
    assert set(JudgeJob.objects.filter(counts=True).values_list("kind", flat=True)) == {"exam"}


def test_two_different_people_then_new_versions_and_old_verdicts_stay(
    world: Graded, better: PracticalTask, two: tuple[Person, Person]
) -> None:
    proposal = assessed(world, better)
    old = list(JudgeVerdict.objects.filter(job__kind="exam").order_by("pk").values())
    proposal = regrade.approve(proposal=proposal, person=two[0], actor=ACTOR, now=AFTER)
    with refused("regrade_same_person"):
        regrade.approve(proposal=proposal, person=two[0], actor=ACTOR, now=AFTER)
    with refused("regrade_decided"):
        regrade.assess(proposal=proposal, actor=ACTOR, now=AFTER)
    with refused("illegal_move"):
        regrade.apply(proposal=proposal, actor=ACTOR, now=AFTER)
    proposal = regrade.approve(proposal=proposal, person=two[1], actor=ACTOR, now=AFTER)
    assert regrade.apply(proposal=proposal, actor=ACTOR, now=AFTER) == 3
    assert [(world.result(n).version, world.result(n).composite, world.result(n).outcome) for n in range(4)] == [
        (2, Decimal(100), "passed"),  # the same points from another verdict: a version of its own
        (2, Decimal(48), "failed"),
        (2, Decimal(94), "passed"),
        (1, Decimal(32), "failed"),
    ]
    assert list(JudgeVerdict.objects.filter(job__kind="exam").order_by("pk").values()) == old
    assert [kind for kind, _points in verdicts(world)] == ["exam"] * 3 + ["regrade"] * 3
    assert world.result(1).state == "released"
    with refused("illegal_move"):
        regrade.apply(proposal=proposal, actor=ACTOR, now=AFTER)


def test_nothing_is_approved_before_its_effects_are_known(
    world: Graded, better: PracticalTask, two: tuple[Person, Person]
) -> None:
    with refused("regrade_unassessed"):
        regrade.approve(proposal=propose(world, better), person=two[0], actor=ACTOR, now=AFTER)


def test_a_rejected_proposal_changes_nothing_and_may_be_made_again(world: Graded, better: PracticalTask) -> None:
    proposal = assessed(world, better)
    regrade.reject(proposal=proposal, reason="原测试点无误", actor=ACTOR, now=AFTER)
    assert set(JudgeJob.objects.filter(counts=True).values_list("kind", flat=True)) == {"exam"}
    again = propose(world, better)
    assert JudgeJob.objects.filter(kind="regrade").count() == 3
    assert len(regrade.assess(proposal=again, actor=ACTOR, now=AFTER).effects) == 3


def test_a_second_regrade_takes_over_from_the_first(
    world: Graded, better: PracticalTask, two: tuple[Person, Person]
) -> None:
    regrade.apply(proposal=approved(assessed(world, better), two), actor=ACTOR, now=AFTER)
    third = practical_task(world.task.level, "f")
    proposal = propose(world, third, old_task=better)
    decide_all(world, dict.fromkeys(world.points, "10"))
    proposal = approved(regrade.assess(proposal=proposal, actor=ACTOR, now=AFTER), two)
    assert regrade.apply(proposal=proposal, actor=ACTOR, now=AFTER) == 3
    assert [str(world.result(n).practical) for n in range(3)] == ["100.00"] * 3
    assert JudgeJob.objects.filter(counts=True, attempt=world.attempt(1, "practical")).get().task == third


@pytest.mark.parametrize(
    ("code", "new", "changes"),
    [
        ("reason_required", {}, {"reason": "  "}),
        ("regrade_task", {"slug": "other"}, {}),
        ("regrade_points", {"points": Decimal(20)}, {}),
    ],
)
def test_refusals(world: Graded, code: str, new: dict[str, object], changes: dict[str, object]) -> None:
    with refused(code):
        propose(world, practical_task(world.task.level, "e", **new), **changes)  # type: ignore[arg-type]
    assert not RegradeProposal.objects.exists()
    assert not JudgeJob.objects.filter(kind="regrade").exists()


def test_a_task_that_the_sitting_did_not_use_cannot_be_regraded(world: Graded, better: PracticalTask) -> None:
    with refused("regrade_nothing"):
        propose(world, better, old_task=practical_task(world.task.level, "a"))
