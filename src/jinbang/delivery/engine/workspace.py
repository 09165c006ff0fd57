"""Workspace snapshots: taken in from the check tool under a code of their own, shown to the candidate as a time."""

from __future__ import annotations

import asyncio
import hashlib

from django.conf import settings

from jinbang.delivery.domain import workspace
from jinbang.delivery.engine.candidate import Answer, Desk
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.roster import Seat
from jinbang.delivery.engine.store import STALE, BeginUploadOp, EndUploadOp, TooSoon, UploadRow
from jinbang.documents.domain.files import keep_bytes

EVERY_S = 60
NOT_WITHIN_MS = 2_000  # what a tool kept during a cut comes in a row
MAX_SNAPSHOTS = 500


class WorkspaceDesk:
    """Snapshots of every attempt. They are no answers: no receipt counts them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def code(self, seat: Seat) -> str:
        """The pairing code of ``seat`` at the machine it is bound to. Raises ``Refused("snapshots_off")``."""
        if not seat.room.row.rules.get("workspace_snapshots"):
            raise Refused("snapshots_off")
        return workspace.pairing_code(bytes(settings.PERSONAL_DATA_KEY), seat.row.id, seat.row.device_key)

    async def state(self, seat: Seat) -> Answer:
        """For the exam page: the code, how many snapshots arrived, and when the last one did."""
        rows = [row for row in await self._desk.store.uploads(seat.row.id) if row.kind == "snapshot"]
        arrived = [row.completed_at for row in rows if row.completed_at is not None]
        return {
            "code": self.code(seat), "count": len(arrived), "last_at": max(arrived, default=None),
            "every_s": EVERY_S, "now": self._desk.now_ms(),
        }  # fmt: skip

    async def _seat_of(self, code: str) -> Seat:
        attempt = workspace.attempt_of_code(code)
        seat = None if attempt is None else self._desk.roster.seats.get(attempt)
        if seat is None:
            raise Refused("code_wrong")
        if not workspace.same_code(code, self.code(seat)):
            await self._desk.roster.reload_at_most_often(seat)
        if not workspace.same_code(code, self.code(seat)):
            raise Refused("code_wrong")
        return seat

    async def pair(self, code: str) -> Answer:
        """For the check tool: whose folder it sends, until when, and what the machine should have."""
        seat = await self._seat_of(code)
        now = self._desk.now_ms()
        room = seat.room.row
        return {
            "now": now, "ticket": seat.row.ticket, "seat": seat.row.seat, "level": seat.row.level,
            "state": seat.stage, "starts_at": room.go_at, "closes_at": seat.times(now).closes, "every_s": EVERY_S,
            "packages": room.rules.get("packages", {}).get(seat.row.level, []),
        }  # fmt: skip

    async def take_in(self, code: str, data: bytes) -> Answer:
        """Keep a snapshot; acknowledged once it is durable. Sent again, it is found and not kept twice."""
        seat = await self._seat_of(code)
        await self._desk.require_running(seat)
        now = self._desk.now_ms()
        times = seat.times(now)
        if now >= times.auto_at:
            raise Refused("grace_over", when=times.closes)
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, workspace.read_snapshot, data)
        except ValueError as error:
            raise Refused("bad_request", detail=str(error)) from error
        row = await self._begin(seat, hashlib.sha256(data).hexdigest(), len(data), now)
        if row.completed_at is None:
            await self._keep(row, data)
        return {"version": row.version, "now": self._desk.now_ms(), "closes_at": times.closes}

    async def _begin(self, seat: Seat, digest: str, size: int, now: int) -> UploadRow:
        op = BeginUploadOp(
            seat.row.id, seat.row.generation, workspace.ITEM, workspace.NAME, size, digest, "snapshot", now,
            NOT_WITHIN_MS,
        )  # fmt: skip
        row = await self._desk.writer.submit(op)
        if row is STALE:
            await self._desk.roster.reload(seat)
        if isinstance(row, TooSoon):
            raise Refused("too_many_tries", retry_after_ms=NOT_WITHIN_MS)
        if not isinstance(row, UploadRow):
            raise Refused("busy", retry_after_ms=1000)
        if row.version > MAX_SNAPSHOTS:
            raise Refused("too_large")
        return row

    async def _keep(self, row: UploadRow, data: bytes) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(None, keep_bytes, row.sha256, data)
        except OSError as error:
            raise Refused("storage_unavailable", retry_after_ms=2000) from error
        await self._desk.writer.submit(EndUploadOp(row.attempt, row.upload, self._desk.now_ms()))
