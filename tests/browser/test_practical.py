"""A practical task in the browser: material, uploads that resume, versions with receipts, hand-in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.browser.conftest import sign_in
from tests.browser.installation import Installation

Machine = Callable[..., BrowserContext]
Keep = Callable[[Page, str], None]


def practical(make_installation: Callable[..., Installation], new_machine: Machine) -> tuple[Installation, Page]:
    site = make_installation(minutes_after_start=101)
    page = new_machine().new_page()
    sign_in(page, site, 0)
    page.wait_for_selector(".exam .item-task")
    return site, page


def uploads(site: Installation) -> str:
    return site.run(
        "from jinbang.delivery.models import Upload\n"
        "for u in Upload.objects.order_by('version'): print(u.name, u.version, u.size, u.completed_at is not None)"
    )


def test_material_versions_and_receipt(
    make_installation: Callable[..., Installation], new_machine: Machine, keep: Keep, tmp_path: Path
) -> None:
    site, page = practical(make_installation, new_machine)
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
    assert uploads(site) == "main.py 1 9 True\nmain.py 2 19 True"
    page.click(".side .button.primary")
    page.click("dialog .button.primary")
    code = page.wait_for_selector(".receipt-code").inner_text()
    stored = site.run(
        "from jinbang.delivery.models import Attempt\n"
        f"a = Attempt.objects.get(pk={practical_attempt(site)}); print(a.receipt_count, a.receipt_sha256[:8].upper())"
    )
    assert stored == f"1 {code.replace('-', '')}"


def practical_attempt(site: Installation) -> int:
    attempts: dict[str, int] = site.facts["practical"]  # type: ignore[assignment]
    return attempts[site.ticket(0)["ticket"]]


def test_upload_goes_on_where_it_was_cut(
    make_installation: Callable[..., Installation], new_machine: Machine, tmp_path: Path
) -> None:
    site, page = practical(make_installation, new_machine)
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
    assert uploads(site) == "main.py 1 720000 True"
