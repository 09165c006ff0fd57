"""Counting working days, for requests that must be answered within some of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta, tzinfo

_SATURDAY = 5


def add_working_days(start: datetime, days: int, zone: tzinfo, holidays: Collection[date] = ()) -> datetime:
    """``start`` moved on by ``days`` working days, at the same wall-clock time in ``zone``.

    Saturdays, Sundays and ``holidays`` do not count: two working days after a Saturday is a Tuesday.
    """
    local = start.astimezone(zone)
    left = days
    while left:
        local += timedelta(days=1)
        if local.weekday() < _SATURDAY and local.date() not in holidays:
            left -= 1
    return local
