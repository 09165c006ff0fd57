"""The shell in a real Chromium: no serious accessibility fault, no sideways scrolling, usable by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.accounts.world import PASSWORD, World, build_world

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import Site
from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import move
from jinbang.config import clock

ARTEFACTS = Path(__file__).parents[3] / "artefacts" / "shell"
PAGES = {
    "home": "/",
    "people": "/admin/people/",
    "person": "/admin/people/{person}/",
    "person-new": "/admin/people/new/",
    "person-upload": "/admin/people/upload/",
    "organisations": "/admin/organisations/",
    "organisation-list": "/admin/organisations/list/",
    "audit": "/admin/audit/",
    "security": "/account/security/",
    "inbox": "/account/inbox/",
}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    """Organisations, an administrator, and a site whose history shows on the log."""
    made = build_world(clock.now())
    made.person("admin", made.awarding, "system_admin")
    site = Site.objects.create(
        organisation=made.port_school,
        code="9001",
        name="海港考点",
        address="海港路 1 号",
        contact_name="测试甲",
        contact_phone="13800000001",
        created_at=clock.now(),
    )
    move(site, "submit", actor=SYSTEM, now=clock.now())
    return made


def signed_in(chromium: Browser, url: str, *, scheme: str = "light", width: int = 1024) -> Page:
    context = chromium.new_context(viewport={"width": width, "height": 768}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/sign-in/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{url}/")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(world: World, live_server: Any, chromium: Browser, scheme: str) -> None:
    page = signed_in(chromium, live_server.url, scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    faults = []
    for name, path in PAGES.items():
        page.goto(live_server.url + path.format(person=Person.objects.get().pk))
        page.screenshot(path=str(ARTEFACTS / f"{name}-{scheme}.png"))
        report = Axe().run(page)
        faults += [
            (name, found["id"], found["nodes"][0]["html"][:120])
            for found in report["violations"]
            if found["impact"] in {"serious", "critical"}
        ]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append((name, "scrolls sideways", ""))
    assert faults == []
    assert complaints == []


def test_the_theme_follows_the_choice(world: World, live_server: Any, chromium: Browser) -> None:
    page = signed_in(chromium, live_server.url)
    seen = []
    for _ in range(3):
        seen.append(page.evaluate("document.documentElement.dataset.bsTheme"))
        page.click('.topbar button[name="theme"]')
    assert seen == ["light", "light", "dark"]  # as the machine, light, dark


def test_a_list_is_searched_sorted_and_walked_by_keyboard(world: World, live_server: Any, chromium: Browser) -> None:
    page = signed_in(chromium, live_server.url)
    page.goto(f"{live_server.url}/admin/organisations/list/")
    page.keyboard.press("/")
    page.keyboard.type("学院")
    expect(page.locator(".table-own tbody tr")).to_have_count(3)
    assert page.evaluate("document.activeElement.id") == "list-q"
    page.click("thead >> text=代码")
    page.wait_for_selector('th[aria-sort="ascending"]')
    page.locator("main").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/organisations/*/")
    assert page.inner_text("h1") == Organisation.objects.get(code="S1").name


def test_the_first_tab_stop_skips_to_the_content(world: World, live_server: Any, chromium: Browser) -> None:
    page = signed_in(chromium, live_server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_faulty_form_moves_the_eye_to_its_faults(world: World, live_server: Any, chromium: Browser) -> None:
    page = signed_in(chromium, live_server.url)
    page.goto(f"{live_server.url}/admin/people/new/")
    page.click("main .btn-primary")
    page.wait_for_selector(".error-summary")
    assert "error-summary" in page.evaluate("document.activeElement.className")
    page.click('.error-summary a[href="#id_username"]')
    assert page.evaluate("document.activeElement.id") == "id_username"
