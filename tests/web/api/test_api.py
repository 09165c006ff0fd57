"""The read interface: described by OpenAPI, closed to strangers."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_openapi_names_every_operation() -> None:
    schema = Client().get("/api/openapi.json").json()
    assert sorted(schema["paths"]) == ["/api/certificates/check", "/api/results", "/api/sittings"]


@pytest.mark.parametrize("path", ["/api/sittings", "/api/results?sitting=x"])
def test_strangers_are_turned_away(path: str) -> None:
    assert Client().get(path).status_code == 401


def test_an_unknown_certificate_is_not_found() -> None:
    answer = Client().get("/api/certificates/check", {"number": "ZY0", "name": "某人"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "no certificate with this number and holder"})
