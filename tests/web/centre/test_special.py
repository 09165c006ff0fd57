"""Special arrangements on the pages: grounds for few eyes, what is granted for those who seat people."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.accreditation import factories as base
from tests.exams import factories as exams

from jinbang.accounts.models import Role
from jinbang.exams.domain import arrangements
from jinbang.exams.models import SpecialArrangement

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_asked_by_the_school_approved_and_seen_on_the_seat_map(sign_in, at_time):
    w = exams.world()
    row = exams.confirmed(w, 2)[0]
    at_time(exams.REGISTERING)
    manager = sign_in(base.person("manager", Role.SCHOOL_MANAGER, w.school))
    officer = sign_in(base.person("officer", Role.EXAM_OFFICER, base.awarding()))
    away = sign_in(base.person("away", Role.SCHOOL_MANAGER, base.school("另一学院")))
    site = sign_in(base.person("site", Role.SITE_MANAGER, w.school))
    new = reverse("special_new", args=[row.pk])
    assert new in text(manager.get(reverse("registration", args=[row.pk])))
    assert (away.get(new).status_code, site.get(new).status_code) == (404, 403)
    assert "请至少选择一项安排" in text(manager.post(new, {"extra_minutes": "0", "grounds": "医院证明"}))
    assert manager.post(new, {"extra_minutes": "30", "grounds": "医院证明"}).status_code == 302
    made = SpecialArrangement.objects.get()
    page, approve = reverse("special_arrangement", args=[made.pk]), reverse("special_event", args=[made.pk, "approve"])
    assert "医院证明" in text(manager.get(page))
    assert (away.get(page).status_code, site.get(page).status_code) == (404, 403)
    assert manager.post(approve, {"csrfmiddlewaretoken": "x"}).status_code == 403
    assert "待审批的特殊安排" in text(officer.get("/"))
    assert officer.post(approve, {"csrfmiddlewaretoken": "x"}).status_code == 302
    assert "待审批的特殊安排" not in text(officer.get("/"))
    listed = text(manager.get(reverse("special_list") + "?state=approved"))
    assert "每科延长 30 分钟" in listed
    arrangements.draw(sitting=w.sitting, site=w.site, seed=1, actor=base.ACTOR, now=exams.ARRANGING)
    drawn = text(site.get(reverse("arrangement", args=[w.sitting.pk, w.site.pk])))
    assert "每科延长 30 分钟" in drawn
    assert "医院证明" not in drawn
