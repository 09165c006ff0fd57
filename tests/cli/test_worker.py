"""Background work: sweeps as they fall due, one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from jinbang.audit import sweeps
from jinbang.cli.worker import BackgroundWorker, load_tasks


@pytest.fixture
def only() -> Iterator[dict[str, sweeps.Sweep]]:
    load_tasks()
    kept = dict(sweeps._sweeps)
    sweeps._sweeps.clear()
    yield sweeps._sweeps
    sweeps._sweeps.clear()
    sweeps._sweeps.update(kept)


def test_tasks_of_every_app_are_loaded(db: None) -> None:
    load_tasks()
    names = {sweep.name for sweep in sweeps.sweeps()}
    assert {"accounts.tasks.dispatch", "accounts.tasks.email", "accounts.tasks.sessions"} <= names


@pytest.mark.django_db
def test_a_sweep_runs_when_due_and_a_failure_stops_nobody(
    only: dict[str, sweeps.Sweep], caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []

    @sweeps.sweep(every_s=3600)
    def a_fails(now: datetime) -> int:
        ran.append("a")
        raise RuntimeError("broken sweep")

    @sweeps.sweep(every_s=0)
    def b_works(now: datetime) -> int:
        ran.append("b")
        return 1

    worker = BackgroundWorker()
    worker.run_due()
    worker.run_due()
    assert ran == ["a", "b", "b"]
    assert "broken sweep" in caplog.text


@pytest.mark.django_db
def test_stopping_ends_before_the_next_sweep(only: dict[str, sweeps.Sweep]) -> None:
    ran: list[str] = []
    worker = BackgroundWorker()

    @sweeps.sweep(every_s=0)
    def a_stops(now: datetime) -> int:
        ran.append("a")
        worker.stop()
        return 0

    @sweeps.sweep(every_s=0)
    def b_never(now: datetime) -> int:
        ran.append("b")
        return 0

    worker.run()
    assert ran == ["a"]
