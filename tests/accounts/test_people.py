"""Accounts and grants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts.world import NOW, PASSWORD, World

from jinbang.accounts.domain import people
from jinbang.accounts.domain.organisations import create_organisation
from jinbang.accounts.models import Organisation, Person, RoleGrant
from jinbang.audit.actor import SYSTEM
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal, RowErrors


def test_a_user_name_is_taken_whatever_its_case(world: World) -> None:
    world.person("lin", world.port_school)
    with pytest.raises(Refusal) as refused:
        world.person("LIN", world.port_school)
    assert (refused.value.code, refused.value.params["field"]) == ("username_taken", "username")


@pytest.mark.parametrize(
    ("role", "place", "code"),
    [("exam_officer", "port_school", "role_misplaced"), ("school_manager", "awarding", "role_misplaced")],
)
def test_a_role_belongs_to_a_kind_of_organisation(world: World, role: str, place: str, code: str) -> None:
    person = world.person("lin", world.port_school)
    with pytest.raises(Refusal) as refused:
        world.grant(person, role, getattr(world, place))
    assert refused.value.code == code


def test_a_role_is_not_granted_twice_but_again_after_it_ended(world: World) -> None:
    person = world.person("lin", world.port_school, "teacher")
    with pytest.raises(Refusal) as refused:
        world.grant(person, "teacher", world.port_school)
    assert refused.value.code == "grant_exists"
    grant = RoleGrant.objects.get(person=person)
    later = NOW + timedelta(days=1)
    people.revoke_grant(grant=grant, actor=SYSTEM, now=later, reason="调离")
    people.grant_role(person=person, role="teacher", organisation=world.port_school, actor=SYSTEM, now=later)
    actions = AuditRow.objects.filter(action__startswith="grant.").values_list("action", "reason")
    assert list(actions) == [("grant.give", ""), ("grant.revoke", "调离"), ("grant.give", "")]


def test_a_grant_that_is_over_is_not_revoked(world: World) -> None:
    person = world.person("lin", world.port_school)
    grant = world.grant(person, "teacher", world.port_school, valid_until=NOW + timedelta(hours=1))
    with pytest.raises(Refusal) as refused:
        people.revoke_grant(grant=grant, actor=SYSTEM, now=NOW + timedelta(hours=1), reason="x")
    assert refused.value.code == "grant_over"


def test_changing_a_password(world: World) -> None:
    person = world.person("lin", world.port_school)

    def change(old: str, new: str) -> None:
        people.change_password(person=person, old=old, new=new, actor=SYSTEM, now=NOW)

    for old, new, code in [
        ("wrong", "x" * 12, "wrong_password"),
        (PASSWORD, PASSWORD, "password_same"),
        (PASSWORD, "short", "password_weak"),
        (PASSWORD, "password123", "password_weak"),
    ]:
        with pytest.raises(Refusal) as refused:
            change(old, new)
        assert refused.value.code == code
    change(PASSWORD, "amber-lantern-77")
    assert Person.objects.get(pk=person.pk).check_password("amber-lantern-77")


def test_resetting_a_password_forces_a_change(world: World) -> None:
    person = world.person("lin", world.port_school)
    password = people.reset_password(person=person, actor=SYSTEM, now=NOW)
    stored = Person.objects.get(pk=person.pk)
    assert stored.must_change_password
    assert stored.check_password(password)


def test_a_sheet_is_taken_in_whole_or_not_at_all(world: World) -> None:
    rows = [
        people.NewPerson(row=2, username="a.one", name="甲", role="教师"),
        people.NewPerson(row=3, username="a.one", name="乙", role="教师"),
        people.NewPerson(row=4, username="a.two", name="丙", role="厨师"),
        people.NewPerson(row=5, username="a.three", name="", role="teacher"),
        people.NewPerson(row=6, username="a.four", name="丁", role="teacher", organisation_code="N1"),
    ]

    def take_in(chosen: list[people.NewPerson]) -> list[tuple[Person, str]]:
        places = [world.port_school, world.south_school]
        return people.import_people(rows=chosen, organisations=places, default=world.port_school, actor=SYSTEM, now=NOW)

    with pytest.raises(RowErrors) as refused:
        take_in(rows)
    assert [(error.row, error.code, error.field) for error in refused.value.errors] == [
        (3, "username_taken", "username"),
        (4, "role_unknown", "role"),
        (5, "required", "name"),
        (6, "organisation_unknown", "organisation_code"),
    ]
    assert not Person.objects.exists()
    ((person, password),) = take_in(rows[:1])
    assert person.check_password(password)
    assert person.grants.get().role == "teacher"


@pytest.mark.parametrize(
    ("kind", "parent", "code"),
    [("school", "awarding", "parent_kind"), ("city", None, "parent_kind"), ("awarding", "north", "parent_kind")],
)
def test_an_organisation_has_its_place(world: World, kind: str, parent: str | None, code: str) -> None:
    above = getattr(world, parent) if parent else None
    with pytest.raises(Refusal) as refused:
        create_organisation(kind=kind, name="新单位", code="X1", parent=above, actor=SYSTEM, now=NOW)
    assert refused.value.code == code
    assert not Organisation.objects.filter(code="X1").exists()
