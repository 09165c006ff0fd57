"""People of every role over a certified world, and what they open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.accreditation.factories import ACTOR
from tests.certificates.factories import certified_world
from tests.grading.world import AFTER, Graded

from jinbang.accounts.domain.people import create_person, grant_role
from jinbang.accounts.models import Organisation, Person
from jinbang.audit.actor import SYSTEM
from jinbang.certificates.domain import issuance
from jinbang.config import clock

Enter = Callable[..., Client]


@pytest.fixture
def world(db: None) -> Graded:
    """Released results and issued certificates."""
    made = certified_world()
    issuance.approve_certificates(sitting=made.sitting, actor=ACTOR, now=AFTER)
    issuance.issue_all(sitting=made.sitting, actor=ACTOR, now=AFTER)
    return made


def staff(username: str, organisation: Organisation, *roles: str) -> Person:
    """Someone at ``organisation`` with ``roles`` there."""
    now = clock.now()
    made = create_person(
        username=username, name=f"测试{username}", organisation=organisation, actor=SYSTEM, now=now,
        password="moss-kettle-41", must_change_password=False,
    )  # fmt: skip
    for role in roles:
        grant_role(person=made, role=role, organisation=organisation, actor=SYSTEM, now=now)
    return made


@pytest.fixture
def enter() -> Enter:
    """A signed-in browser of a new person with the roles."""

    def go(organisation: Organisation, *roles: str, name: str = "") -> Client:
        username = name or "-".join(roles).replace("_", "-") or "nobody"
        person = Person.objects.filter(username=username).first() or staff(username, organisation, *roles)
        client = Client()
        response = client.post("/sign-in/", {"username": person.username, "password": "moss-kettle-41"})
        assert response.status_code == 302
        return client

    return go
