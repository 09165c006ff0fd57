"""What a person decides about their own account."""

from __future__ import annotations

from jinbang.accounts.models import Person


def choose_theme(*, person: Person, theme: str) -> None:
    """Keep ``theme`` (auto, light, dark). Effects: the person's row; no audit row, since it changes nobody's rights."""
    person.theme = theme
    person.save(update_fields=["theme"])


def choose_language(*, person: Person, language: str) -> None:
    """Keep ``language`` (a code of ``settings.LANGUAGES``). Effects: the person's row; no audit row."""
    person.language = language
    person.save(update_fields=["language"])
