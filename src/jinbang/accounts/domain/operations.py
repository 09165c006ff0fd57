"""Long work that a person watches: begun in a view, advanced by a task, closed with a result or an error."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jinbang.accounts.models import Operation, Person


def begin_operation(*, person: Person, title: str, now: datetime, total: int = 0) -> Operation:
    """A new operation of ``person``. Give its ``key`` to the task; show it at ``operation`` (URL name)."""
    return Operation.objects.create(person=person, title=title, started_at=now, total=total)


def advance_operation(*, key: UUID | str, done: int, total: int | None = None, note: str = "") -> None:
    """Say how far it is. Harmless after the end."""
    changes: dict[str, object] = {"done": done, "note": note[:300]}
    if total is not None:
        changes["total"] = total
    Operation.objects.filter(pk=key, finished_at__isnull=True).update(**changes)


def finish_operation(*, key: UUID | str, now: datetime, result_url: str = "", note: str = "", error: str = "") -> None:
    """Close it: with the address of what came out, or with ``error`` in words for people. Once only."""
    Operation.objects.filter(pk=key, finished_at__isnull=True).update(
        finished_at=now, result_url=result_url, note=note[:300], error=error
    )
