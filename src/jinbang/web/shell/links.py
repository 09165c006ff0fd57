"""Where an object of the log or of a notice can be looked at."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

_pages: dict[str, str] = {}


def object_pages(pages: dict[str, str]) -> None:
    """Say which URL name (with the primary key as its argument) shows a model: ``{"accreditation.site": "site"}``.

    Called from ``register`` modules; used by the inbox and the audit log.
    """
    _pages.update(pages)


def object_url(object_type: str, key: str) -> str:
    """The page of an object, or "" if nobody registered one."""
    try:
        return reverse(_pages[object_type], args=[key]) if object_type in _pages else ""
    except NoReverseMatch:
        return ""
