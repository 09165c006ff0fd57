"""Files of practical tasks: resumable chunks on disk, hashed and kept by content when they are whole."""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jinbang.delivery.engine import messages
from jinbang.delivery.engine.candidate import CHUNK, Desk
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.roster import Seat
from jinbang.delivery.engine.store import BeginUploadOp, EndUploadOp, UploadRow
from jinbang.documents.domain.files import keep_bytes, path_of

MAX_BYTES = 32 << 20
Answer = dict[str, Any]


class UploadDesk:
    """Uploads of every attempt; parts lie in ``folder`` until they are whole."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self._folder = folder
        self._disk = ThreadPoolExecutor(4, thread_name_prefix="upload")
        folder.mkdir(parents=True, exist_ok=True)

    async def begin(self, seat: Seat, given: messages.BeginUpload) -> Answer:
        """Open a version, or find the one that was begun."""
        generation = await self._desk.require_running(seat)
        self._check(seat, given)
        now = self._desk.now_ms()
        op = BeginUploadOp(seat.row.id, generation, given.item, given.name, given.size, given.sha256, "file", now)
        row = await self._desk.writer.submit(op)
        if not isinstance(row, UploadRow):
            raise Refused("busy", retry_after_ms=5000)
        answer: Answer = {"upload": row.upload, "version": row.version, "chunk": CHUNK, "complete": False}
        if row.completed_at is not None:
            return {**answer, "received": row.size, "complete": True, "receipt": receipt(row)}
        if row.size == 0:
            await self._end(row)
            return {**answer, "received": 0, "complete": True, "receipt": await self._receipt(row)}
        return {**answer, "received": self._received(row)}

    def _check(self, seat: Seat, given: messages.BeginUpload) -> None:
        now = self._desk.now_ms()
        times = seat.times(now)
        if times.paused:
            raise Refused("paused")
        if now >= times.auto_at:
            raise Refused("grace_over", when=times.closes)
        if given.size > MAX_BYTES:
            raise Refused("too_large")
        keys = self._desk.roster.keys.get(seat.row.paper_set)
        names = keys.answers.files.get(given.item) if keys is not None and keys.answers is not None else None
        if names is None or given.name not in names:
            raise Refused("not_found")

    async def append(self, seat: Seat, upload: int, offset: int, data: bytes) -> Answer:
        """Take in a chunk; acknowledged once it is flushed to disk."""
        rows = [row for row in await self._desk.store.uploads(seat.row.id) if row.upload == upload]
        if not rows:
            raise Refused("not_found")
        row = rows[0]
        if row.completed_at is not None:
            return {"received": row.size, "complete": True, "receipt": receipt(row)}
        await self._desk.require_running(seat)
        if self._desk.now_ms() >= seat.times(self._desk.now_ms()).auto_at:
            raise Refused("grace_over")
        received = self._received(row)
        if offset != received:
            raise Refused("offset_differs", received=received)
        if len(data) > CHUNK or received + len(data) > row.size:
            raise Refused("too_large")
        received = await self._on_disk(self._append, row, offset, data)
        if received < row.size:
            return {"received": received, "complete": False}
        await self._end(row)
        return {"received": received, "complete": True, "receipt": await self._receipt(row)}

    async def listed(self, seat: Seat) -> Answer:
        """Receipts of every file that is whole."""
        rows = await self._desk.store.uploads(seat.row.id)
        whole = [row for row in rows if row.completed_at is not None and row.kind == "file"]
        return {"uploads": [receipt(row) for row in whole]}

    async def _end(self, row: UploadRow) -> None:
        await self._on_disk(self._keep, row)
        await self._desk.writer.submit(EndUploadOp(row.attempt, row.upload, self._desk.now_ms()))

    async def _receipt(self, row: UploadRow) -> Answer:
        for stored in await self._desk.store.uploads(row.attempt):
            if stored.upload == row.upload:
                return receipt(stored)
        raise Refused("not_found")

    async def _on_disk(self, work: Any, *args: Any) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._disk, work, *args)
        except OSError as error:
            raise Refused("storage_unavailable", retry_after_ms=2000) from error

    def _part(self, row: UploadRow) -> Path:
        return self._folder / f"{row.upload}.part"

    def _received(self, row: UploadRow) -> int:
        part = self._part(row)
        return part.stat().st_size if part.exists() else 0

    def _append(self, row: UploadRow, offset: int, data: bytes) -> int:
        descriptor = os.open(self._part(row), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            written = os.pwrite(descriptor, data, offset)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return offset + written

    def _keep(self, row: UploadRow) -> None:
        part = self._part(row)
        if not part.exists() and path_of(row.sha256).exists():
            return
        data = part.read_bytes() if row.size else b""
        if hashlib.sha256(data).hexdigest() != row.sha256:
            part.unlink(missing_ok=True)
            raise Refused("digest_differs", received=0)
        keep_bytes(row.sha256, data)
        part.unlink(missing_ok=True)


def receipt(row: UploadRow) -> Answer:
    """The receipt of a complete upload."""
    return {
        "upload": row.upload,
        "item": row.item,
        "name": row.name,
        "version": row.version,
        "size": row.size,
        "sha256": row.sha256,
        "completed_at": row.completed_at,
    }
