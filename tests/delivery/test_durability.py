"""An acknowledgement waits for the disk; and the check that says so can fail."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests import migrated

from jinbang.delivery.drill import http
from jinbang.delivery.drill.cli import rehearse
from jinbang.delivery.drill.faults import FAULTS
from jinbang.delivery.drill.http import NoReply
from jinbang.delivery.drill.installation import DEFAULT_APP
from jinbang.delivery.drill.rehearsal import Plan
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.sqlite_store import SqliteStore
from jinbang.delivery.engine.store import StepsOp, StorageUnavailable
from jinbang.delivery.engine.writer import Writer

from .conftest import ROOT, Installation, Site


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A database with four attempts that run, no server."""
    folder = tmp_path_factory.mktemp("small")
    installation = Installation(folder / "site")
    migrated.place_sqlite(folder / "site" / "data")
    tickets = installation.build(candidates=4, minutes=60, starts_in_s=-60)
    path = folder / "site" / "data" / "jinbang.sqlite3"
    import pysqlite3.dbapi2 as sqlite3

    with sqlite3.connect(str(path)) as connection:
        connection.execute("UPDATE delivery_attempt SET state = 'running', generation = 1")
    connection.close()
    return path, [ticket.attempt for ticket in tickets]


class HeldStore(SqliteStore):
    """Stops between write and commit until told, then commits or fails."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.written, self.go_on, self.fail = asyncio.Event(), asyncio.Event(), False

    async def _make_durable(self) -> None:
        self.written.set()
        await self.go_on.wait()
        if self.fail:
            self._write.execute("ROLLBACK")
            raise StorageUnavailable("the disk is gone")
        await super()._make_durable()


async def _stored(path: Path, attempt: int) -> int:
    reader = SqliteStore(str(path))
    await reader.open()
    try:
        return len(await reader.steps(attempt, 0, 100))
    finally:
        await reader.close()


@pytest.mark.parametrize("fail", [False, True])
async def test_no_acknowledgement_between_write_and_commit(small: tuple[Path, list[int]], fail: bool) -> None:
    path, attempts = small
    attempt = attempts[int(fail)]
    store = HeldStore(str(path))
    await store.open()
    writer = Writer(store, lambda: 1_700_000_000_000)
    writer.start()
    answer = asyncio.create_task(writer.submit(StepsOp(attempt, 1, [(65537, "e1", "A", 1)])))
    await store.written.wait()
    await asyncio.sleep(0.3)
    assert not answer.done()
    assert await _stored(path, attempt) == 0
    store.fail = fail
    store.go_on.set()
    if fail:
        with pytest.raises(Refused, match="storage_unavailable"):
            await answer
    else:
        await answer
    assert await _stored(path, attempt) == (0 if fail else 1)
    await writer.stop()
    await store.close()


async def test_a_server_that_dies_between_write_and_commit_acknowledged_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    installation = Installation(tmp_path / "site", app="tests.delivery.apps:dying")
    migrated.place_sqlite(tmp_path / "site" / "data")
    try:
        site = Site(installation, installation.build(candidates=2, minutes=60, starts_in_s=-60))
        installation.start()
        candidate = site.candidate()
        await candidate.sign_in()
        await candidate.start()
        (tmp_path / "site" / "data" / "die").touch()
        candidate.give_up_s = 0.5
        monkeypatch.setattr(http, "TIMEOUT_S", 1.0)  # the dead server's socket still takes connections
        seq = candidate.type("e1", "A")
        with pytest.raises(NoReply):
            await candidate.save()
        assert seq in candidate.unsent
        assert installation.books()["stored"] == 0
        (tmp_path / "site" / "data" / "die").unlink()
        installation.end_servers()
        installation.start()
        monkeypatch.undo()
        candidate.give_up_s = 20
        await candidate.save()
        assert not candidate.unsent
        assert installation.books()["stored"] == 1
    finally:
        installation.close()


SHORT = Plan(["kill", "disk", "repeat"], answers_s=0.4, lasting_s=1, calm_s=1)
ALL = Plan(list(FAULTS), answers_s=0.4, lasting_s=2)


def drill(folder: Path, candidates: int, plan: Plan, app: str = DEFAULT_APP) -> dict[str, Any]:
    installation = Installation(folder / "site", app=app, own_clock=True)
    migrated.place_sqlite(folder / "site" / "data")
    return rehearse(installation, candidates, plan)


@pytest.mark.parametrize(
    ("candidates", "plan"), [(10, SHORT), pytest.param(40, ALL, marks=pytest.mark.soak)], ids=["short", "all"]
)
def test_a_drill_with_real_acknowledgements_loses_nothing(tmp_path: Path, candidates: int, plan: Plan) -> None:
    report = drill(tmp_path, candidates, plan)
    assert (report["lost"], report["duplicated"], report["receipts_wrong"]) == (0, 0, 0)
    assert report["acked"] == report["stored"] > 0
    assert report["ok"], report


def test_a_drill_notices_acknowledgements_that_do_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    report = drill(tmp_path, 10, Plan(["kill"], answers_s=0.2), "tests.delivery.apps:eager")
    assert report["lost"] > 0
    assert not report["ok"]
