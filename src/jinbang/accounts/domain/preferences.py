"""Small remembered choices of a person."""

from __future__ import annotations

from typing import Any

from jinbang.accounts.models import Person, Preference


def preference(person: Person, key: str) -> Any:
    """What ``person`` chose for ``key``; None if nothing."""
    return Preference.objects.filter(person=person, key=key).values_list("value", flat=True).first()


def remember(person: Person, key: str, value: Any) -> None:
    """Keep ``value`` (JSON) as the choice for ``key``. Effects: one ``Preference`` row, no audit row."""
    Preference.objects.update_or_create(person=person, key=key, defaults={"value": value})
