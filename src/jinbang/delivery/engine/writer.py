"""Group commit: what arrives while one commit waits for the disk goes into the next one, together.

A request's future is resolved after the commit of its batch and never before. When the queue is long or
the database away, requests are refused with a time to come back instead of piling up.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections.abc import Callable, Sequence

from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.store import (
    Op,
    Presence,
    Result,
    StorageBusy,
    StorageUnavailable,
    Store,
)

log = logging.getLogger(__name__)

MAX_BATCH = 400
MAX_QUEUE = 6000
LINGER_S, ENOUGH = 0.06, 16
PRESENCE_EVERY_S = 1.0
MAX_FLUSH = 400
BUSY_WAIT_S = 0.003
BUSY_TRIES = 2000
Pending = tuple[Op, "asyncio.Future[Result]"]


class Writer:
    """The one writer of a process. ``now_ms`` is the installation's clock."""

    def __init__(self, store: Store, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._queue: list[Pending] = []
        self._presence: dict[int, Presence] = {}
        self._flushing: dict[int, Presence] = {}
        self._wake = asyncio.Event()
        self._enough = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._flushed_at = 0.0

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Write what is queued, then end."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

    @property
    def queued(self) -> int:
        """Operations waiting for the next batch."""
        return len(self._queue)

    async def submit(self, op: Op) -> Result:
        """The result of ``op`` once it is durable. Raises ``Refused``: ``busy``, ``storage_unavailable``."""
        if len(self._queue) >= MAX_QUEUE or self._stopping:
            raise Refused("busy", retry_after_ms=random.randint(500, 2000))  # noqa: S311 - spreads load only
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((op, future))
        if len(self._queue) == 1:
            self._wake.set()
        elif len(self._queue) == ENOUGH:
            self._enough.set()
        return await future

    def note(self, attempt: int, presence: Presence) -> None:
        """Keep the newest presence of a seat for the next flush."""
        before = self._presence.get(attempt)
        if before is not None:
            presence.last_seq = max(presence.last_seq, before.last_seq)
            presence.saved_at = presence.saved_at or before.saved_at
        self._presence[attempt] = presence

    async def _run(self) -> None:
        while not self._stopping or self._queue:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if self._flushing else PRESENCE_EVERY_S):
                    await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._gather()
                batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
                await self._write(batch)
                await self._flush_when_due()
            await self._flush_when_due()

    async def _gather(self) -> None:
        """Give the others a moment to join: a commit costs the same for one as for many, and nobody notices 60 ms."""
        if len(self._queue) >= ENOUGH or self._stopping:
            return
        self._enough.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await self._enough.wait()

    async def _write(self, batch: list[Pending]) -> None:
        try:
            results = await self._commit([op for op, _ in batch])
        except StorageUnavailable as error:
            log.error("nothing of %d operations stored: %s", len(batch), error)
            for _, future in batch:
                _fail(future, Refused("storage_unavailable", retry_after_ms=1000))
            await asyncio.sleep(0.2)
        except Exception:  # noqa: BLE001 - whatever it is, it is one operation's fault, found below
            await self._write_apart(batch)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)

    async def _write_apart(self, batch: list[Pending]) -> None:
        """One operation of the batch is at fault: store the others and let only that one fail."""
        for op, future in batch:
            try:
                results = await self._commit([op])
            except StorageUnavailable:
                _fail(future, Refused("storage_unavailable", retry_after_ms=1000))
            except Exception as error:
                log.exception("operation %s cannot be stored", type(op).__name__)
                _fail(future, error)
            else:
                if not future.done():
                    future.set_result(results[0])

    async def _commit(self, ops: Sequence[Op]) -> list[Result]:
        for _ in range(BUSY_TRIES):
            try:
                return await self._store.commit(ops, self._now_ms())
            except StorageBusy:
                await asyncio.sleep(BUSY_WAIT_S)
        raise StorageUnavailable("another process kept the database locked")

    async def _flush_when_due(self) -> None:
        """A part at a time, so that no answer waits behind thousands of heartbeats."""
        tick = asyncio.get_running_loop().time()
        if not self._flushing and tick - self._flushed_at >= PRESENCE_EVERY_S:
            self._flushing, self._presence, self._flushed_at = self._presence, {}, tick
        if not self._flushing:
            return
        part = dict(itertools.islice(self._flushing.items(), MAX_FLUSH))
        try:
            await self._store.flush_presence(part)
        except (StorageBusy, StorageUnavailable) as error:
            log.warning("the board trails: %s", error)
            newer, self._presence, self._flushing = self._presence, self._flushing, {}
            for attempt, presence in newer.items():
                self.note(attempt, presence)
        else:
            for attempt in part:
                del self._flushing[attempt]


def _fail(future: asyncio.Future[Result], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
