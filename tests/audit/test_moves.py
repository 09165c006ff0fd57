"""``move``: the table decides, the database's state counts, and a move leaves its traces or none."""

from __future__ import annotations

import pytest
from tests.accounts.world import NOW, World

from jinbang.accreditation.models import Site
from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import move
from jinbang.audit.models import AuditRow, OutboxNotice
from jinbang.core.errors import Refusal
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
