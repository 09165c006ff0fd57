"""The doctor names what is wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from tests.accounts.world import World

from jinbang.audit.models import AuditRow, OutboxNotice
from jinbang.cli import doctor
from jinbang.config import clock
from jinbang.config.checks import open_key_files, private_keys, safe_sqlite


def levels(look: Any) -> dict[str, str]:
    return {finding.text: finding.level for finding in look()}


def test_a_tampered_row_is_named(world: World) -> None:
    assert set(levels(doctor.audit_log).values()) == {"fine"}
    AuditRow.objects.filter(seq=2).update(reason="改过")
    assert levels(doctor.audit_log)["row 2: was changed after it was written"] == "bad"


def test_a_notice_that_waits_too_long_is_bad(world: World) -> None:
    made = OutboxNotice.objects.create(created_at=clock.now(), kind="x", object_type="x", object_key="1")
    assert levels(doctor.waiting_work)["1 notices wait"] == "fine"
    OutboxNotice.objects.filter(pk=made.pk).update(created_at=clock.now() - timedelta(minutes=11))
    assert "bad" in levels(doctor.waiting_work).values()


def test_a_key_that_others_can_read_is_named() -> None:
    key = Path(settings.DATA_DIR) / "keys" / "loose.key"
    key.write_bytes(b"x")
    key.chmod(0o644)
    try:
        assert open_key_files() == [key]
        assert [warning.id for warning in private_keys(None)] == ["jinbang.W001"]
        assert any(finding.level == "bad" and "loose.key" in finding.text for finding in doctor.disk())
    finally:
        key.unlink()


def test_this_process_runs_on_a_safe_sqlite() -> None:
    assert safe_sqlite(None) == []


def test_a_test_clock_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINBANG_TEST_CLOCK", str(tmp_path / "clock"))
    (finding,) = doctor.site_clock()
    assert finding.level == "note"


@pytest.mark.sandbox
def test_the_report_is_one_object_on_the_last_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    status = doctor.main(["--json"])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    parts = {finding["part"] for finding in report["findings"]}
    assert {"versions", "database", "sandbox", "fonts", "clock", "audit", "outbox", "disk", "keys"} <= parts
    assert (status == 0) is report["ok"]
