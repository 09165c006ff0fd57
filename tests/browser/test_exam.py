"""A candidate's way through the exam in a real browser, with what can go wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import enter, saved, sign_in
from tests.browser.installation import STARTS, Installation

Machine = Callable[..., BrowserContext]
Keep = Callable[[Page, str], None]


def answers_in(site: Installation, index: int) -> dict[str, str]:
    """What the server holds as the candidate's answers, by item."""
    attempt = site.ticket(index)["attempt"]
    text = site.run(
        "import json\nfrom jinbang.delivery.queries.answers import final_answers\n"
        f"print(json.dumps(final_answers([{attempt}])[{attempt}]))"
    )
    return dict(json.loads(text))


def answer(page: Page, option: int = 1) -> None:
    """Answer the item on screen: by number key, or by typing where it is a blank."""
    page.locator("#item-title").focus()
    page.keyboard.press(str(option if page.locator("input[type=radio], input[type=checkbox]").count() >= option else 1))
    if page.locator("#fill").count():
        page.keyboard.type("列表")
        page.keyboard.press("Tab")


def next_item(page: Page) -> None:
    page.locator("#item-title").focus()
    page.keyboard.press("ArrowRight")


def hand_in(page: Page) -> None:
    page.click(".side .button.primary")
    page.click("dialog .button.primary")


def test_from_sign_in_to_receipt(make_installation: Callable[..., Installation], new_machine: Machine, keep: Keep) -> None:
    site = make_installation(minutes_after_start=-0.1)
    page = new_machine().new_page()
    sign_in(page, site, 0)
    page.wait_for_selector(".countdown")
    expect(page.locator(".check.good")).to_have_count(4)
    keep(page, "candidate-waiting")
    page.wait_for_selector(".exam .item", timeout=25000)
    keep(page, "candidate-item")
    answer(page, 2)
    page.locator("#item-title").focus()
    page.keyboard.press("m")
    next_item(page)
    answer(page, 1)
    saved(page)
    assert len(answers_in(site, 0)) == 2
    page.click(".side .button.primary")
    expect(page.locator("dialog")).to_contain_text("还有 38 题未作答")
    keep(page, "candidate-confirm")
    page.click("dialog .button.primary")
    code = page.wait_for_selector(".receipt-code").inner_text()
    keep(page, "candidate-receipt")
    stored = site.run(
        "from jinbang.delivery.models import Attempt\n"
        f"a = Attempt.objects.get(pk={site.ticket(0)['attempt']}); print(a.state, a.receipt_count, a.receipt_sha256[:8])"
    )
    assert stored == f"handed_in 2 {code.replace('-', '').lower()}"


def test_network_cut_typed_on_reloaded_and_handed_in(site: Installation, new_machine: Machine, keep: Keep) -> None:
    machine = new_machine()
    page = machine.new_page()
    enter(page, site, 1)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    answer(page, 1)
    saved(page)
    machine.set_offline(True)
    next_item(page)
    answer(page, 2)
    page.wait_for_selector(".save.bad:has-text('网络中断')")
    keep(page, "candidate-offline")
    page.reload()
    page.wait_for_selector(".exam .item")
    assert page.locator(".cell.answered").count() == 2
    next_item(page)
    next_item(page)
    answer(page, 3)
    assert len(answers_in(site, 1)) == 1
    machine.set_offline(False)
    saved(page)
    assert len(answers_in(site, 1)) == 3
    hand_in(page)
    page.wait_for_selector(".receipt-code")
