"""Declaration plans, pilot applications and major additions, through the verbs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.accreditation.factories import (
    ACTOR,
    GOOD,
    NOW,
    application,
    approved,
    at,
    level,
    organisation,
    plan,
    province,
    refused,
    school,
)

from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain import applications, declarations, major_additions
from jinbang.accreditation.models import Major, PilotApplication
from jinbang.audit.domain import verify_chain
from jinbang.audit.models import AuditRow, OutboxNotice
from jinbang.core.errors import Refusal
from jinbang.core.lifecycle import IllegalMove
from jinbang.core.timing import WindowStatus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (at(3, 10, 16, 59), WindowStatus.UPCOMING),
        (at(3, 10, 17), WindowStatus.OPEN),
        (at(3, 30, 23, 59), WindowStatus.OPEN),
        (at(3, 31), WindowStatus.CLOSED),
    ],
)
def test_status_follows_the_clock_and_midnight_ends_the_day_before(now, status):
    assert declarations.status_of(plan(), now) is status


def test_end_at_2359_runs_through_that_minute():
    shandong = plan(province("37", "山东省教育厅"), opens_at=at(3, 14), closes_at=at(6, 10, 23, 59))
    assert declarations.status_of(shandong, at(6, 10, 23, 59)) is WindowStatus.OPEN
    assert declarations.status_of(shandong, at(6, 11)) is WindowStatus.CLOSED


def test_draft_plan_has_no_status_and_takes_no_application():
    draft = plan(publish=False)
    assert declarations.status_of(draft, NOW) is None
    with refused("not_published"):
        application(draft, school())


def test_whole_path_with_city():
    jiangsu = province()
    city = organisation("city", "C1", "示例市教育局", jiangsu)
    applicant = school(parent=city)
    made = application(plan(city_approval_required=True), applicant)
    assert applications.submit_application(application=made, actor=ACTOR, now=NOW).state == "city_review"
    assert applications.city_approve(application=made, actor=ACTOR, now=NOW).state == "province_review"
    done = applications.approve_application(
        application=made, people_approved=120, approval_number=" 32-0001 ", actor=ACTOR, now=NOW
    )
    stored = PilotApplication.objects.get(pk=done.pk)
    assert (stored.state, stored.people_approved, stored.approval_number) == ("approved", 120, "32-0001")
    kinds = list(OutboxNotice.objects.filter(kind__startswith="pilot").values_list("kind", flat=True))
    assert kinds == ["pilot_application.submit", "pilot_application.city_approve", "pilot_application.approve"]
    assert verify_chain() == []


def test_school_without_a_city_goes_to_the_province():
    made = application(plan(city_approval_required=True), school())
    assert applications.submit_application(application=made, actor=ACTOR, now=NOW).state == "province_review"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recruiting_years": 2}, "recruiting_years"),
        ({"experience_years": 2}, "experience_years"),
        ({"trainers": 2, "industry_trainers": 1}, "trainers"),
        ({"industry_trainers": 2}, "industry_trainers"),
        ({"double_qualified_percent": 49}, "double_qualified"),
        ({"place_capacity": 39}, "place_capacity"),
        ({"people_applied": 0}, "people_applied"),
    ],
)
def test_each_condition_is_named(change, code):
    made = application(plan(), school(), replace(GOOD, **change))
    with pytest.raises(Refusal) as caught:
        applications.submit_application(application=made, actor=ACTOR, now=NOW)
    assert caught.value.code == "not_eligible"
    assert caught.value.params["codes"] == (code,)
    assert PilotApplication.objects.get(pk=made.pk).state == "draft"


def test_message_says_what_is_wrong_and_how_many_are_needed():
    made = application(plan(), school(), replace(GOOD, trainers=7, industry_trainers=2))
    with pytest.raises(Refusal) as caught:
        applications.submit_application(application=made, actor=ACTOR, now=NOW)
    assert "7 人的团队至少要有 3 人，现填 2 人" in str(caught.value)


def test_majors_attachments_and_licence_are_asked_for():
    made = applications.create_application(
        plan=plan(by_major_required=True), school=school(licence=""), level=level(), form=GOOD, actor=ACTOR, now=NOW
    )
    assert [problem.code for problem in applications.shortcomings(made)] == ["licence", "majors", "attachments"]


def test_nothing_is_submitted_after_the_window():
    made = application(plan(), school())
    with refused("window_closed"):
        applications.submit_application(application=made, actor=ACTOR, now=at(3, 31))
    assert PilotApplication.objects.get(pk=made.pk).state == "draft"


def test_another_provinces_plan_is_refused():
    with refused("other_authority"):
        application(plan(), school(parent=province("42", "湖北省教育厅")))


def test_certificate_scope():
    narrow = plan(listed_levels=[level("advanced")])
    with refused("level_not_open"):
        application(narrow, school())


def test_twice_is_refused_but_not_after_discarding():
    declaration, applicant = plan(), school()
    first = application(declaration, applicant)
    with refused("application_exists"):
        application(declaration, applicant)
    applications.discard_application(application=first, actor=ACTOR, now=NOW)
    assert application(declaration, applicant).state == "draft"


@pytest.mark.parametrize("people", [0, 161])
def test_approved_people_within_applied(people):
    made = applications.submit_application(application=application(plan(), school()), actor=ACTOR, now=NOW)
    with refused("people_approved"):
        applications.approve_application(
            application=made, people_approved=people, approval_number="32-1", actor=ACTOR, now=NOW
        )


def test_approval_number_is_given_once():
    declaration = plan()
    assert applications.suggested_approval_number(application(declaration, school("甲校"))) == "2022-32-0001"
    approved(declaration, school("乙校"), "2022-32-0007")
    third = applications.submit_application(application=application(declaration, school("丙校")), actor=ACTOR, now=NOW)
    assert applications.suggested_approval_number(third) == "2022-32-0008"
    with refused("approval_number_taken"):
        applications.approve_application(
            application=third, people_approved=1, approval_number="2022-32-0007", actor=ACTOR, now=NOW
        )


def test_return_needs_a_reason_and_comes_back_as_draft():
    made = applications.submit_application(application=application(plan(), school()), actor=ACTOR, now=NOW)
    with refused("reason_required"):
        applications.return_application(application=made, reason=" ", actor=ACTOR, now=NOW)
    applications.return_application(application=made, reason="请补充师资名单", actor=ACTOR, now=NOW)
    assert PilotApplication.objects.get(pk=made.pk).state == "draft"
    row = AuditRow.objects.filter(action="pilot_application.return").get()
    assert (row.from_state, row.to_state, row.reason) == ("province_review", "draft", "请补充师资名单")


def test_a_submitted_application_cannot_be_edited_until_withdrawn():
    made = applications.submit_application(application=application(plan(), school()), actor=ACTOR, now=NOW)
    with refused("not_a_draft"):
        applications.save_application(application=made, form=GOOD, majors=[], actor=ACTOR, now=NOW)
    applications.withdraw_application(application=made, actor=ACTOR, now=NOW)
    applications.save_application(
        application=made, form=replace(GOOD, people_applied=80), majors=[], actor=ACTOR, now=NOW
    )
    assert PilotApplication.objects.get(pk=made.pk).people_applied == 80


def test_an_approved_one_can_only_be_revoked():
    made = approved(plan(), school())
    with pytest.raises(IllegalMove):
        applications.reject_application(application=made, reason="x", actor=ACTOR, now=NOW)
    assert applications.revoke_application(application=made, reason="材料不实", actor=ACTOR, now=NOW).state == "revoked"


def test_amending_a_plan_keeps_old_and_new_in_the_log():
    made = plan()
    declarations.amend_declaration(
        plan=made, opens_at=made.opens_at, closes_at=at(4, 10), by_major_required=False, city_approval_required=True,
        reason="应院校要求延期", actor=ACTOR, now=NOW,
    )  # fmt: skip
    row = AuditRow.objects.get(action="declaration.amend")
    assert sorted(row.data) == ["city_approval_required", "closes_at"]
    assert row.data["city_approval_required"] == [False, True]


def test_a_plan_with_waiting_applications_is_not_withdrawn():
    declaration = plan()
    applications.submit_application(application=application(declaration, school()), actor=ACTOR, now=NOW)
    with refused("applications_in_review"):
        declarations.withdraw_declaration(plan=declaration, reason="撤回", actor=ACTOR, now=NOW)


def test_only_province_level_bodies_publish_plans():
    with refused("not_an_authority"):
        plan(organisation("city", "C9", "某市教育局", province()))


def test_major_addition_is_due_in_two_working_days_and_enters_the_catalogue():
    applicant: Organisation = school()
    friday = at(3, 18, 15)
    addition = major_additions.request_major(
        school=applicant, catalogue_year=2021, code="510203", name="软件技术", tier="higher", actor=ACTOR, now=friday
    )
    assert addition.due_at == at(3, 22, 15)
    assert not major_additions.is_overdue(addition, at(3, 22, 15))
    assert major_additions.is_overdue(addition, at(3, 22, 15, 1))
    with refused("major_requested"):
        major_additions.request_major(
            school=applicant,
            catalogue_year=2021,
            code="510203",
            name="软件技术",
            tier="higher",
            actor=ACTOR,
            now=friday,
        )
    major_additions.approve_major(addition=addition, actor=ACTOR, now=at(3, 21))
    assert str(Major.objects.get()) == "【510203】软件技术（2021）"
    with refused("major_exists"):
        major_additions.request_major(
            school=applicant,
            catalogue_year=2021,
            code="510203",
            name="软件技术",
            tier="higher",
            actor=ACTOR,
            now=friday,
        )
    with refused("catalogue_year"):
        major_additions.request_major(
            school=applicant, catalogue_year=2019, code="1", name="x", tier="higher", actor=ACTOR, now=friday
        )
