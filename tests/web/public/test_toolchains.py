"""What programs run on: shown as it is built, to anybody; more to staff."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.accreditation.factories import awarding, person

from jinbang.accounts.models import Role
from jinbang.audit.actor import SYSTEM
from jinbang.config import clock
from jinbang.grading.domain import queue
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.queries.toolchains import with_digest
from jinbang.judge.protocol import LeaseRequest, ToolchainReport
from jinbang.judge.toolchains import Toolchain, profile, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    """``modern`` recorded as built, with three packages; nothing else is there."""
    monkeypatch.setenv("JINBANG_TOOLCHAINS", str(tmp_path))
    folder = store.home(profile("modern"))
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    made = Toolchain(
        "modern", "现代环境", "ab" * 32, "3.11.9", folder / "bin" / "python", (folder,), folder,
        ("numpy 2.4.6", "pandas 3.1.1", "scikit-learn 1.9.1"), (),
    )  # fmt: skip
    store.write(folder, made)
    return made


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_says_what_is_built_and_claims_nothing_else() -> None:
    page = text(Client(), reverse("toolchain_list"))
    assert page.count("已建成") == 1
    assert "ab" * 6 in page
    assert page.count("没有建成") > 2
    assert "jinbang judge prepare" not in page


def test_packages_are_read_from_the_build_found_and_exported() -> None:
    address = reverse("toolchain", args=["modern"])
    page = text(Client(), address)
    for shown in ("3.11.9", "ab" * 32, "scikit-learn", "1.9.1"):
        assert shown in page, shown
    found = text(Client(), address + "?q=Pandas")
    assert "pandas" in found
    assert "numpy" not in found
    assert "没有安装名称含“torch”的软件包" in text(Client(), address + "?q=torch")
    sheet = text(Client(), reverse("toolchain_sheet", args=["modern"]))
    assert sheet.splitlines()[1:] == ["Python,3.11.9", "numpy,2.4.6", "pandas,3.1.1", "scikit-learn,1.9.1"]


def test_what_is_not_built_lists_no_packages() -> None:
    page = text(Client(), reverse("toolchain", args=["advanced-2021"]))
    assert "没有建成" in page
    assert "pandas" not in page
    assert Client().get(reverse("toolchain_sheet", args=["advanced-2021"])).status_code == 404
    assert Client().get(reverse("toolchain", args=["no-such"])).status_code == 404


def test_what_a_judge_host_reports_is_shown_where_nothing_is_built_here() -> None:
    now = clock.now()
    worker, _token = register_worker(name="hall-1", actor=SYSTEM, now=now)
    report = {"basic-web": ToolchainReport("ef" * 32, "网页采集环境", "3.11.2", ["lxml 6.1.3"])}
    first = LeaseRequest("hall-1", 1, {"basic-web": "ef" * 32}, {"ok": True}, "1", toolchains=report)
    queue.lease(worker=worker, request=first, now=now)
    queue.lease(worker=worker, request=LeaseRequest("hall-1", 1, first.profiles, {"ok": True}, "1"), now=now)
    page = text(Client(), reverse("toolchain", args=["basic-web"]))
    for shown in ("3.11.2", "lxml", "6.1.3", "ef" * 32):
        assert shown in page, shown
    assert "hall-1" not in page
    known = with_digest("ef" * 32)
    assert known is not None
    assert (known.host, known.packages) == ("hall-1", (("lxml", "6.1.3"),))
    worker.profiles = {"basic-web": "00" * 32}  # rebuilt, and not yet said with what
    worker.save()
    assert "6.1.3" not in text(Client(), reverse("toolchain", args=["basic-web"]))


def test_staff_see_the_command_and_the_judge_hosts() -> None:
    now = clock.now()
    for name, digest in (("hall-1", "ab" * 32), ("hall-2", "cd" * 32)):
        worker, _token = register_worker(name=name, actor=SYSTEM, now=now)
        worker.profiles = {"modern": digest}
        worker.save()
    client = Client()
    client.force_login(person("chief", Role.CHIEF_MARKER, awarding()))
    page = text(client, reverse("toolchain_list"))
    assert "jinbang judge prepare advanced-2021" in page
    assert "hall-1" in page
    assert page.count("与本机不同") == 1
    assert "hall-2" not in text(Client(), reverse("toolchain_list"))
    wanted = text(client, reverse("toolchain", args=["advanced-2021"]))
    assert "尚未安装" in wanted
