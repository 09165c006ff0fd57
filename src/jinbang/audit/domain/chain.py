"""Appending to the hash-chained log, and checking that nobody touched it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from jinbang.audit.actor import Actor
from jinbang.audit.models import AuditRow, ChainHead

GENESIS = "0" * 64
_HASHED = (
    "seq", "actor_kind", "actor_key", "actor_label", "impersonator", "organisation_id", "action", "object_type",
    "object_key", "object_label", "from_state", "to_state", "reason", "data", "prev_hash",
)  # fmt: skip


@dataclass(frozen=True)
class BrokenRow:
    """A row of the log that does not fit: ``seq`` names it, ``fault`` says how."""

    seq: int
    fault: str


def row_hash(row: AuditRow) -> str:
    """SHA-256 (hex) over every field of ``row`` but the hash itself, in canonical JSON."""
    fields: dict[str, Any] = {name: getattr(row, name) for name in _HASHED}
    fields["at"] = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """What one row of a batch says about ``obj``; everything else is the same for the whole batch."""

    obj: models.Model
    from_state: str = ""
    to_state: str = ""
    data: Mapping[str, Any] | None = None


def record(
    action: str,
    obj: models.Model,
    *,
    actor: Actor,
    now: datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditRow:
    """Append one row about ``obj`` to the log. Must run inside the transaction of the action itself.

    Effects: one ``AuditRow``; the chain head moves on. Raises if called outside a transaction.
    """
    return record_all(action, [Entry(obj, from_state, to_state, data)], actor=actor, now=now, reason=reason)[0]


def record_all(
    action: str, entries: Iterable[Entry], *, actor: Actor, now: datetime, reason: str = ""
) -> list[AuditRow]:
    """Append one row for every entry, in their order. Must run inside the transaction of the action itself.

    Effects: the ``AuditRow``s, each chained to the one before; the chain head moves on, once. It costs a
    handful of queries and one for every few dozen rows. Raises if called outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit row belongs in its action's transaction")
    ChainHead.objects.get_or_create(pk=1)
    head = ChainHead.objects.select_for_update().get(pk=1)
    rows = [_chained(head, action, entry, actor, now, reason) for entry in entries]
    AuditRow.objects.bulk_create(rows)
    head.save(update_fields=["last_seq", "last_hash"])
    return rows


def _chained(head: ChainHead, action: str, entry: Entry, actor: Actor, now: datetime, reason: str) -> AuditRow:
    """The row after ``head``, which then stands for it."""
    row = AuditRow(
        seq=head.last_seq + 1,
        at=now,
        actor_kind=actor.kind,
        actor_key=actor.key,
        actor_label=actor.label,
        impersonator=actor.impersonator,
        organisation_id=actor.organisation_id,
        action=action,
        object_type=entry.obj._meta.label_lower,
        object_key=str(entry.obj.pk),
        object_label=str(entry.obj)[:300],
        from_state=entry.from_state,
        to_state=entry.to_state,
        reason=reason,
        data=json.loads(json.dumps(dict(entry.data or {}), ensure_ascii=False, default=str)),
        prev_hash=head.last_hash,
    )
    row.hash = row_hash(row)
    head.last_seq, head.last_hash = row.seq, row.hash
    return row


def broken_rows() -> Iterator[BrokenRow]:
    """Walk the whole log and yield every row that was changed, removed or inserted, in order."""
    expected_seq, previous = 1, GENESIS
    for row in AuditRow.objects.order_by("seq").iterator(chunk_size=2000):
        if row.seq != expected_seq:
            yield BrokenRow(expected_seq, f"rows {expected_seq}–{row.seq - 1} are missing")
        elif row.prev_hash != previous:
            yield BrokenRow(row.seq, "does not continue the row before it")
        if row_hash(row) != row.hash:
            yield BrokenRow(row.seq, "was changed after it was written")
        expected_seq, previous = row.seq + 1, row.hash
    head = ChainHead.objects.filter(pk=1).first()
    if head is not None and (head.last_seq, head.last_hash) != (expected_seq - 1, previous):
        yield BrokenRow(head.last_seq, f"the log ends at row {expected_seq - 1}, but {head.last_seq} were written")


def verify_chain() -> list[BrokenRow]:
    """Every fault in the log; an empty list means that it is whole."""
    return list(broken_rows())
