"""A clock that pages read, and people with roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client
from tests.accreditation import factories as base

from jinbang.accounts.models import Organisation, Person, Role
from jinbang.config import clock


@dataclass(frozen=True)
class People:
    """One person a role."""

    awarding: Organisation
    province: Organisation
    city: Organisation
    school: Organisation
    manager: Person
    city_officer: Person
    province_officer: Person
    accreditation: Person
    exams: Person
    programme: Person
    finance: Person


@pytest.fixture
def at_time(monkeypatch, tmp_path):
    """Call with an instant to make every page live then."""
    monkeypatch.setenv("JINBANG_TEST_CLOCK", str(tmp_path / "clock"))

    def go(instant: datetime) -> None:
        clock.set_test_now(instant)

    go(base.NOW)
    return go


@pytest.fixture
def people(db) -> People:
    awarding, province = base.awarding(), base.province()
    city = base.organisation("city", "C1", "示例市教育局", province)
    school = base.school(parent=city)
    return People(
        awarding, province, city, school,
        manager=base.person("manager", Role.SCHOOL_MANAGER, school),
        city_officer=base.person("city", Role.CITY_OFFICER, city),
        province_officer=base.person("province", Role.PROVINCE_OFFICER, province),
        accreditation=base.person("accreditation", Role.ACCREDITATION_OFFICER, awarding),
        exams=base.person("exams", Role.EXAM_OFFICER, awarding),
        programme=base.person("programme", Role.PROGRAMME_MANAGER, awarding),
        finance=base.person("finance", Role.FINANCE_OFFICER, awarding),
    )  # fmt: skip


@pytest.fixture
def sign_in():
    """A client signed in as somebody."""

    def as_(person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return as_
