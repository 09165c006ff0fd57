"""“Coming up”: the next dates a person should know, brought by the parts of the site and shown on the home page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.timezone import localdate

from jinbang.accounts.permissions import Access
from jinbang.web.shell.panels import Panel, home_panel

#: How far ahead, and how many at most.
AHEAD = timedelta(days=60)
MOST = 6


@dataclass(frozen=True)
class Moment:
    """Something that begins or ends ``at`` an instant; ``about`` names what it belongs to."""

    at: datetime
    title: str | Promise
    about: str
    url: str


@dataclass(frozen=True)
class Coming:
    """A moment with the days there are left, by the calendar of the programme's zone (0: today)."""

    moment: Moment
    days: int


Source = Callable[[Access, datetime], Iterable[Moment]]
_sources: list[Source] = []


def agenda_source(source: Source) -> Source:
    """Register ``source`` (a decorator). It gets the person's ``Access`` and the last instant of interest, and answers
    with moments after ``access.now``; later and past ones are dropped."""
    _sources.append(source)
    return source


def coming_up(access: Access) -> list[Coming]:
    """The next moments, the soonest first."""
    until = access.now + AHEAD
    found = [one for source in _sources for one in source(access, until) if access.now < one.at <= until]
    found.sort(key=lambda one: (one.at, one.about))
    today = localdate(access.now)
    return [Coming(one, (localdate(one.at) - today).days) for one in found[:MOST]]


@home_panel
def agenda(access: Access) -> Panel | None:
    """The panel of the home page; none when nothing is near."""
    found = coming_up(access)
    return Panel("shell/_agenda.html", found) if found else None
