"""Pages of items, marking, results and certificates: each opens for its role, is closed to others, shows no codes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.accreditation.factories import ACTOR, person
from tests.accreditation.factories import school as another_school
from tests.grading.world import AFTER, Graded, items_of, practical_task
from tests.web.staff.conftest import Enter

from jinbang.certificates.models import Certificate
from jinbang.content.models import Form, Item
from jinbang.grading.domain import appeals, marking, misconduct, regrade
from jinbang.grading.models import Appeal, JudgeJob, MarkingTask, MisconductCase, RegradeProposal

pytestmark = pytest.mark.django_db

LISTS = {
    "item_list": "item_author",
    "form_list": "item_reviewer",
    "task_list": "item_author",
    "judge_job_list": "chief_marker",
    "judge_worker_list": "system_admin",
    "result_list": "exam_officer",
    "results_of_sittings": "programme_manager",
    "marking_list": "marker",
    "regrade_list": "chief_marker",
    "appeal_list": "exam_officer",
    "misconduct_list": "exam_officer",
    "certificate_list": "certificate_officer",
    "certificate_sittings": "certificate_officer",
}
FORMS = {
    "item_new": "item_author",
    "item_import": "item_author",
    "task_new": "item_author",
    "judge_worker_new": "system_admin",
    "regrade_new": "chief_marker",
    "misconduct_new": "inspector",
}
YES = {"csrfmiddlewaretoken": "x"}  # what a form without fields sends
CODES = ("accepted", "runtime_error", "unanswered", ">right<", ">wrong<", "no file was handed in", "{counter}", "None")


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


@pytest.mark.parametrize(("name", "role"), [*LISTS.items(), *FORMS.items()])
def test_it_opens_for_its_role_and_for_nobody_else(world: Graded, enter: Enter, name: str, role: str) -> None:
    text(enter(world.awarding, role), reverse(name))
    assert enter(world.awarding, "finance_officer").get(reverse(name)).status_code == 403
    assert Client().get(reverse(name)).status_code == 302


def things(world: Graded) -> dict[str, tuple[str, int]]:
    """URL name → (role, key of an object)."""
    case = misconduct.report(
        registration=world.registrations[0], attempt=None, kind="cheating", facts="携带手机", actor=ACTOR, now=AFTER
    )
    proposal = regrade.propose(
        sitting=world.sitting, old_task=world.task, new_task=practical_task(world.task.level, "e"), reason="有误",
        actor=ACTOR, now=AFTER,
    )  # fmt: skip
    from datetime import timedelta

    appeal = appeals.lodge(result=world.result(2), grounds="请复核", window=timedelta(days=15), actor=ACTOR, now=AFTER)
    return {
        "item": ("item_author", items_of(world)[0].pk),
        "form": ("exam_officer", world.forms["theory"].pk),
        "task": ("item_author", world.task.pk),
        "judge_job": ("chief_marker", world.job(0).pk),
        "result": ("exam_officer", world.result(3).pk),
        "regrade": ("chief_marker", proposal.pk),
        "appeal": ("exam_officer", appeal.pk),
        "misconduct": ("exam_officer", case.pk),
        "certificate": ("certificate_officer", Certificate.objects.all()[0].pk),
    }


def test_every_detail_opens_in_words_and_what_is_not_there_answers_404(world: Graded, enter: Enter) -> None:
    for name, (role, pk) in things(world).items():
        client = enter(world.awarding, role)
        page = text(client, reverse(name, args=[pk])).partition("<main")[2]
        assert [code for code in CODES if code in page] == [], name
        assert client.get(reverse(name, args=[999_999])).status_code == 404
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert 'lang="en"' in text(client, reverse(name, args=[pk])), name


def test_a_school_sees_its_own_results_and_certificates_and_no_others(world: Graded, enter: Enter) -> None:
    own, other = (
        enter(world.school, "school_manager"),
        enter(another_school("示例另一学院"), "school_manager", name="o"),
    )
    for name, pk in (("result", world.result(0).pk), ("certificate", Certificate.objects.all()[0].pk)):
        assert own.get(reverse(name, args=[pk])).status_code == 200
        assert other.get(reverse(name, args=[pk])).status_code == 404
    assert "0122" in text(own, reverse("result_list"))
    assert "0122" not in text(other, reverse("result_list")).partition("<main")[2]


@pytest.mark.parametrize("name", ["result_list", "certificate_list", "item_list", "judge_job_list"])
def test_a_list_costs_the_same_for_one_row_and_for_more(
    world: Graded, enter: Enter, name: str, django_assert_num_queries: Callable[..., object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = enter(world.awarding, "programme_manager", "certificate_officer", name="all")
    address = reverse(name)
    one, many = {
        "result_list": (world.registrations[0].ticket_number, "0122"),
        "certificate_list": (Certificate.objects.all()[0].number, "2022"),
        "item_list": ("T-0001", "T-"),
        "judge_job_list": (world.job(0).key[:12], "采集"),
    }[name]
    text(client, f"{address}?q={many}")
    with CaptureQueriesContext(connection) as queries:
        text(client, f"{address}?q={one}")
    with django_assert_num_queries(len(queries)):
        assert text(client, f"{address}?q={many}").count("row-link") >= 3
    assert len(queries) <= 15


# -- actions ---------------------------------------------------------------------------------------


def test_an_item_written_submitted_and_accepted_by_another(world: Graded, enter: Enter) -> None:
    author, reviewer = enter(world.awarding, "item_author"), enter(world.awarding, "item_reviewer")
    point = items_of(world)[0].skill_point
    new = {
        "code": "N-1", "skill_point": point.pk, "kind": "single", "stem": "一加一？", "options": "二\n三",
        "answer": "A",
        "difficulty": "0.9", "for_practice": "on",
    }  # fmt: skip
    wrong = author.post(reverse("item_new"), new | {"answer": "C"})
    assert "答案不在选项之中" in wrong.content.decode()
    assert author.post(reverse("item_new"), new).status_code == 302
    item = Item.objects.get(code="N-1")
    assert item.for_practice
    author.post(reverse("item_event", args=[item.pk, "submit"]), YES)
    assert author.post(reverse("item_event", args=[item.pk, "accept"]), {"reason": "好"}).status_code == 403
    reviewer.post(reverse("item_event", args=[item.pk, "accept"]), {"reason": "好"})
    item.refresh_from_db()
    assert item.state == "accepted"
    author.post(reverse("item_edit", args=[item.pk]), new | {"stem": "一加一是几？"})
    item.refresh_from_db()
    assert (item.state, item.versions.count()) == ("draft", 2)


def test_a_bank_goes_out_and_a_faulty_one_does_not_come_in(world: Graded, enter: Enter) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = enter(world.awarding, "item_author")
    level = world.task.level
    bank = client.get(reverse("item_export", args=[level.pk])).content
    assert b'code = "T-0001"' in bank
    for data, message in ((b"\xff\xfe", "UTF-8"), (b"x = ", "TOML"), (bank.replace(b'["A"]', b'["Z"]'), "答案不在")):
        response = client.post(reverse("item_import"), {"file": SimpleUploadedFile("b.toml", data), "level": level.pk})
        assert message in response.content.decode(), data[:20]
    assert client.post(
        reverse("item_import"), {"file": SimpleUploadedFile("b.toml", bank), "level": level.pk}
    ).status_code == 302  # fmt: skip


def test_a_form_is_retired_with_a_reason(world: Graded, enter: Enter) -> None:
    address = reverse("form_event", args=[world.forms["theory"].pk, "retire"])
    client = enter(world.awarding, "item_reviewer")
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "题目泄露"})
    assert Form.objects.get(pk=world.forms["theory"].pk).state == "retired"


def test_a_judge_host_gets_a_token_that_is_shown_once(world: Graded, enter: Enter) -> None:
    client = enter(world.awarding, "system_admin")
    page = client.post(reverse("judge_worker_new"), {"name": "hall-2"}).content.decode()
    assert "--token" in page
    assert "--token" not in text(client, reverse("judge_worker_list"))


def test_computing_again_says_what_it_did(world: Graded, enter: Enter) -> None:
    client = enter(world.awarding, "exam_officer")
    address = reverse("results_action", args=[world.sitting.pk, "compute"])
    assert client.get(address).status_code == 404
    page = client.post(address, follow=True).content.decode()
    assert "新合成 0 人，未变化 5 人，待阅卷 0 人" in page


def test_an_appeal_from_the_result_to_its_answer(world: Graded, enter: Enter) -> None:
    school, officer = enter(world.school, "school_manager"), enter(world.awarding, "exam_officer")
    from datetime import timedelta

    from jinbang.audit.models import AuditRow
    from jinbang.config import clock

    result = world.result(2)
    late = school.post(reverse("appeal_new", args=[result.pk]), {"grounds": "请复核"})
    assert "现已截止" in late.content.decode()
    AuditRow.objects.filter(action="result.release").update(at=clock.now() - timedelta(days=1))
    assert school.post(reverse("appeal_new", args=[result.pk]), {"grounds": "请复核"}).status_code == 302
    appeal = Appeal.objects.get()
    assert school.post(reverse("appeal_event", args=[appeal.pk, "accept"]), YES).status_code == 403
    officer.post(reverse("appeal_event", args=[appeal.pk, "accept"]), YES)
    officer.post(reverse("appeal_event", args=[appeal.pk, "dismiss"]), {"decision": "维持原分"})
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decision) == ("dismissed", "维持原分")
    appeal = appeals.lodge(result=result, grounds="再查", window=timedelta(days=15), actor=ACTOR, now=clock.now())
    school.post(reverse("appeal_event", args=[appeal.pk, "withdraw"]), YES)
    appeal.refresh_from_db()
    assert appeal.state == "withdrawn"


def test_an_invigilator_reports_and_the_officer_decides(world: Graded, enter: Enter) -> None:
    inspector, officer = enter(world.awarding, "inspector"), enter(world.awarding, "exam_officer")
    ticket = world.registrations[0].ticket_number
    given = {"ticket": ticket, "kind": "breach", "subject": "", "facts": "交头接耳"}
    address = reverse("misconduct_new")
    assert "请指明是哪一科" in inspector.post(address, given).content.decode()
    assert "没有这个准考证号" in inspector.post(address, given | {"ticket": "1"}).content.decode()
    assert inspector.post(address, given | {"subject": "theory"}).status_code == 302
    case = MisconductCase.objects.get()
    assert case.attempt == world.attempt(0, "theory")
    officer.post(reverse("misconduct_event", args=[case.pk, "notify_candidate"]), YES)
    officer.post(reverse("misconduct_event", args=[case.pk, "record_statement"]), {"statement": "没有"})
    officer.post(reverse("misconduct_event", args=[case.pk, "decide"]), {"decision": "作废理论"})
    case.refresh_from_db()
    assert case.state == "decided"


def test_a_regrade_by_pages_takes_two_people(world: Graded, enter: Enter) -> None:
    chief, manager = enter(world.awarding, "chief_marker"), enter(world.awarding, "programme_manager")
    new = practical_task(world.task.level, "e")
    wanted = {"sitting": world.sitting.pk, "old_task": world.task.pk, "new_task": world.task.pk, "reason": "有误"}
    assert "另一个版本" in chief.post(reverse("regrade_new"), wanted).content.decode()
    chief.post(reverse("regrade_new"), wanted | {"new_task": new.pk})
    proposal = RegradeProposal.objects.get()
    assert "3 份作答正在试判" in text(chief, reverse("regrade", args=[proposal.pk]))
    from tests.grading.world import decide_all

    decide_all(world, dict.fromkeys(world.points, "0"))
    chief.post(reverse("regrade_assess", args=[proposal.pk]))
    assert "不合格" in text(chief, reverse("regrade", args=[proposal.pk]))
    chief.post(reverse("regrade_event", args=[proposal.pk, "first_approve"]), YES)
    same = chief.post(reverse("regrade_event", args=[proposal.pk, "second_approve"]), YES)
    assert "两名不同的人员" in same.content.decode()
    manager.post(reverse("regrade_event", args=[proposal.pk, "second_approve"]), YES)
    manager.post(reverse("regrade_event", args=[proposal.pk, "apply"]), YES)
    proposal.refresh_from_db()
    assert (proposal.state, world.result(0).outcome) == ("applied", "failed")


def test_a_marker_sees_the_answer_and_not_whose_it_is(world: Graded, enter: Enter) -> None:
    task = MarkingTask.objects.create(
        attempt=world.attempt(0, "practical"), item=world.job(0).item, part="代码风格", max_points=2, mode="1",
        threshold=0,
    )  # fmt: skip
    marker = enter(world.awarding, "marker")
    from jinbang.accounts.models import Person

    row = marking.allocate(task=task, marker=Person.objects.get(username="marker"), actor=ACTOR, now=AFTER)
    page = text(marker, reverse("marking_task", args=[task.pk])).partition("<main")[2]
    assert "# 0 10" in page
    assert world.registrations[0].candidate.name not in page
    assert world.registrations[0].ticket_number not in page
    assert "0 与 2" in marker.post(reverse("marking_mark", args=[row.pk]), {"points": "3"}).content.decode()
    marker.post(reverse("marking_mark", args=[row.pk]), {"points": "1.5", "comment": "可读"})
    task.refresh_from_db()
    assert (task.state, task.settled_points) == ("settled", Decimal("1.50"))
    stranger = person("m2", "marker", world.awarding)
    assert stranger.pk != row.marker_id


def test_a_buried_job_goes_back_with_a_reason(world: Graded, enter: Enter) -> None:
    JudgeJob.objects.filter(pk=world.job(0).pk).update(state="dead")
    client = enter(world.awarding, "chief_marker")
    address = reverse("judge_job_event", args=[world.job(0).pk, "requeue"])
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "已修好"})
    assert JudgeJob.objects.get(pk=world.job(0).pk).state == "queued"


def test_certificates_by_pages(world: Graded, enter: Enter) -> None:
    client = enter(world.awarding, "certificate_officer")
    row = Certificate.objects.all()[0]
    again = client.post(reverse("certificate_step", args=[world.sitting.pk, "approve"]), follow=True)
    assert "核准 0 张，已有 4 张" in again.content.decode()
    pdf = client.get(reverse("certificate_pdf", args=[row.pk]))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    token = client.get(reverse("certificate_credential", args=[row.pk])).content.decode()
    assert row.credential is not None
    assert token == row.credential["jws"]
    assert client.post(reverse("certificate_event", args=[row.pk, "revoke"]), {"reason": ""}).status_code == 422
    client.post(reverse("certificate_event", args=[row.pk, "revoke"]), {"reason": "误发"})
    refused = client.get(reverse("certificate_pdf", args=[row.pk]), follow=True)
    assert "不能打印" in refused.content.decode()
