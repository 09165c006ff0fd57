"""Statistics by pages: schools see their own, items only those who keep the bank, sheets hold what the page shows."""

from __future__ import annotations

import io

import pytest
from python_calamine import load_workbook
from tests.accreditation.factories import organisation
from tests.grading.world import Graded
from tests.web.staff.conftest import Enter

pytestmark = pytest.mark.django_db


def cells(response) -> list[list[object]]:  # type: ignore[no-untyped-def]
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


def test_a_sitting_in_figures(world: Graded, enter: Enter) -> None:
    client = enter(world.awarding, "exam_officer")
    listed = client.get("/staff/statistics/").content.decode()
    assert str(world.sitting) in listed
    address = f"/staff/statistics/{world.sitting.pk}/"
    page = client.get(address, {"by": "site"}).content.decode()
    for figure in ("<strong>5</strong>", "<strong>4</strong>", "<strong>2</strong>", "<strong>50%</strong>", "59.5"):
        assert figure in page
    assert str(world.registrations[0].site.name) in page
    assert "合格线 60" in page
    assert "F-THEORY" not in page  # an exam officer does not keep the bank
    assert client.get(address, {"by": "nothing"}).status_code == 404
    sheet = cells(client.get(address, {"by": "level", "export": "xlsx"}))
    assert sheet == [
        ["级别", "应考人数", "实考人数", "合格人数", "合格率 %", "平均分"],
        [world.registrations[0].level.name, 5, 4, 2, 50, 59.5],
    ]


def test_a_level_narrows_everything(world: Graded, enter: Enter) -> None:
    client = enter(world.awarding, "programme_manager")
    level = world.registrations[0].level
    address = f"/staff/statistics/{world.sitting.pk}/"
    assert client.get(address, {"level": level.pk}).context["level"] == level
    assert client.get(address, {"level": 999}).context["level"] is None


def test_items_are_for_those_who_keep_the_bank(world: Graded, enter: Enter) -> None:
    form = world.forms["theory"]
    entry = form.entries.get(position=5)
    address = f"/staff/statistics/{world.sitting.pk}/forms/{form.pk}/"
    manager = enter(world.awarding, "programme_manager")
    assert "F-THEORY" in manager.get(f"/staff/statistics/{world.sitting.pk}/").content.decode()
    page = manager.get(address).content.decode()
    assert "T-0005" in page
    assert "过易" in page
    assert [row[1] for row in cells(manager.get(address, {"export": "xlsx"}))[1:]] == [
        f"T-000{number}" for number in range(1, 6)
    ]
    assert "第 5 题？" in manager.get(f"{address}{entry.pk}/").content.decode()
    assert manager.get(f"{address}999999/").status_code == 404
    assert manager.get(f"/staff/statistics/{world.sitting.pk}/forms/{world.forms['practical'].pk}/").status_code == 404
    officer = enter(world.awarding, "exam_officer")
    assert officer.get(address).status_code == 403
    assert officer.get(f"{address}{entry.pk}/").status_code == 403


def test_a_school_sees_its_own_released_results(world: Graded, enter: Enter) -> None:
    address = f"/staff/statistics/{world.sitting.pk}/"
    own = enter(world.school, "school_manager", name="own")
    assert own.get(address).context["overall"].seated == 5
    stranger = enter(organisation("school", "S-OTHER", "别的学校"), "school_manager", name="stranger")
    assert "还没有可以统计的成绩" in stranger.get("/staff/statistics/").content.decode()
    assert stranger.get(address).status_code == 404
    assert enter(world.awarding, "marker").get(address).status_code == 403
