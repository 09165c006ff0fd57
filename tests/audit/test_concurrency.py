"""Two who append at once never fork the chain; and the test is shown able to fail.

Run by real processes against a real database file (or PostgreSQL), not by threads that share a connection.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from tests import migrated

ROOT = Path(__file__).parents[2]
PROCESSES, ROWS = 4, 12
APPEND = """
import sys, time
import django; django.setup()
from datetime import UTC, datetime
from django.db import IntegrityError, OperationalError, transaction
from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import chain
from jinbang.audit.models import AuditRow, ChainHead
locked, rows = sys.argv[1] == "locked", int(sys.argv[2])
if not locked:
    # What a hand without the lock would write: read the head, think, append.
    class Unlocked:
        def get(self, pk):
            head = ChainHead.objects.get(pk=pk)
            time.sleep(0.02)
            return head
    ChainHead.objects.select_for_update = lambda: Unlocked()
lost = 0
for number in range(rows):
    try:
        with transaction.atomic():
            chain.record("race.note", ChainHead(pk=1), actor=SYSTEM, now=datetime(2022, 3, 1, tzinfo=UTC))
    except (IntegrityError, OperationalError):
        lost += 1
print(lost)
"""
PREPARE = """
import django; django.setup()
from jinbang.audit.models import ChainHead
ChainHead.objects.get_or_create(pk=1)
"""
JUDGE = """
import django; django.setup()
from jinbang.audit.domain import verify_chain
from jinbang.audit.models import AuditRow
print(AuditRow.objects.filter(action="race.note").count(), len(verify_chain()))
"""


def run(script: str, data: Path, *arguments: str, deferred: bool = False) -> subprocess.Popen[str]:
    settings = "tests.audit.deferred_settings" if deferred else "jinbang.config.settings"
    environment = {
        **os.environ,
        "JINBANG_DATA": str(data),
        "JINBANG_DATABASE": "",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": settings,
    }
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> list[int]:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return [int(word) for word in output.split()]


def race(data: Path, *, locked: bool) -> tuple[int, int, int]:
    """(appends that failed, rows stored, faults in the chain) after all processes appended at once."""
    migrated.place_sqlite(data)
    finished(run(PREPARE, data))
    mode = "locked" if locked else "unlocked"
    writers = [run(APPEND, data, mode, str(ROWS), deferred=not locked) for _ in range(PROCESSES)]
    lost = sum(finished(writer)[0] for writer in writers)
    stored, faults = finished(run(JUDGE, data))
    return lost, stored, faults


@pytest.mark.skipif(connection.vendor != "sqlite", reason="starts its own embedded database")
def test_processes_that_append_at_once_never_fork_the_chain(tmp_path: Path) -> None:
    assert race(tmp_path, locked=True) == (0, PROCESSES * ROWS, 0)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="starts its own embedded database")
def test_without_the_lock_the_same_race_loses_rows(tmp_path: Path) -> None:
    lost, stored, _faults = race(tmp_path, locked=False)
    assert lost > 0
    assert stored == PROCESSES * ROWS - lost
