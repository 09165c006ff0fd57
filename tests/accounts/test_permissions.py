"""Who may do what, where and when; and that the access table is complete."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Q
from django.http import Http404
from tests.accounts.world import NOW, World

from jinbang.accounts.access import ACCESS, SYSTEM_MOVES
from jinbang.accounts.models import Organisation, Role
from jinbang.accounts.permissions import covered_organisations, has_role, holders, scoped_get
from jinbang.core.lifecycle import MACHINES

ALL = {"AW", "NP", "SP", "SC", "N1", "S1", "S2"}


@pytest.mark.parametrize(
    ("place", "role", "reached"),
    [
        ("awarding", "exam_officer", ALL),
        ("south", "province_officer", {"SP", "SC", "S1", "S2"}),
        ("port", "city_officer", {"SC", "S1"}),
        ("south_school", "school_manager", {"S2"}),
    ],
)
def test_a_grant_reaches_its_subtree(world: World, place: str, role: str, reached: set[str]) -> None:
    person = world.person("who", getattr(world, place), role)
    found = covered_organisations(person, NOW)
    assert set(found.values_list("code", flat=True)) == reached
    scope = world.access(person).scope_of_roles({role})
    assert {place.code for place in Organisation.objects.all() if scope.covers(place)} == reached


def test_everything_stays_everything_in_an_or(world: World) -> None:
    scope = world.access(world.person("who", world.awarding, "exam_officer")).scope("site.view")
    assert scope.everything
    narrow = Q(code="S1")
    for condition in (scope.q() | narrow, narrow | scope.q(), scope.q("parent") | narrow):
        assert set(Organisation.objects.filter(condition).values_list("code", flat=True)) == ALL
    assert set(Organisation.objects.filter(scope.q() & narrow).values_list("code", flat=True)) == {"S1"}
    assert not Organisation.objects.exclude(scope.q()).exists()


def test_without_grants_nothing_is_reached(world: World) -> None:
    person = world.person("who", world.south_school)
    access = world.access(person)
    assert not access.scope("site.view")
    assert not Organisation.objects.filter(access.scope("site.view").q()).exists()
    assert not access.can("site.view")


def test_a_grant_counts_from_its_start_until_before_its_end(world: World) -> None:
    person = world.person("who", world.port_school)
    start, end = NOW + timedelta(days=1), NOW + timedelta(days=2)
    world.grant(person, Role.INVIGILATOR, world.port_school, valid_from=start, valid_until=end)
    instants = [start - timedelta(microseconds=1), start, end - timedelta(microseconds=1), end]
    held = [has_role(person, {Role.INVIGILATOR}, world.port_school, instant) for instant in instants]
    assert held == [False, True, True, False]


def test_a_closed_organisation_or_account_suspends_its_grants(world: World) -> None:
    person = world.person("who", world.port_school, "school_manager")
    Organisation.objects.filter(pk=world.port_school.pk).update(is_active=False)
    assert not has_role(person, {"school_manager"}, world.port_school, NOW)


def test_roles_do_not_mix_across_organisations(world: World) -> None:
    person = world.person("who", world.port_school, "school_manager")
    world.grant(person, Role.TEACHER, world.north_school)
    access = world.access(person)
    assert access.can("candidate.import", world.port_school)
    assert not access.can("candidate.import", world.north_school)
    assert access.can("practice.oversee", world.north_school)


def test_the_state_decides_who_may_return_an_application(world: World) -> None:
    city = world.access(world.person("city", world.port, "city_officer"))
    province = world.access(world.person("province", world.south, "province_officer"))
    for state, who in [("city_review", city), ("province_review", province)]:
        other = province if who is city else city
        assert who.can("pilot_application.return", world.port_school, state=state)
        assert not other.can("pilot_application.return", world.port_school, state=state)


def test_one_query_answers_every_question(world: World, django_assert_num_queries: object) -> None:
    access = world.access(world.person("who", world.south, "province_officer"))
    place = Organisation.objects.select_related("parent__parent__parent").get(pk=world.port_school.pk)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert access.can("site.view", place)
        assert access.can("declaration.publish", place)
        assert not access.can("site.approve", place)


def test_a_foreign_object_does_not_exist(world: World) -> None:
    access = world.access(world.person("who", world.south, "province_officer"))
    mine = Organisation.objects.filter(access.scope("organisation.view").q())
    assert scoped_get(mine, world.port_school.pk) == world.port_school
    for pk in (world.north_school.pk, 10**9):
        with pytest.raises(Http404):
            scoped_get(mine, pk)


def test_holders_are_those_at_exactly_the_organisation(world: World) -> None:
    here = world.person("here", world.port_school, "school_manager")
    world.person("there", world.south_school, "school_manager")
    assert list(holders({"school_manager"}, world.port_school, NOW)) == [here]


def test_every_move_of_every_machine_is_in_the_access_table_or_is_the_systems() -> None:
    missing = []
    for machine in MACHINES.values():
        for step in machine.transitions:
            ability = f"{machine.name}.{step.event}"
            if ability in SYSTEM_MOVES or ability in ACCESS or f"{ability}@{step.source}" in ACCESS:
                continue
            missing.append(f"{ability}@{step.source}")
    assert missing == []


def test_every_ability_has_a_role_and_every_role_an_ability() -> None:
    assert all(ACCESS.values())
    assert frozenset(Role.values) == frozenset.union(*ACCESS.values())
