"""The wall-clock zone of the programme, and windows as plans print them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from jinbang.core.timing import Window

ZONE = ZoneInfo(settings.TIME_ZONE)


def printed_window(opens_at: datetime, closes_at: datetime) -> Window:
    """The window behind two printed times: an end at 23:59 runs through that minute, one at 00:00 does not."""
    return Window.as_printed(opens_at.astimezone(ZONE), closes_at.astimezone(ZONE))
