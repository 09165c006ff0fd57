"""A candidate's way through the exam in a real browser, with what can go wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import enter, open_console, saved, sign_in
from tests.browser.installation import STARTS, Installation
from tests.conftest import CHROMIUM

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


def state_of(site: Installation, index: int) -> str:
    attempt = site.ticket(index)["attempt"]
    return site.run(f"from jinbang.delivery.models import Attempt\nprint(Attempt.objects.get(pk={attempt}).state)")


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


def test_from_sign_in_to_receipt(site: Installation, new_machine: Machine, keep: Keep) -> None:
    site.set_now(STARTS - timedelta(seconds=6))
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
        f"a = Attempt.objects.get(pk={site.ticket(0)['attempt']})\n"
        "print(a.state, a.receipt_count, a.receipt_sha256[:8])"
    )
    assert stored == f"handed_in 2 {code.replace('-', '').lower()}"


def test_network_cut_typed_on_reloaded_and_handed_in(site: Installation, new_machine: Machine, keep: Keep) -> None:
    machine = new_machine()
    page = machine.new_page()
    enter(page, site, 1)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
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


def test_second_tab_waits_and_may_take_over(site: Installation, new_machine: Machine) -> None:
    first = new_machine().new_page()
    enter(first, site, 2)
    answer(first, 1)
    saved(first)
    with first.expect_popup() as opened:
        first.evaluate("window.open('/sit/')")  # a duplicated tab inherits the session
    second = opened.value
    second.wait_for_selector("h1:has-text('考试已在另一个标签页中打开')")
    second.click("button:has-text('在这里继续')")
    second.wait_for_selector(".exam .item")
    first.wait_for_selector("h1:has-text('考试已在另一个标签页中打开')")
    assert second.locator(".cell.answered").count() == 1
    next_item(second)
    answer(second, 2)
    saved(second)
    assert len(answers_in(site, 2)) == 2


def test_moved_to_a_spare_seat_goes_on_there(site: Installation, new_machine: Machine, keep: Keep) -> None:
    broken = new_machine().new_page()
    enter(broken, site, 3)
    answer(broken, 1)
    saved(broken)
    spare = new_machine().new_page()
    sign_in(spare, site, 3)
    spare.wait_for_selector(".notice.bad:not([hidden])")  # bound to the first machine
    console = open_console(site, new_machine, "invigilator")
    console.click("#console >> text=开启考场")
    console.click("dialog .btn-primary")
    console.click(".tile[aria-label^='4 ']")
    console.click("dialog >> text=换座位")
    console.select_option("#field-seat", "39")
    console.fill("#field-reason", "电源故障")
    console.click("dialog .btn-primary")
    console.wait_for_selector(".tile[aria-label^='39 演练考生4']")
    broken.wait_for_selector("h1:has-text('本机的考试会话已结束')")
    sign_in(spare, site, 3)
    spare.wait_for_selector(".exam .item")
    assert spare.locator(".cell.answered").count() == 1
    assert "39 号座位" in spare.inner_text(".who")
    keep(console, "room-after-move")
    hand_in(spare)
    code = spare.wait_for_selector(".receipt-code").inner_text()
    console.wait_for_selector(f".tile.state-handed_in:has-text('{code}')")


def test_rescue_file_is_taken_in_on_another_server(
    make_installation: Callable[..., Installation], new_machine: Machine, keep: Keep, tmp_path: Path
) -> None:
    room_server = make_installation()
    machine = new_machine()
    page = machine.new_page()
    enter(page, room_server, 4)
    answer(page, 1)
    saved(page)
    room_server.stop()
    next_item(page)
    answer(page, 2)
    page.wait_for_selector(".save.bad")
    hand_in(page)
    with page.expect_download() as download:
        page.click("button:has-text('导出救援文件')")
    page.wait_for_selector("text=救援文件已下载")
    keep(page, "candidate-rescue")
    rescue = tmp_path / download.value.suggested_filename
    download.value.save_as(rescue)
    assert "演练" not in rescue.read_text()

    office = Installation.copy(room_server.data, tmp_path / "office", room_server.facts)
    office.set_now(room_server.now())
    office.start()
    try:
        console = open_console(office, new_machine, "officer", "/room/rescue/")
        console.set_input_files("input[type=file]", rescue)
        console.click("form .btn-primary")
        console.wait_for_selector(".tone-success")
        keep(console, "room-rescue-taken-in")
        assert len(answers_in(office, 4)) == 2
        assert state_of(office, 4) == "handed_in"
    finally:
        office.stop()


def test_ninety_minutes_under_a_fast_clock_end_by_themselves(
    own_site: Installation, new_machine: Machine, keep: Keep
) -> None:
    site = own_site
    page = new_machine().new_page()
    enter(page, site, 5)
    answer(page, 1)
    saved(page)
    site.run_fast(400, STARTS + timedelta(minutes=60))
    next_item(page)
    answer(page, 1)
    saved(page)
    site.run_fast(400, STARTS + timedelta(minutes=89, seconds=40))
    page.wait_for_selector(".time-left.urgent")
    next_item(page)
    answer(page, 2)  # typed in the last seconds
    page.wait_for_selector(".receipt-code", timeout=40000)
    keep(page, "candidate-automatic")
    assert "到时自动交卷" in page.inner_text(".facts")
    assert len(answers_in(site, 5)) == 3
    ended = site.run(
        "from jinbang.delivery.models import Attempt\n"
        f"a = Attempt.objects.get(pk={site.ticket(5)['attempt']}); print(a.state, a.hand_in_how, a.receipt_count)"
    )
    assert ended == "handed_in auto 3"


def test_wrong_clock_of_the_machine_changes_nothing(site: Installation, new_machine: Machine) -> None:
    machine = new_machine()
    machine.add_init_script(
        "const real = Date.now; Date.now = () => real() - 86400000 * 400;"
        "const D = Date;"
        "window.Date = class extends D { constructor(...a) { a.length ? super(...a) : super(D.now()); } };"
    )
    page = machine.new_page()
    enter(page, site, 6)
    answer(page, 1)
    saved(page)
    expect(page.locator(".time-left")).to_contain_text("1:28:")
    assert page.inner_text(".save").startswith("已保存 08:3")
    typed = site.run(
        "from jinbang.delivery.models import AnswerStep\n"
        f"s = AnswerStep.objects.filter(attempt={site.ticket(6)['attempt']}).first()\n"
        "print(abs(s.received_at.timestamp() * 1000 - s.client_ms) < 5000)"
    )
    assert typed == "True"


def test_plain_http_without_webcrypto(site: Installation, chromium: Browser, keep: Keep) -> None:
    """An address of the local network is no secure context: no ``crypto.subtle``, no service worker, no locks."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--host-resolver-rules=MAP exam.lan 127.0.0.1"]
    )
    try:
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://exam.lan:{site.port}/sit/")
        assert page.evaluate("[window.isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
        page.fill("#ticket", site.ticket(7)["ticket"])
        page.fill("#id_number", site.ticket(7)["id_number"])
        page.click("button[type=submit]")
        page.wait_for_selector(".exam .item")
        answer(page, 2)
        saved(page)
        page.reload()
        page.wait_for_selector(".exam .item")
        assert page.locator(".cell.answered").count() == 1
        keep(page, "candidate-plain-http")
        hand_in(page)
        page.wait_for_selector(".receipt-code")
        assert errors == []
    finally:
        browser.close()


def test_extra_time_pause_and_message_reach_the_candidate(
    own_site: Installation, new_machine: Machine, keep: Keep
) -> None:
    site = own_site
    page = new_machine().new_page()
    enter(page, site, 8)
    console = open_console(site, new_machine, "chief")
    console.click("#console >> text=开启考场")
    console.click("dialog .btn-primary")
    console.click("#console >> text=发通知")
    console.fill("#field-text", "第3题更正：range(5) 应为 range(6)")
    console.click("dialog .btn-primary")
    page.wait_for_selector(".banner:has-text('第3题更正')", timeout=5000)
    console.click("#console >> text=延时")
    console.fill("#field-minutes", "5")
    console.click("dialog .btn-primary")
    expect(page.locator(".time-left")).to_contain_text("1:33:", timeout=5000)
    console.click("#console >> text=全场暂停")
    console.fill("#field-reason", "停电")
    console.click("dialog .btn-primary")
    page.wait_for_selector(".cover:not([hidden]):has-text('考试已暂停')", timeout=5000)
    keep(page, "candidate-paused")
    console.click("#console >> text=全场恢复")
    console.click("dialog .btn-primary")
    page.wait_for_selector(".cover", state="hidden", timeout=5000)
    answer(page, 1)
    saved(page)


def set_rules(site: Installation, **rules: object) -> None:
    site.run(
        "from jinbang.delivery.models import RoomSession\n"
        f"for s in RoomSession.objects.all(): s.rules |= {rules!r}; s.save()"
    )


@pytest.fixture
def strict_site(site: Installation) -> Iterator[Installation]:
    set_rules(site, copy_paste="block", focus_loss="warn")
    yield site
    set_rules(site, copy_paste="log", focus_loss="log")


def test_clipboard_and_focus_are_logged_and_blocked_as_the_plan_says(
    strict_site: Installation, new_machine: Machine
) -> None:
    site = strict_site
    page = new_machine().new_page()
    enter(page, site, 9)
    page.click(".stem-text", click_count=3)
    blocked = page.evaluate(
        "!document.querySelector('.stem-text').dispatchEvent("
        "new ClipboardEvent('copy', { bubbles: true, cancelable: true }))"
    )
    assert blocked
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.wait_for_timeout(1500)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("dialog:has-text('您离开了考试页面')")
    page.click("dialog .button")
    page.wait_for_timeout(4000)  # events travel behind the next heartbeat
    logged = site.run(
        "from jinbang.delivery.models import AttemptEvent\n"
        f"rows = AttemptEvent.objects.filter(attempt={site.ticket(9)['attempt']}).order_by('pk')\n"
        "print([k for k in rows.values_list('kind', flat=True) if k in ('copy', 'focus_lost', 'focus_back')])"
    )
    assert logged == "['copy', 'focus_lost', 'focus_back']"


def test_highlight_and_flag_survive_a_reload(site: Installation, new_machine: Machine) -> None:
    page = new_machine().new_page()
    enter(page, site, 10)
    page.dblclick(".stem-text")
    page.keyboard.press("h")
    marked = page.inner_text(".stem-text mark")
    page.locator("#item-title").focus()
    page.keyboard.press("m")
    saved(page)
    page.reload()
    page.wait_for_selector(".exam .item")
    assert page.wait_for_selector(".stem-text mark").inner_text() == marked
    assert page.locator(".cell.flagged").count() == 1
    assert page.get_attribute(".steps [aria-pressed]", "aria-pressed") == "true"
