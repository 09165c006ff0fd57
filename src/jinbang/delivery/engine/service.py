"""One process's exam server: store, writer, roster, desks, and the sweep that hands in what is overdue."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from jinbang.config import clock
from jinbang.delivery.domain.rescue import public_key_fields
from jinbang.delivery.engine.candidate import Desk
from jinbang.delivery.engine.postgres_store import PostgresStore
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.roster import Roster
from jinbang.delivery.engine.sqlite_store import SqliteStore
from jinbang.delivery.engine.store import StorageBusy, StorageUnavailable, Store
from jinbang.delivery.engine.uploads import UploadDesk
from jinbang.delivery.engine.workspace import WorkspaceDesk
from jinbang.delivery.engine.writer import Writer
from jinbang.documents.domain.files import path_of

log = logging.getLogger(__name__)

SWEEP_S = 1.0


def clock_ms() -> Callable[[], int]:
    """The installation's clock in milliseconds; whether it can be shifted is settled when the process starts."""
    if clock.clock_file() is None:
        return lambda: time.time_ns() // 1_000_000
    return lambda: int((time.time() + clock.offset_s()) * 1000)


def settle_memory() -> None:
    """Take what is loaded out of the garbage collector's rounds.

    Rosters stay for the whole sitting. Going through them again and again stopped the server for 0.2 s every other
    second under load. What requests leave behind is freed by its counts; the rare cycle may wait for a round.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class Service:
    """Everything of one process, opened and closed together."""

    def __init__(self, store: Store, *, data: Path, writer: type[Writer] = Writer) -> None:
        self.store = store
        self.now_ms = now_ms = clock_ms()
        self.writer = writer(store, now_ms)
        self.roster = Roster(store, now_ms)
        self.desk = Desk(store, self.writer, self.roster, now_ms, public_key_fields(data))
        self.uploads = UploadDesk(self.desk, data / "uploads")
        self.workspace = WorkspaceDesk(self.desk)
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, load the rosters, begin to write and to sweep."""
        await self.store.open()
        await self.roster.start()
        settle_memory()
        self.writer.start()
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    async def close(self) -> None:
        """End the sweep, write what is queued, disconnect."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await self.roster.stop()
        await self.writer.stop()
        await self.store.close()

    async def material(self, digest: str) -> bytes:
        """The sealed material with this SHA-256. Raises ``Refused("not_found")`` unless an open paper names it."""
        released = (keys.answers for keys in self.roster.keys.values())
        if not any(answers is not None and digest in answers.materials for answers in released):
            raise Refused("not_found")
        path = path_of(digest)
        if not path.exists():
            raise Refused("not_found")
        return await asyncio.get_running_loop().run_in_executor(None, path.read_bytes)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.desk.hand_in_due()
            except (StorageBusy, StorageUnavailable) as error:
                log.warning("automatic hand-in waits: %s", error)


def store_from(database: dict[str, Any]) -> Store:
    """The store for an entry of Django's ``DATABASES``."""
    if database["ENGINE"].endswith("sqlite3"):
        return SqliteStore(str(database["NAME"]))
    fields = {
        "dbname": database["NAME"],
        "user": database.get("USER"),
        "password": database.get("PASSWORD"),
        "host": database.get("HOST"),
        "port": database.get("PORT"),
    }
    parts = [f"{name}='{_quoted(str(value))}'" for name, value in fields.items() if value]
    return PostgresStore(" ".join(parts))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def from_settings() -> Service:
    """The service of this installation. Django is set up already."""
    return Service(store_from(settings.DATABASES["default"]), data=Path(settings.DATA_DIR))
