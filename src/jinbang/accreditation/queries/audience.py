"""Whom the news of accreditation is for, as audiences of the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from jinbang.accounts.models import Organisation, Role

Audience = Sequence[dict[str, object]]


def managers(school: Organisation) -> Audience:
    """The managers of a school."""
    return [{"role": Role.SCHOOL_MANAGER.value, "organisation": school.pk}]


def site_people(organisation: Organisation) -> Audience:
    """Those who look after a school's sites."""
    return [*managers(organisation), {"role": Role.SITE_MANAGER.value, "organisation": organisation.pk}]


def officers(authority: Organisation) -> Audience:
    """The officers of a provincial or city authority."""
    city = authority.kind == Organisation.Kind.CITY
    role = Role.CITY_OFFICER if city else Role.PROVINCE_OFFICER
    return [{"role": role.value, "organisation": authority.pk}]


def awarding_officers(awarding: Organisation) -> Audience:
    """Those who approve sites and majors for the awarding organisation."""
    return [{"role": Role.ACCREDITATION_OFFICER.value, "organisation": awarding.pk}]
