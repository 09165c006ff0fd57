"""Pages of similar programs: who may see them, what they show, how a case comes of them."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.accreditation.factories import person
from tests.grading import world as build
from tests.grading.test_similarity import check, world

from jinbang.accounts.models import Operation, Role
from jinbang.grading.models import MisconductCase, SimilarPair

__all__ = ["world"]


def enter(role: str, made: build.Graded) -> Client:
    client = Client()
    client.force_login(person(f"p-{role}", role, made.awarding))
    return client


@pytest.fixture
def chief(world: build.Graded) -> Client:
    return enter(Role.CHIEF_MARKER, world)


def test_the_pair_is_shown_side_by_side_over_the_seats(world: build.Graded, chief: Client) -> None:
    check(world)
    pair = SimilarPair.objects.get()
    page = chief.get(f"/staff/similarity/pairs/{pair.pk}/").content.decode()
    for number in (0, 2):
        assert page.count(world.registrations[number].ticket_number) >= 3
    assert world.registrations[1].ticket_number not in page
    assert "average(rows, name):" in page
    assert "average(lines, name):" in page
    assert page.count('class="line code-same"') > 20
    assert page.count("seat-here") == 2


def test_pairs_are_listed_and_exported(world: build.Graded, chief: Client) -> None:
    found = check(world)
    page = chief.get(f"/staff/similarity/{found.pk}/").content.decode()
    assert "1.0000" in page
    assert world.registrations[0].ticket_number in page
    sheet = chief.get(f"/staff/similarity/{found.pk}/?export=xlsx")
    assert b"".join(sheet).startswith(b"PK")
    assert "采集商品页" in chief.get("/staff/similarity/").content.decode()


def test_a_check_is_begun_from_the_page_and_watched(world: build.Graded, chief: Client) -> None:
    answer = chief.post("/staff/similarity/new/", {"sitting": world.sitting.pk, "task": world.task.pk})
    operation = Operation.objects.get()
    assert answer["Location"].endswith(f"{operation.key}/")
    pair = SimilarPair.objects.get()
    assert (operation.error, operation.done, operation.total) == ("", 3, 3)
    assert operation.result_url == f"/staff/similarity/{pair.check_run_id}/"


def test_a_case_is_reported_from_a_pair(world: build.Graded, chief: Client) -> None:
    check(world)
    pair = SimilarPair.objects.get()
    address = f"/staff/similarity/pairs/{pair.pk}/report/second/"
    form = chief.get(address).content.decode()
    assert pair.first.attempt.ticket_number in form
    chief.post(address, {"kind": "cheating", "facts": "两份程序逐行相同，只改了变量名；两人邻座。"})
    case = MisconductCase.objects.get()
    assert (case.registration_id, case.kind, case.state) == (
        pair.second.attempt.registration_id,
        "cheating",
        "reported",
    )
    assert chief.get(f"/staff/similarity/pairs/{pair.pk}/report/both/").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.EXAM_OFFICER, 200), (Role.MARKER, 403), (Role.FINANCE_OFFICER, 403), (Role.INSPECTOR, 403)],
)
def test_only_chief_markers_and_exam_officers_see_pairs(world: build.Graded, role: str, status: int) -> None:
    found = check(world)
    pair = SimilarPair.objects.get()
    client = enter(role, world)
    for address in ("", "new/", f"{found.pk}/", f"pairs/{pair.pk}/", f"pairs/{pair.pk}/report/first/"):
        assert client.get(f"/staff/similarity/{address}").status_code == status, address
