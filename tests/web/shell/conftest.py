"""Signed-in clients over the small world."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from tests.accounts.world import PASSWORD, World, build_world

from jinbang.accounts.models import Person
from jinbang.config import clock


@pytest.fixture
def world(db: None) -> World:
    """Organisations without people, as of now: pages read the site's clock."""
    return build_world(clock.now())


@pytest.fixture
def sign_in() -> Iterator[Callable[[Person], Client]]:
    """A browser in which the person has signed in through the page."""

    def enter(person: Person) -> Client:
        client = Client()
        response = client.post("/sign-in/", {"username": person.username, "password": PASSWORD})
        assert response.status_code == 302
        return client

    return enter
