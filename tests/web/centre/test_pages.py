"""Every page opens for those who may, and does not exist for those who may not."""

from __future__ import annotations

import io

import pytest
import python_calamine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.accreditation import factories as base
from tests.exams import factories as exams

from jinbang.accounts.models import Organisation, Role
from jinbang.exams.domain import arrangements, papers, registrations
from jinbang.exams.models import Arrangement

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(at_time):
    """A world with everything in it: plan, application, live site, registrations, frozen draw, papers."""
    world = exams.world()
    exams.confirmed(world, 3)
    drawn = arrangements.draw(sitting=world.sitting, site=world.site, seed=1, actor=base.ACTOR, now=exams.ARRANGING)
    drawn = arrangements.freeze(arrangement=drawn, actor=base.ACTOR, now=exams.ARRANGING)
    document = papers.issue_papers(
        arrangement=Arrangement.objects.get(pk=drawn.pk), kind="banner", actor=base.ACTOR, now=exams.PRINTING
    )[0]
    at_time(exams.PRINTING)
    return world, drawn, document


def object_pages(world, drawn, document):
    """(URL name, arguments) of pages about the world's own things."""
    school, site = world.school, world.site
    application = school.pilot_applications.get()
    candidate = school.candidates.first()
    registration = candidate.registrations.get()
    room = site.rooms.get()
    return [
        ("declaration", [application.plan_id]),
        ("pilot_application", [application.pk]),
        ("site", [site.pk]),
        ("site_edit", [site.pk]),
        ("site_room", [room.pk]),
        ("site_room_edit", [room.pk]),
        ("site_room_new", [site.pk]),
        ("seat_edit", [room.pk, room.seats.first().pk]),
        ("camera_edit", [room.pk, "front"]),
        ("candidate", [candidate.pk]),
        ("candidate_id_number", [candidate.pk]),
        ("registration", [registration.pk]),
        ("arrangement", [world.sitting.pk, site.pk]),
        ("invigilator_new", [world.sitting.pk, site.pk]),
        ("issued_document", [document.pk]),
        ("stored_file", [application.attachments.get().file_id]),
    ]


LISTS = (
    "declaration_list", "pilot_application_list", "pilot_application_new", "major_list", "major_addition_list",
    "major_addition_new", "site_list", "site_requirements", "site_new", "candidate_list", "candidate_import",
    "candidate_template", "candidate_import_list", "registration_list", "registration_new", "arrangement_list",
    "statement_list", "plan_list",
)  # fmt: skip


def test_a_school_manager_opens_everything_of_their_own(filled, sign_in):
    world, drawn, document = filled
    client = sign_in(base.person("m", Role.SCHOOL_MANAGER, world.school))
    pages = [*((name, []) for name in LISTS), *object_pages(world, drawn, document)]
    pages += [("plan", [world.sitting.plan_id]), ("sitting", [world.sitting.pk])]
    answers = {name: client.get(reverse(name, args=args)).status_code for name, args in pages}
    assert {name: code for name, code in answers.items() if code != 200} == {}


def test_nothing_of_another_school_exists(filled, sign_in):
    client = sign_in(
        base.person("other", Role.SCHOOL_MANAGER, base.school("别校", base.province("42", "湖北省教育厅")))
    )
    answers = {name: client.get(reverse(name, args=args)).status_code for name, args in object_pages(*filled)}
    assert {name: code for name, code in answers.items() if code != 404} == {}


def test_a_teacher_sees_candidates_but_no_money_and_no_plans_to_make(filled, sign_in):
    world, *_rest = filled
    client = sign_in(base.person("t", Role.TEACHER, world.school))
    expected = {
        "candidate_list": 200, "registration_list": 200, "candidate_import": 403, "statement_list": 403,
        "declaration_list": 403, "site_list": 403, "plan_new": 403, "price_list": 403,
    }  # fmt: skip
    assert {name: client.get(reverse(name)).status_code for name in expected} == expected


def test_strangers_are_asked_to_sign_in(filled, client):
    assert client.get(reverse("candidate_list")).status_code == 302


def test_office_pages_open(filled, sign_in):
    world, *_rest = filled
    client = sign_in(base.person("e", Role.EXAM_OFFICER, base.awarding()))
    pages = [("plan_new", []), ("rule_set_list", []), ("rule_set_new", []), ("price_list", []), ("price_new", [])]
    pages += [("sitting_edit", [world.sitting.pk]), ("arrangement_reopen", [world.sitting.pk, world.site.pk])]
    answers = {name: client.get(reverse(name, args=args)).status_code for name, args in pages}
    assert {name: code for name, code in answers.items() if code != 200} == {}


COUNTED = (
    "declaration_list", "pilot_application_list", "site_list", "candidate_list", "registration_list", "plan_list",
    "arrangement_list",
)  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_lists_cost_the_same_for_one_row_and_for_three(name, at_time, sign_in, django_assert_num_queries):
    world = exams.world()
    client = sign_in(base.person("p", Role.PROGRAMME_MANAGER, base.awarding()))
    exams.registered(world, 1)
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(name))
    exams.registered(world, 2, start=40)
    for code, title in (("42", "湖北省教育厅"), ("37", "山东省教育厅")):
        other = base.province(code, title)
        school = base.school(f"{title}直属学院", other)
        base.approved(base.plan(other), school, f"{code}-1")
        site = base.live_site(school)
        registrations.register(
            sitting=world.sitting, level=world.level, site=site, actor=base.ACTOR, now=exams.REGISTERING,
            candidates=exams.candidates(school, 1, start=60 + int(code)),
        )  # fmt: skip
    exams.sitting(exams.SECOND)
    with django_assert_num_queries(len(one)):
        client.get(reverse(name))


def test_declaration_plans_export_as_a_sheet_with_their_status(at_time, sign_in):
    base.plan()
    base.plan(base.province("37", "山东省教育厅"), closes_at=base.at(6, 10, 23, 59))
    at_time(base.at(3, 31, 8))
    client = sign_in(base.person("p", Role.PROGRAMME_MANAGER, base.awarding()))
    body = b"".join(client.get(reverse("declaration_list") + "?export=xlsx").streaming_content)
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    headings, *lines = [row for row in rows if any("省" in str(cell) for cell in row)]
    at = headings.index("所属省厅"), headings.index("状态")
    assert sorted((line[at[0]], line[at[1]]) for line in lines) == [
        ("山东省教育厅", "进行中"),
        ("江苏省教育厅", "已截止"),
    ]


def test_a_province_adds_a_missing_school_which_then_applies(at_time, sign_in):
    province = base.province()
    officer = sign_in(base.person("o", Role.PROVINCE_OFFICER, province))
    data = {"kind": "school", "name": "新校", "code": "S-77", "parent": province.pk, "tier": "higher", "region": "32"}
    made = officer.post(reverse("organisation_new"), {**data, "licence_number": "许可 7"})
    assert made.status_code == 302, made.content.decode()[-3000:]
    school = Organisation.objects.get(code="S-77")
    plan = base.plan()
    manager = sign_in(base.person("m", Role.SCHOOL_MANAGER, school))
    assert f'value="{plan.pk}"' in manager.get(reverse("pilot_application_new")).content.decode()
