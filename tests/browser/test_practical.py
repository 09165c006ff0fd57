"""A practical task in the browser: material, uploads that resume, versions with receipts, hand-in."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.browser.conftest import sign_in
from tests.browser.installation import STARTS, Installation
from tests.browser.test_exam import set_rules

Machine = Callable[..., BrowserContext]
Keep = Callable[[Page, str], None]


@pytest.fixture
def practical(shared: Installation) -> Installation:
    """The shared installation, one minute into its practical exam."""
    shared.set_now(STARTS + timedelta(minutes=101))
    return shared


def enter(new_machine: Machine, site: Installation, index: int) -> Page:
    page = new_machine().new_page()
    sign_in(page, site, index)
    page.wait_for_selector(".exam .item-task")
    return page


def uploads(site: Installation, index: int) -> str:
    return site.run(
        "from jinbang.delivery.models import Upload\n"
        f"for u in Upload.objects.filter(attempt={attempt_of(site, index)}).order_by('pk'):\n"
        "    print(u.name, u.version, u.size, u.completed_at is not None)"
    )


def attempt_of(site: Installation, index: int) -> int:
    attempts: dict[str, int] = site.facts["practical"]  # type: ignore[assignment]
    return attempts[site.ticket(index)["ticket"]]


def test_material_versions_and_receipt(
    practical: Installation, new_machine: Machine, keep: Keep, tmp_path: Path
) -> None:
    site, page = practical, enter(new_machine, practical, 0)
    keep(page, "candidate-practical")
    with page.expect_download() as download:
        page.click(".material .button")
    material = tmp_path / "material.zip"
    download.value.save_as(material)
    assert "main.py" in "".join(zipfile.ZipFile(io.BytesIO(material.read_bytes())).namelist())

    wrong, right = tmp_path / "other.py", tmp_path / "main.py"
    wrong.write_text("print(1)\n")
    page.set_input_files("#file-0", wrong)
    expect(page.locator(".file-state").first).to_contain_text("请选择名为 main.py 的文件")
    right.write_text("print(1)\n")
    page.set_input_files("#file-0", right)
    page.wait_for_selector(".versions .newest")
    right.write_text("print(2)  # better\n")
    page.set_input_files("#file-0", right)
    expect(page.locator(".versions tbody tr")).to_have_count(2)
    keep(page, "candidate-versions")
    assert uploads(site, 0) == "main.py 1 9 True\nmain.py 2 19 True"
    page.click(".side .button.primary")
    page.click("dialog .button.primary")
    code = page.wait_for_selector(".receipt-code").inner_text()
    stored = site.run(
        "from jinbang.delivery.models import Attempt\n"
        f"a = Attempt.objects.get(pk={attempt_of(site, 0)}); print(a.receipt_count, a.receipt_sha256[:8].upper())"
    )
    assert stored == f"1 {code.replace('-', '')}"


def test_upload_goes_on_where_it_was_cut(practical: Installation, new_machine: Machine, tmp_path: Path) -> None:
    site, page = practical, enter(new_machine, practical, 1)
    offsets: list[str] = []

    def cut_the_second(route: Route) -> None:
        offsets.append(route.request.url.rpartition("=")[2])
        if len(offsets) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/exam/v1/uploads/*", cut_the_second)
    big = tmp_path / "main.py"
    big.write_text("x = 1\n" * 120_000)
    page.set_input_files("#file-0", big)
    page.wait_for_selector(".versions .newest", timeout=30000)
    assert offsets == ["0", "262144", "262144", "524288"]
    assert uploads(site, 1) == "main.py 1 720000 True"


def test_a_file_chosen_without_network_survives_a_reload_and_leaves_by_the_rescue_file(
    practical: Installation, new_machine: Machine, keep: Keep, tmp_path: Path
) -> None:
    site, page = practical, enter(new_machine, practical, 2)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.context.set_offline(True)
    chosen = tmp_path / "main.py"
    chosen.write_text("x = 1\n" * 60_000)
    page.set_input_files("#file-0", chosen)
    page.wait_for_selector(".file-state:has-text('文件已存在本机')")
    page.reload()
    page.wait_for_selector(".file-state:has-text('文件已存在本机')")
    page.click(".side .button.primary")
    expect(page.locator("dialog")).to_contain_text("有 1 个文件还没有传完")
    page.click("dialog .button.primary")
    with page.expect_download() as download:
        page.click("button:has-text('导出救援文件')")
    expect(page.locator(".rescue .notice")).to_contain_text("0 步、1 个文件")
    keep(page, "candidate-practical-rescue")
    rescue = tmp_path / "one.jbrescue"
    download.value.save_as(rescue)
    taken = site.run(
        "from pathlib import Path\nfrom jinbang.audit.actor import SYSTEM\n"
        "from jinbang.delivery.domain.rescue import take_in_rescue\n"
        f"r = take_in_rescue(file=Path({str(rescue)!r}).read_bytes(), actor=SYSTEM, now=clock.now())\n"
        "print(r.files, r.new_files, r.attempt.state, r.attempt.receipt_count)"
    )
    assert taken == "1 1 handed_in 1"
    page.context.set_offline(False)
    page.wait_for_selector(".receipt-code")
    expect(page.locator(".rescue")).to_have_count(0)  # the server has it by now
    assert uploads(site, 2) == "main.py 1 360000 True"


def test_the_check_tool_is_handed_out_ready_and_its_snapshots_are_seen(
    practical: Installation, new_machine: Machine, keep: Keep, tmp_path: Path
) -> None:
    set_rules(practical, workspace_snapshots=True)
    page = enter(new_machine, practical, 3)
    with page.expect_download() as download:
        page.click(".workspace .button")
    tool = tmp_path / "jinbang-check.py"
    download.value.save_as(tool)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "main.py").write_text("print(1)\n")
    with subprocess.Popen([sys.executable, str(tool)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.write(f"{tmp_path / 'work'}\n".encode())
        running.stdin.flush()
        page.wait_for_selector(".snapshot-state.good:has-text('共 1 份')", timeout=30000)
        running.terminate()
    page.locator(".workspace").scroll_into_view_if_needed()
    keep(page, "candidate-snapshots")
