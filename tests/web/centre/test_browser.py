"""School, authority and office pages in a real Chromium: accessible, fitting, and an application walked to approval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from tests.accreditation import factories as base
from tests.exams import factories as exams
from tests.exams.test_photos import picture

from jinbang.accounts.models import Person, Role
from jinbang.accreditation.domain import catalogue
from jinbang.exams.domain import arrangements, papers, photos, special_arrangements
from jinbang.exams.models import Arrangement, SpecialArrangement
from jinbang.learning.domain.announcements import announce
from jinbang.learning.models import Announcement

ARTEFACTS = Path(__file__).parents[3] / "artefacts" / "centre"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(chromium: Browser, url: str, person: Person, *, scheme: str = "light") -> Page:
    client = Client()
    client.force_login(person)
    options: Any = {"viewport": {"width": 1024, "height": 768}, "color_scheme": scheme}
    context = chromium.new_context(**options)
    key = str(client.session.session_key)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}])
    return context.new_page()


def addresses(world: exams.World) -> dict[str, str]:
    application = world.school.pilot_applications.get()
    at = [world.sitting.pk, world.site.pk]
    named: dict[str, tuple[str, list[Any]]] = {
        "home": ("home", []),
        "declarations": ("declaration_list", []),
        "declaration": ("declaration", [application.plan_id]),
        "applications": ("pilot_application_list", []),
        "application": ("pilot_application", [application.pk]),
        "application-new": ("pilot_application_new", []),
        "sites": ("site_list", []),
        "site": ("site", [world.site.pk]),
        "room": ("site_room", [world.site.rooms.get().pk]),
        "requirements": ("site_requirements", []),
        "candidates": ("candidate_list", []),
        "import": ("candidate_import", []),
        "candidate": ("candidate", [world.school.candidates.order_by("pk").first().pk]),
        "photos": ("photo_import", []),
        "specials": ("special_list", []),
        "special": ("special_arrangement", [SpecialArrangement.objects.get().pk]),
        "announcements": ("announcement_list", []),
        "announcement": ("announcement", [Announcement.objects.get().pk]),
        "registrations": ("registration_list", []),
        "registration-new": ("registration_new", []),
        "registration": ("registration", [world.school.registrations.order_by("pk").first().pk]),
        "arrangements": ("arrangement_list", []),
        "arrangement": ("arrangement", at),
        "statements": ("statement_list", []),
        "plan": ("plan", [world.sitting.plan_id]),
        "sitting": ("sitting", [world.sitting.pk]),
    }
    return {name: reverse(url, args=args) for name, (url, args) in named.items()}


def filled_world() -> exams.World:
    world = exams.world()
    catalogue.set_whitelist(
        certificate_type=world.level.certificate_type,
        rows=[("猫眼电影", "maoyan.com"), ("诗词名句", "https://www.shicimingju.com/category/all")],
    )
    catalogue.set_software(level=world.level, rows=[catalogue.SoftwareRow("浏览器", "Chrome", "75.0")])
    row = exams.confirmed(world, 12)[0]
    photos.set_photo(candidate=row.candidate, data=picture(), actor=base.ACTOR, now=exams.REGISTERING)
    asked = special_arrangements.request_special(
        registration=row, extra_minutes=30, accessible=False, separate=False, grounds="医院证明", actor=base.ACTOR,
        now=exams.REGISTERING,
    )  # fmt: skip
    special_arrangements.approve_special(special=asked, actor=base.ACTOR, now=exams.REGISTERING)
    announce(title="考务培训会", body="考前两周召开。", actor=base.ACTOR, now=exams.REGISTERING)
    drawn = arrangements.draw(sitting=world.sitting, site=world.site, seed=1, actor=base.ACTOR, now=exams.ARRANGING)
    arrangements.freeze(arrangement=drawn, actor=base.ACTOR, now=exams.ARRANGING)
    papers.issue_papers(arrangement=Arrangement.objects.get(), kind="door_sign", actor=base.ACTOR, now=exams.PRINTING)
    return world


@pytest.mark.parametrize(("language", "scheme"), [("zh-hans", "light"), ("en", "dark")])
def test_every_page_is_accessible_and_fits(at_time, live_server, chromium, language, scheme):
    world = filled_world()
    at_time(exams.PRINTING)
    manager = base.person("manager", Role.SCHOOL_MANAGER, world.school)
    Person.objects.update(language=language)
    page = signed_in(chromium, live_server.url, manager, scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    faults, wide = [], []
    for name, path in addresses(world).items():
        page.goto(live_server.url + path)
        page.screenshot(path=str(ARTEFACTS / f"{name}-{language}.png"), full_page=True)
        report = Axe().run(page)
        faults += [
            (name, rule["id"], rule["nodes"][0]["html"][:160])
            for rule in report["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(name)
    assert faults == []
    assert wide == []
    assert complaints == []


def test_an_application_is_approved_in_the_browser(at_time, live_server, chromium):
    school = base.school()
    made = base.application(base.plan(), school)
    base.plan(base.province("42", "湖北省教育厅"))
    manager = signed_in(chromium, live_server.url, base.person("m", Role.SCHOOL_MANAGER, school))
    manager.goto(live_server.url + reverse("pilot_application", args=[made.pk]))
    manager.get_by_role("link", name="提交", exact=True).click()
    manager.locator("#dialog").get_by_role("button").last.click()
    expect(manager.get_by_text("省级审核中").first).to_be_visible()
    officer = signed_in(chromium, live_server.url, base.person("o", Role.PROVINCE_OFFICER, base.province()))
    officer.goto(live_server.url + "/")
    officer.get_by_role("link", name="待省级审核的试点申报").click()
    officer.get_by_role("link", name=school.name).click()
    officer.get_by_role("link", name="通过", exact=True).click()
    dialog = officer.locator("#dialog")
    expect(dialog.locator("[name=approval_number]")).to_have_value("2022-32-0001")
    officer.screenshot(path=str(ARTEFACTS / "approval-dialog.png"))
    dialog.locator("[name=people_approved]").fill("120")
    dialog.locator("[name=people_approved]").press("Enter")
    expect(officer.get_by_text("2022-32-0001").first).to_be_visible()
    made.refresh_from_db()
    assert (made.state, made.people_approved) == ("approved", 120)
