"""Lists: search, filters, order, pages, columns, sheets, bounded queries."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.accounts.world import World

from jinbang.accounts.models import Organisation, Person, Preference

SignIn = Callable[[Person], Client]
URL = "/admin/organisations/list/"


@pytest.fixture
def office(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.person("officer", world.awarding, "programme_manager"))


def codes(response: Any) -> list[str]:
    return [place.code for place in response.context["list"].page.object_list]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["AW", "SC", "NP", "SP", "N1", "S1", "S2"]),
        ("?q=南境", ["SP", "S2", "SC"]),
        ("?q=南境+学院", ["S2"]),
        ("?kind=school&sort=-code", ["S2", "S1", "N1"]),
        ("?kind=nonsense", ["AW", "SC", "NP", "SP", "N1", "S1", "S2"]),
        ("?sort=licence", ["AW", "SC", "NP", "SP", "N1", "S1", "S2"]),
        ("?q=没有这样的", []),
        ("?page=99&kind=city", ["SC"]),
    ],
)
def test_what_a_query_leaves_and_in_which_order(office: Client, query: str, expected: list[str]) -> None:
    assert sorted(codes(office.get(URL + query))) == sorted(expected)
    if "sort=-code" in query:
        assert codes(office.get(URL + query)) == expected


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow_with_rows(
    world: World, office: Client, rows: int, django_assert_num_queries: Any
) -> None:
    Organisation.objects.filter(kind="school").update(kind="issuer")
    for number in range(rows):
        Organisation.objects.create(kind="school", name=f"校{number}", code=f"Q{number}", parent=world.south)
    with django_assert_num_queries(8):  # session, person, device, grants, unread, columns, count, rows
        response = office.get(f"{URL}?kind=school")
    assert len(codes(response)) == rows


def test_htmx_gets_the_list_alone(office: Client) -> None:
    part = office.get(URL, headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert part.lstrip().startswith('<div id="list"')
    assert "<html" not in part


def test_chosen_columns_are_remembered(office: Client) -> None:
    response = office.post(URL, {"columns": ["", "name", "licence", "unknown"]})
    assert response.status_code == 303
    page = office.get(URL).context["list"]
    assert [column.name for column in page.columns] == ["name", "licence"]
    assert Preference.objects.get().value == ["name", "licence"]


def test_the_sheet_has_what_the_list_has_and_keeps_digits(world: World, office: Client) -> None:
    Organisation.objects.filter(pk=world.port_school.pk).update(code="00123456789012345678", name="=1+1")
    response = office.get(f"{URL}?kind=school&export=xlsx")
    table = (
        CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert table[0][:3] == ["名称", "代码", "类型"]
    assert {row[0]: row[1] for row in table[1:]} == {"北境学院": "N1", "南境学院": "S2", "=1+1": "00123456789012345678"}


def test_pages_neither_repeat_nor_skip(world: World, office: Client) -> None:
    many = [Organisation(kind="school", name=f"校{n}", code=f"P{n:03}", parent=world.north) for n in range(120)]
    Organisation.objects.bulk_create(many)
    seen = [code for page in (1, 2, 3) for code in codes(office.get(f"{URL}?kind=school&sort=region&page={page}"))]
    assert len(seen) == len(set(seen)) == 123


def test_an_empty_list_says_what_to_do(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("lin", world.port_school, "teacher"))
    assert "还没有消息" in client.get("/account/inbox/").content.decode()


def test_others_organisations_are_not_listed(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("south", world.south, "province_officer"))
    assert sorted(codes(client.get(URL))) == ["S1", "S2", "SC", "SP"]
