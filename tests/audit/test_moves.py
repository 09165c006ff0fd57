"""``move``: the table decides, the database's state counts, and a move leaves its traces or none."""

from __future__ import annotations

import pytest
from django.db import transaction
from tests.accounts.world import NOW, World

from jinbang.accreditation.models import Site
from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import Entry, move, move_all, record, record_all, verify_chain
from jinbang.audit.models import AuditRow, OutboxNotice
from jinbang.core.errors import Refusal, RowErrors
from jinbang.core.lifecycle import IllegalMove


@pytest.fixture
def site(world: World) -> Site:
    return Site.objects.create(
        organisation=world.port_school,
        code="9001",
        name="海港考点",
        address="海港路 1 号",
        contact_name="测试甲",
        contact_phone="13800000001",
        created_at=NOW,
    )


def test_a_move_writes_state_row_and_notice_together(site: Site) -> None:
    move(site, "submit", actor=SYSTEM, now=NOW, audience=[{"role": "accreditation_officer"}])
    site.refresh_from_db()
    row = AuditRow.objects.get(action="site.submit")
    assert (site.state, row.from_state, row.to_state, row.object_key) == (
        "under_review",
        "draft",
        "under_review",
        str(site.pk),
    )
    assert OutboxNotice.objects.get().kind == "site.submit"


def test_a_move_without_an_audience_tells_nobody(site: Site) -> None:
    move(site, "submit", actor=SYSTEM, now=NOW)
    assert not OutboxNotice.objects.exists()


@pytest.mark.parametrize(
    ("event", "reason", "kind"), [("approve", "", IllegalMove), ("no_such_event", "", IllegalMove)]
)
def test_an_illegal_move_leaves_nothing(site: Site, event: str, reason: str, kind: type[Refusal]) -> None:
    before = AuditRow.objects.count()
    with pytest.raises(kind):
        move(site, event, actor=SYSTEM, now=NOW, reason=reason)
    site.refresh_from_db()
    assert (site.state, AuditRow.objects.count()) == ("draft", before)


def test_a_reason_that_the_table_asks_for_must_be_written(site: Site) -> None:
    move(site, "submit", actor=SYSTEM, now=NOW)
    with pytest.raises(Refusal) as refused:
        move(site, "reject", actor=SYSTEM, now=NOW, reason="  ")
    assert refused.value.code == "reason_required"
    move(site, "reject", actor=SYSTEM, now=NOW, reason="座位不足 40 个")
    assert AuditRow.objects.get(action="site.reject").reason == "座位不足 40 个"


def test_the_state_in_the_database_decides_not_the_one_in_memory(site: Site) -> None:
    stale = Site.objects.get(pk=site.pk)
    move(site, "submit", actor=SYSTEM, now=NOW)
    with pytest.raises(IllegalMove):
        move(stale, "submit", actor=SYSTEM, now=NOW)


def sites(world: World, count: int) -> list[Site]:
    return [
        Site.objects.create(
            organisation=world.port_school, code=f"91{number:02d}", name=f"考点{number}", address="海港路 1 号",
            contact_name="测试甲", contact_phone="13800000001", created_at=NOW,
        )
        for number in range(count)
    ]  # fmt: skip


def test_a_batch_moves_all_with_a_row_for_each_and_the_chain_holds(world: World) -> None:
    many = sites(world, 5)
    with transaction.atomic():
        record("site.note", many[0], actor=SYSTEM, now=NOW)
    moved = move_all(reversed(many), "submit", actor=SYSTEM, now=NOW, data=lambda site: {"code": site.code})
    assert [site.state for site in moved] == ["under_review"] * 5
    assert set(Site.objects.values_list("state", flat=True)) == {"under_review"}
    rows = AuditRow.objects.filter(action="site.submit").order_by("seq")
    assert [(row.object_key, row.from_state, row.to_state, row.data) for row in rows] == [
        (str(site.pk), "draft", "under_review", {"code": site.code}) for site in reversed(many)
    ]
    assert verify_chain() == []
    AuditRow.objects.filter(pk=rows[2].pk).update(object_label="别人")
    assert [broken.seq for broken in verify_chain()] == [rows[2].seq]


def test_a_batch_goes_whole_or_not_at_all_and_names_who_stands_in_the_way(world: World) -> None:
    many = sites(world, 4)
    move_all([many[1], many[3]], "submit", actor=SYSTEM, now=NOW)
    before = AuditRow.objects.count()
    with pytest.raises(RowErrors) as refused:
        move_all(many, "submit", actor=SYSTEM, now=NOW)
    assert [(fault.row, fault.field, fault.code) for fault in refused.value.errors] == [
        (2, "考点1", "illegal_move"),
        (4, "考点3", "illegal_move"),
    ]
    assert "考点1" in str(refused.value)
    assert "考点3" in str(refused.value)
    assert sorted(Site.objects.values_list("state", flat=True)) == ["draft"] * 2 + ["under_review"] * 2
    assert AuditRow.objects.count() == before
    with pytest.raises(Refusal) as refused_reason:
        move_all([many[1]], "reject", actor=SYSTEM, now=NOW)
    assert refused_reason.value.code == "reason_required"


def test_a_batch_of_nothing_does_nothing() -> None:
    assert move_all([], "submit", actor=SYSTEM, now=NOW) == []


def test_rows_of_a_batch_belong_in_the_actions_transaction(site: Site) -> None:
    connection = transaction.get_connection()
    connection.in_atomic_block, kept = False, connection.in_atomic_block
    try:
        with pytest.raises(transaction.TransactionManagementError):
            record_all("site.note", [Entry(site)], actor=SYSTEM, now=NOW)
    finally:
        connection.in_atomic_block = kept
