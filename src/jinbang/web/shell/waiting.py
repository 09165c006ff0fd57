"""“Waiting for me”: every part says what a person should look at now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from jinbang.accounts.permissions import Access

URGENCIES = ("danger", "warning", "info")


@dataclass(frozen=True)
class WaitingItem:
    """A heap of work: ``count`` things behind ``url``. ``urgency``: danger (today), warning (soon) or info."""

    title: str | Promise
    count: int
    url: str
    urgency: str = "info"
    hint: str | Promise = ""


Source = Callable[[Access], list[WaitingItem]]
_sources: list[Source] = []


def waiting_source(source: Source) -> Source:
    """Register ``source`` (a decorator). It gets the person's ``Access`` (``.person``, ``.now``, ``.can``,
    ``.scope``) and answers with few, indexed counts; items with count 0 are dropped."""
    _sources.append(source)
    return source


def waiting_for(access: Access) -> list[WaitingItem]:
    """Everything that waits for the person, the most urgent first."""
    items = [item for source in _sources for item in source(access) if item.count]
    return sorted(items, key=lambda item: URGENCIES.index(item.urgency))
