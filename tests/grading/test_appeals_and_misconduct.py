"""Appeals and misconduct: every step of both machines, every refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accreditation.factories import ACTOR, refused
from tests.grading.world import AFTER, Graded, released_world

from jinbang.audit.models import OutboxNotice
from jinbang.grading.domain import appeals, misconduct
from jinbang.grading.models import Appeal, MisconductCase

pytestmark = pytest.mark.django_db
WINDOW = timedelta(days=15)


@pytest.fixture
def world(db: None) -> Graded:
    return released_world()


def lodge(world: Graded, number: int = 2, days: int = 1, grounds: str = "实操应有更高分") -> Appeal:
    return appeals.lodge(
        result=world.result(number), grounds=grounds, window=WINDOW, actor=ACTOR, now=AFTER + timedelta(days=days)
    )


def test_an_appeal_within_its_window_to_its_answer(world: Graded) -> None:
    appeal = appeals.accept(appeal=lodge(world, days=15), actor=ACTOR, now=AFTER)
    answered = appeals.answer(appeal=appeal, upheld=True, decision="测试点有误，将重判", actor=ACTOR, now=AFTER)
    assert (answered.state, answered.decision) == ("upheld", "测试点有误，将重判")
    assert world.result(2).version == 1
    notice = OutboxNotice.objects.get(kind="appeal.uphold")
    assert notice.audience == [{"role": "school_manager", "organisation": world.school.pk}]


def test_an_appeal_is_dismissed_withdrawn_and_lodged_again(world: Graded) -> None:
    appeals.withdraw(appeal=lodge(world), actor=ACTOR, now=AFTER)
    appeal = lodge(world)
    with refused("appeal_open"):
        lodge(world)
    with refused("reason_required"):
        appeals.answer(appeal=appeal, upheld=False, decision=" ", actor=ACTOR, now=AFTER)
    assert Appeal.objects.get(pk=appeal.pk).decision == ""
    assert appeals.answer(appeal=appeal, upheld=False, decision="维持", actor=ACTOR, now=AFTER).state == "dismissed"
    with refused("illegal_move"):
        appeals.withdraw(appeal=appeal, actor=ACTOR, now=AFTER)


def test_appeals_that_are_refused(world: Graded) -> None:
    with refused("appeal_late"):
        lodge(world, days=16)
    with refused("grounds_missing"):
        lodge(world, grounds=" ")
    old = world.result(2)
    old.state = "superseded"
    with refused("not_released"):
        appeals.lodge(result=old, grounds="理由", window=WINDOW, actor=ACTOR, now=AFTER)


def report(
    world: Graded, kind: str = "cheating", subject: str | None = None, facts: str = "使用手机"
) -> MisconductCase:
    attempt = world.attempt(0, subject) if subject else None
    return misconduct.report(
        registration=world.registrations[0], attempt=attempt, kind=kind, facts=facts, actor=ACTOR, now=AFTER
    )


def test_a_case_heard_decided_objected_to_and_confirmed(world: Graded) -> None:
    case = misconduct.notify_candidate(case=report(world), actor=ACTOR, now=AFTER)
    with refused("statement_missing"):
        misconduct.record_statement(case=case, statement=" ", actor=ACTOR, now=AFTER)
    misconduct.record_statement(case=case, statement="手机未开机", actor=ACTOR, now=AFTER)
    with refused("reason_required"):
        misconduct.decide(case=case, decision="", actor=ACTOR, now=AFTER)
    misconduct.decide(case=case, decision="取消各科成绩", actor=ACTOR, now=AFTER)
    misconduct.appeal_decision(case=case, reason="不服", actor=ACTOR, now=AFTER)
    misconduct.answer_appeal(case=case, uphold=False, reason="证据确凿", actor=ACTOR, now=AFTER)
    case.refresh_from_db()
    assert (case.state, case.statement, case.decision) == ("confirmed", "手机未开机", "取消各科成绩")
    kinds = list(
        OutboxNotice.objects.filter(kind__startswith="misconduct").order_by("pk").values_list("kind", flat=True)
    )
    assert kinds == ["misconduct.notify_candidate", "misconduct.decide", "misconduct.confirm"]


def test_a_case_without_proof_is_dropped(world: Graded) -> None:
    assert misconduct.drop(case=report(world), reason="误报", actor=ACTOR, now=AFTER).state == "dropped"


def test_reports_that_are_refused(world: Graded) -> None:
    with refused("facts_missing"):
        report(world, facts=" ")
    with refused("breach_subject"):
        report(world, "breach")
    with refused("other_candidate"):
        misconduct.report(
            registration=world.registrations[1], attempt=world.attempt(0, "theory"), kind="breach", facts="交头接耳",
            actor=ACTOR, now=AFTER,
        )  # fmt: skip
