"""Panels of the home page below “waiting for me”: parts of the site bring them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jinbang.accounts.permissions import Access


@dataclass(frozen=True)
class Panel:
    """A piece of the home page: its template gets ``data`` as ``panel``."""

    template: str
    data: Any


Source = Callable[[Access], Panel | None]
_sources: list[Source] = []


def home_panel(source: Source) -> Source:
    """Register ``source`` (a decorator). It gets the person's ``Access``; None when there is nothing to show."""
    _sources.append(source)
    return source


def panels_for(access: Access) -> list[Panel]:
    """Every panel that has something to show."""
    return [panel for source in _sources if (panel := source(access)) is not None]
