"""Exam servers that are broken on purpose, to prove that the checks notice."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from jinbang.delivery.engine.app import Application
from jinbang.delivery.engine.service import Service, store_from
from jinbang.delivery.engine.sqlite_store import SqliteStore
from jinbang.delivery.engine.store import Op, Result, Saved, StepsOp
from jinbang.delivery.engine.writer import Writer

DATA = Path(settings.DATA_DIR)


class DiesBeforeCommit(SqliteStore):
    """Writes a batch, and loses power before COMMIT when the file ``die`` is there."""

    async def _make_durable(self) -> None:
        if (DATA / "die").exists():
            os._exit(9)
        await super()._make_durable()


class EagerWriter(Writer):
    """Acknowledges answers at once and writes them a second later: what must never be done."""

    async def submit(self, op: Op) -> Result:
        """Answers are 'saved' before they are; everything else is done properly."""
        if not isinstance(op, StepsOp):
            await asyncio.sleep(1.2)
            return await super().submit(op)
        asyncio.get_running_loop().call_later(1.0, self._later, op)
        return Saved()

    def _later(self, op: Op) -> None:
        asyncio.get_running_loop().create_task(super().submit(op))


def _dying() -> Service:
    return Service(DiesBeforeCommit(str(settings.DATABASES["default"]["NAME"])), data=DATA)


def _eager() -> Service:
    return Service(store_from(settings.DATABASES["default"]), data=DATA, writer=EagerWriter)


dying: Any = Application(_dying)
eager: Any = Application(_eager)
