"""The same line as people walk it: through the pages, each signed in with their own role."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.accreditation import factories as base
from tests.accreditation.factories import at
from tests.exams import factories as exams
from tests.web.centre.conftest import at_time, people, sign_in  # noqa: F401 - fixtures

from jinbang.accounts.models import Operation
from jinbang.accreditation.models import DeclarationPlan, PilotApplication, Site
from jinbang.audit.domain import verify_chain
from jinbang.documents.models import IssuedDocument, StoredFile
from jinbang.exams.models import Candidate, ExamPlan, Registration, RuleSet, Sitting

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 example"


def upload(name="scan.pdf", data=PDF):
    return SimpleUploadedFile(name, data, "application/pdf")


def done(response):
    """The page took the form: it leads on; otherwise show what it said."""
    said = re.findall(r'class="(?:field-error|message[^"]*)"[^>]*>(.*?)</', response.content.decode(), re.DOTALL)
    assert response.status_code == 302, (response.status_code, said)
    return response


def confirm(client, name, *args):
    """Press the button of a page that asks nothing."""
    return done(client.post(reverse(name, args=args), {"pressed": "1"}))


def stated(**changes):
    return {
        "people_applied": 160, "recruiting_years": 3, "experience_years": 3, "trainers": 10, "industry_trainers": 3,
        "double_qualified_percent": 60, "place_capacity": 80, **changes,
    }  # fmt: skip


def declare(client, province):
    form = {
        "authority": province.pk, "year": 2022, "batch": "第一次", "opens_at": "2022-03-10T17:00",
        "closes_at": "2022-03-31T00:00", "city_approval_required": "on",
    }  # fmt: skip
    done(client.post(reverse("declaration_new"), form))
    plan = DeclarationPlan.objects.get()
    confirm(client, "declaration_event", plan.pk, "publish")
    return plan


def apply(client, plan, school):
    level = base.level()
    done(client.post(reverse("pilot_application_new"), stated(plan=plan.pk, school=school.pk, level=level.pk)))
    made = PilotApplication.objects.get()
    submit = reverse("pilot_application_event", args=[made.pk, "submit"])
    refused = client.post(submit, {"pressed": "1"})
    assert refused.status_code == 422
    assert "请上传佐证材料" in refused.content.decode()
    done(client.post(reverse("pilot_attachment_new", args=[made.pk]), {"title": "申报书", "file": upload()}))
    confirm(client, "pilot_application_event", made.pk, "submit")
    return made


def build_site(client, school):
    data = {
        "organisation": school.pk, "name": "示例考点", "address": "示例路 1 号", "contact_name": "示例",
        "contact_phone": "13800001234", "router_model": "示例", "whitelist_confirmed": "on",
        "machine_config": "minimum",
    }  # fmt: skip
    done(client.post(reverse("site_new"), data))
    site = Site.objects.get()
    grid = {"name": "一号机房", "rows": 5, "columns": 8, "spacing_cm": 120, "spare_percent": 5}
    done(client.post(reverse("site_room_new", args=[site.pk]), grid))
    room = site.rooms.get()
    for position in ("front", "back"):
        camera = {"model": "示例", "shows_time": "on", "keeps_years": 3}
        done(client.post(reverse("camera_edit", args=[room.pk, position]), camera))
    confirm(client, "site_event", site.pk, "submit")
    return site


def open_site(client, site):
    confirm(client, "site_event", site.pk, "approve")
    for kind in ("site", "exam_affairs"):
        filing = {"kind": kind, "number": f"{kind}-1", "signed_on": "2022-03-01", "valid_until": "2025-03-01"}
        done(client.post(reverse("agreement_new", args=[site.pk]), {**filing, "scan": upload()}))
    assert Site.objects.get().state == "live"


def plan_exam(client):
    level = base.level()
    rules = {
        "name": "统考规则", "theory_weight": 40, "practical_weight": 60, "pass_mark": 60, "theory_minutes": 90,
        "practical_minutes": 150, "sign_in_before_min": 30, "late_after_min": 30, "min_stay_min": 30, "grace_s": 10,
        "ticket_format": "level2 sitting4 site4 room4 seat2", "least_spacing_cm": 100, "marking_mode": "1+1",
        "marking_threshold": 5, "invigilators_per_room": 2, "own_students": "warn", "refund_after_close_percent": 100,
        "early_hand_in": "on", "copy_paste": "log", "focus_loss": "warn",
    }  # fmt: skip
    done(client.post(reverse("rule_set_new"), rules))
    price = {"level": level.pk, "exam_form": "computer", "valid_from": "2022-01-01", "amount": "300", "site": "60"}
    done(client.post(reverse("price_new"), price))
    head = {"certificate_type": level.certificate_type_id, "year": 2022, "name": "2022 年统考"}
    done(client.post(reverse("plan_new"), {**head, "rule_set": RuleSet.objects.get().pk}))
    plan = ExamPlan.objects.get()
    sitting = {
        "name": "第一次统考", "date": "2022-05-21", "theory": "08:30", "practical": "10:10", "levels": [level.pk],
        "registration_opens": "2022-04-10T00:00", "registration_closes": "2022-05-10T23:59",
        "arrangement_opens": "2022-05-11T00:00", "arrangement_closes": "2022-05-18T23:59",
        "tickets_open": "2022-05-19T00:00", "tickets_close": "2022-05-20T23:59",
    }  # fmt: skip
    done(client.post(reverse("sitting_new", args=[plan.pk]), sitting))
    confirm(client, "plan_event", plan.pk, "publish")
    return Sitting.objects.get()


def import_people(client, school):
    rows = exams.people_rows(4)
    rows[2][1] = "123"
    bad = {"school": school.pk, "file": upload("考生.xlsx", exams.sheet(rows))}
    page = client.get(done(client.post(reverse("candidate_import"), bad))["Location"])
    assert page.status_code == 422
    assert "身份证号应为 18 位，现有 3 位" in page.content.decode()
    good = {"school": school.pk, "file": upload("考生.xlsx", exams.sheet(exams.people_rows(4)))}
    done(client.post(reverse("candidate_import"), good))
    file = StoredFile.objects.order_by("-pk").first()
    assert Candidate.objects.count() == 0
    done(client.post(reverse("candidate_import_confirm", args=[file.pk])))
    assert Candidate.objects.count() == 4


def register(client, sitting, site):
    people_ids = list(Candidate.objects.values_list("pk", flat=True))
    picked = client.post(reverse("registration_new"), {"pk": people_ids})
    assert picked.content.decode().count("selected") >= 4
    form = {"sitting": sitting.pk, "level": base.level().pk, "site": site.pk, "candidates": people_ids}
    done(client.post(reverse("registration_new"), form))
    again = client.post(reverse("registration_new"), form)
    assert again.status_code == 422
    assert "有 4 名考生已报名本场" in again.content.decode()
    rows = list(Registration.objects.values_list("pk", flat=True))
    done(client.post(reverse("registration_confirm"), {"pk": rows}))
    done(client.post(reverse("registration_withdraw"), {"pk": rows[:1], "confirm": "1", "reason": "因病"}))
    assert Registration.objects.filter(state="confirmed").count() == 3


def test_the_line_from_declaration_to_ticket(people, at_time, sign_in, django_capture_on_commit_callbacks):  # noqa: F811
    school, province = sign_in(people.manager), sign_in(people.province_officer)
    plan = declare(province, people.province)
    made = apply(school, plan, people.school)
    assert "待地市审核的试点申报" in sign_in(people.city_officer).get(reverse("home")).content.decode()
    confirm(sign_in(people.city_officer), "pilot_application_event", made.pk, "city_approve")
    decision = {"people_approved": 160, "approval_number": "2022-32-0001"}
    done(province.post(reverse("pilot_application_event", args=[made.pk, "approve"]), decision))
    site = build_site(school, people.school)
    open_site(sign_in(people.accreditation), site)
    sitting = plan_exam(sign_in(people.exams))

    at_time(at(4, 20, 9))
    school = sign_in(people.manager)
    import_people(school, people.school)
    register(school, sitting, site)

    at_time(at(5, 12, 9))
    school = sign_in(people.manager)
    here = [sitting.pk, site.pk]
    confirm(school, "arrangement_draw", *here)
    page = school.get(reverse("arrangement", args=here)).content.decode()
    assert "冻结并生成准考证号" in page
    confirm(school, "arrangement_freeze", *here)
    assert sorted(Registration.objects.exclude(ticket_number="").values_list("ticket_number", flat=True)) == [
        f"01220100010001{seat:02d}" for seat in (1, 2, 3)
    ]

    at_time(at(5, 19, 9))
    school = sign_in(people.manager)
    arrangement = sitting.arrangements.get()
    with django_capture_on_commit_callbacks(execute=True):
        for kind in ("ticket", "door_sign", "sign_in_sheet"):
            done(school.post(reverse("paper_issue", args=[arrangement.pk, kind])))
    assert Operation.objects.get().error == ""
    ticket = IssuedDocument.objects.get(kind="ticket")
    pdf = b"".join(school.get(reverse("issued_document", args=[ticket.pk])).streaming_content)
    assert (ticket.pages, pdf[:5]) == (3, b"%PDF-")
    statement = school.get(reverse("statement_list")).content.decode()
    assert "¥900.00" in statement
    assert "¥180.00" in statement
    assert verify_chain() == []
