"""The room console beside real candidates, and accessibility of every page of exam time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.conftest import enter, open_console, saved, sign_in
from tests.browser.installation import Installation
from tests.browser.test_exam import answer, hand_in

Machine = Callable[..., BrowserContext]
Keep = Callable[[Page, str], None]
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()


def serious(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds on the page."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_board_shows_within_two_seconds_what_happens(own_site: Installation, new_machine: Machine, keep: Keep) -> None:
    site = own_site
    console = open_console(site, new_machine, "chief")
    expect(console.locator(".tile.state-expected")).to_have_count(14)
    machine = new_machine()
    page = machine.new_page()
    enter(page, site, 0)
    entered = time.monotonic()
    console.wait_for_selector(".tile.state-running[aria-label^='1 ']")
    assert time.monotonic() - entered < 2.5
    answer(page)
    saved(page)
    machine.set_offline(True)
    console.wait_for_selector(".tile.trouble-2[aria-label^='1 ']:has-text('信号弱')", timeout=20000)
    site.set_now(site.now() + timedelta(seconds=20))
    console.wait_for_selector(".tile.trouble-3[aria-label^='1 ']:has-text('失联')", timeout=30000)
    expect(console.locator(".worst-line").first).to_contain_text("演练考生1")
    keep(console, "room-trouble-first")
    machine.set_offline(False)
    console.wait_for_selector(".tile.trouble-1[aria-label^='1 ']", timeout=20000)
    hand_in(page)
    code = page.wait_for_selector(".receipt-code").inner_text()
    console.wait_for_selector(f".tile:has-text('{code}')")


def test_second_person_for_long_extra_time(own_site: Installation, new_machine: Machine, keep: Keep) -> None:
    site = own_site
    page = new_machine().new_page()
    enter(page, site, 1)
    first = open_console(site, new_machine, "invigilator")
    first.click("#console >> text=开启考场")
    first.click("dialog .btn-primary")
    first.click("#console >> text=延时")
    first.fill("#field-minutes", "20")
    first.click("dialog .btn-primary")
    first.wait_for_selector(".console-result:has-text('等待第二人批准')")
    first.click(".ask button:text-is('批准')")
    expect(first.locator("#field-by_username")).to_be_visible()  # somebody else has to sign
    first.click("dialog button:text-is('取消')")
    chief = open_console(site, new_machine, "chief")
    chief.wait_for_selector(".ask:has-text('20 分钟')")
    keep(chief, "room-second-person")
    chief.click(".ask button:text-is('批准')")
    expect(chief.locator("#field-by_username")).to_be_hidden()
    chief.click("dialog .btn-primary")
    expect(page.locator(".time-left")).to_contain_text("1:48:", timeout=6000)


def test_chief_signs_at_the_invigilators_console(site: Installation, new_machine: Machine, keep: Keep) -> None:
    site.run(
        'from jinbang.accounts.models import Person\np = Person.objects.get(username="second")\n'
        'p.set_password("jinbang-test-2022")\np.save()'
    )
    page = new_machine().new_page()
    enter(page, site, 3)
    console = open_console(site, new_machine, "invigilator")
    console.click("#console >> text=开启考场")
    console.click("dialog .btn-primary")
    console.click("button:has-text('逐个核验')")
    console.click(".tile[aria-label^='4 ']")
    console.wait_for_selector(".console-result:has-text('身份已核验')")
    console.click(".tile[aria-label^='4 ']")
    console.click("dialog button:text-is('延时')")
    console.fill("#field-minutes", "5")
    console.click("dialog .btn-primary")
    expect(page.locator(".time-left")).to_contain_text("1:33:", timeout=6000)
    console.click(".tile[aria-label^='4 ']")
    console.click(".ledger button:text-is('收回')")
    console.fill("#field-reason", "给错了座位")
    console.fill("#field-by_username", "second")
    console.fill("#field-by_password", "jinbang-test-2022")
    keep(console, "room-signed-on-the-spot")
    console.click("dialog .btn-danger")
    expect(page.locator(".time-left")).to_contain_text("1:28:", timeout=6000)
    console.click("button:has-text('延时记录')")
    expect(console.locator(".ledger .gone")).to_have_count(1)


def test_everyone_gets_ten_minutes_by_one_action(own_site: Installation, new_machine: Machine) -> None:
    site = own_site
    page = new_machine().new_page()
    enter(page, site, 2)
    subject = site.run(
        'from jinbang.exams.models import SittingSubject\nprint(SittingSubject.objects.get(subject="theory").pk)'
    )
    office = open_console(site, new_machine, "officer", f"/room/everyone/{subject}/")
    office.fill("[name=minutes]", "10")
    office.select_option("[name=cause]", "network")
    office.fill("[name=note]", "全国专线故障")
    office.click("main form button[type=submit], main form .btn-primary")
    expect(page.locator(".time-left")).to_contain_text("1:38:", timeout=5000)


def test_a_foreign_room_does_not_exist(site: Installation, new_machine: Machine) -> None:
    context = open_console(site, new_machine, "stranger").context
    room = f"{site.url}/room/{site.facts['session']}/"
    for path in ("", "live/", "board/", "minutes/", "minutes.pdf", "seat/1/"):
        assert context.request.get(room + path).status == 404
    assert "演练机房" not in context.request.get(f"{site.url}/room/").text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_serious_fault_of_accessibility(site: Installation, new_machine: Machine, keep: Keep, language: str) -> None:
    machine = new_machine(bypass_csp=True)
    machine.add_init_script(
        f"if (location.protocol === 'http:') localStorage.setItem('jinbang.language', '{language}')"
    )
    page = machine.new_page()
    page.goto(f"{site.url}/sit/")
    page.wait_for_selector("#ticket")
    assert serious(page) == []
    seat = {"zh": 11, "en": 12}[language]
    sign_in(page, site, seat)
    page.wait_for_selector(".exam .item")
    answer(page)
    for _ in range(6):
        assert serious(page) == []
        page.locator("#item-title").focus()
        page.keyboard.press("ArrowRight")
    page.keyboard.press("?")
    assert serious(page) == []
    page.click("dialog .button")
    page.click(".side .button.primary")
    assert serious(page) == []
    keep(page, f"candidate-confirm-{language}")
    page.click("dialog .button.primary")
    page.wait_for_selector(".receipt-code")
    assert serious(page) == []

    console = new_machine(bypass_csp=True)
    cookies: dict[str, str] = site.facts["cookies"]  # type: ignore[assignment]
    console.add_cookies([{"name": "sessionid", "value": cookies["chief"], "url": site.url}])
    board = console.new_page()
    for path in ("/room/", f"/room/{site.facts['session']}/", f"/room/{site.facts['session']}/minutes/"):
        board.goto(site.url + path)
        board.wait_for_selector("h1")
        assert serious(board) == []
    board.goto(f"{site.url}/room/{site.facts['session']}/")
    board.click(f".tile[aria-label^='{seat + 1} ']")
    board.wait_for_selector("dialog[open]")
    assert serious(board) == []
