"""Which authorities stand above a school."""

from __future__ import annotations

from collections.abc import Iterator

from jinbang.accounts.models import Organisation


def ancestors(organisation: Organisation) -> Iterator[Organisation]:
    """The organisations above, nearest first."""
    here = organisation.parent
    while here is not None:
        yield here
        here = here.parent


def province_of(school: Organisation) -> Organisation | None:
    """The province-level authority above a school (also 兵团 and 国开), or ``None``."""
    return next((up for up in ancestors(school) if up.kind == Organisation.Kind.PROVINCE), None)


def city_of(school: Organisation) -> Organisation | None:
    """The city authority above a school, or ``None`` where it is under the province directly."""
    return next((up for up in ancestors(school) if up.kind == Organisation.Kind.CITY), None)


def awarding_organisation() -> Organisation | None:
    """The awarding organisation of this installation."""
    return Organisation.objects.filter(kind=Organisation.Kind.AWARDING, is_active=True).order_by("pk").first()
