"""Reading one's messages."""

from __future__ import annotations

from datetime import datetime

from jinbang.accounts.models import InboxMessage, Person


def mark_read(*, message: InboxMessage, now: datetime) -> None:
    """Note that the message was opened. Effects: its ``read_at``, once."""
    InboxMessage.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=now)


def mark_all_read(*, person: Person, now: datetime) -> int:
    """Note that every message of ``person`` was seen; how many were new."""
    return InboxMessage.objects.filter(person=person, read_at__isnull=True).update(read_at=now)
