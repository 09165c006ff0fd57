"""The chained log: one row an action, every tampering named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from tests.accounts.world import NOW, World

from jinbang.audit.actor import SYSTEM, Actor
from jinbang.audit.domain import record, verify_chain
from jinbang.audit.domain.chain import GENESIS, row_hash
from jinbang.audit.models import AuditRow, ChainHead


def write(world: World, count: int) -> None:
    start = AuditRow.objects.count()
    for number in range(count):
        with transaction.atomic():
            record("test.note", world.north, actor=SYSTEM, now=NOW, reason=f"第{start + number}次", data={"n": number})


def test_rows_are_numbered_without_gaps_and_chained(world: World) -> None:
    write(world, 5)
    rows = list(AuditRow.objects.all())
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0].prev_hash == GENESIS
    assert [row.prev_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert verify_chain() == []


@pytest.mark.django_db(transaction=True)
def test_a_row_outside_its_actions_transaction_is_refused() -> None:
    with pytest.raises(TransactionManagementError):
        record("test.note", AuditRow(seq=1), actor=SYSTEM, now=NOW)


def test_a_row_of_an_action_that_failed_is_gone(world: World) -> None:
    before = AuditRow.objects.count()

    @transaction.atomic
    def failing() -> None:
        record("test.note", world.north, actor=SYSTEM, now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert AuditRow.objects.count() == before
    write(world, 1)
    assert verify_chain() == []


FIELDS = {
    "at": NOW + timedelta(seconds=1),
    "actor_label": "别人",
    "impersonator": "x",
    "organisation_id": 99,
    "action": "test.other",
    "object_key": "77",
    "from_state": "a",
    "to_state": "b",
    "reason": "改过",
    "data": {"n": 9},
    "hash": "f" * 64,
}


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_changed_field_names_its_row(world: World, field: str) -> None:
    write(world, 4)
    seq = AuditRow.objects.count() - 2
    AuditRow.objects.filter(seq=seq).update(**{field: FIELDS[field]})
    assert seq in {fault.seq for fault in verify_chain()}


def test_a_row_rewritten_with_a_fitting_hash_breaks_the_next(world: World) -> None:
    write(world, 4)
    seq = AuditRow.objects.count() - 2
    row = AuditRow.objects.get(seq=seq)
    row.reason = "悄悄改写"
    AuditRow.objects.filter(seq=seq).update(reason=row.reason, hash=row_hash(row))
    assert [(fault.seq, fault.fault) for fault in verify_chain()] == [(seq + 1, "does not continue the row before it")]


def test_a_removed_row_and_a_cut_tail_are_named(world: World) -> None:
    write(world, 4)
    last = AuditRow.objects.count()
    AuditRow.objects.filter(seq=last - 1).delete()
    assert verify_chain()[0].seq == last - 1
    AuditRow.objects.filter(seq=last).delete()
    assert verify_chain()[0].fault == f"the log ends at row {last - 2}, but {last} were written"


def test_a_head_rewritten_to_hide_a_cut_tail_is_beyond_the_chain_alone(world: World) -> None:
    """The limit of a chain kept in one place: who owns the database can cut its end. The head's hash noted elsewhere
    (the doctor prints it) is the remedy; this test states what the chain alone shows."""
    write(world, 2)
    last = AuditRow.objects.get(seq=AuditRow.objects.count())
    AuditRow.objects.filter(seq=last.seq).delete()
    ChainHead.objects.filter(pk=1).update(last_seq=last.seq - 1, last_hash=last.prev_hash)
    assert verify_chain() == []


def test_the_impersonator_is_on_the_row(world: World) -> None:
    actor = Actor(kind="person", key="5", label="甲", impersonator="乙 (yi)", organisation_id=world.north.pk)
    row = record("test.note", world.north, actor=actor, now=NOW)
    row.refresh_from_db()
    assert (row.actor_label, row.impersonator, row.organisation_id) == ("甲", "乙 (yi)", world.north.pk)
