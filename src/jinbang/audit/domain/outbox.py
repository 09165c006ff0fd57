"""What happens to a notice after it was written: told, or tried in vain."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from jinbang.audit.models import OutboxNotice


def mark_dispatched(*, pk: int, now: datetime) -> None:
    """The notice is in its audience's inboxes. Effects: ``dispatched_at``; tries and error are forgotten."""
    OutboxNotice.objects.filter(pk=pk).update(dispatched_at=now, last_error="", tries=0)


def note_failure(*, pk: int, error: str) -> None:
    """Telling it failed once more. Effects: one more try, and the error in words."""
    OutboxNotice.objects.filter(pk=pk).update(tries=F("tries") + 1, last_error=error)
