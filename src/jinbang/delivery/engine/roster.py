"""Rooms, seats and keys in memory, kept fresh from the database.

The database is the truth: this copy answers "may you", the store decides again in the transaction that
writes. A change made elsewhere (time, pause, message, seat move, release of a key) is here within
``REFRESH_S`` of its commit.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from jinbang.delivery.domain.crypto import paper_key
from jinbang.delivery.domain.scoring import AnswerKeys, open_answer_keys
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.store import (
    AttemptRow,
    HandedIn,
    HandInOp,
    PaperSetRow,
    SessionRow,
    Snapshot,
    StorageBusy,
    StorageUnavailable,
    Store,
)
from jinbang.delivery.engine.times import Clockwork, Times

log = logging.getLogger(__name__)

REFRESH_S = 0.5
AHEAD_MS, BEHIND_MS = 12 * 3600_000, 12 * 3600_000
OVERLAP = 20  # refreshes for which an event id may still turn up late, behind a higher one
SEQ_SPAN = 1 << 16


class Room:
    """A room session in memory."""

    __slots__ = ("clockwork", "row")

    def __init__(self, row: SessionRow, clockwork: Clockwork) -> None:
        self.row = row
        self.clockwork = clockwork


class Seat:
    """An attempt in memory. ``token`` is the session token in clear once it was seen; ``row`` may be replaced."""

    __slots__ = ("heard_at", "last_seq", "reloaded_at", "room", "row", "stage", "token")

    def __init__(self, row: AttemptRow, room: Room) -> None:
        self.reloaded_at = 0.0
        self.heard_at = 0
        self.token = ""
        self.load(row, room)

    def load(self, row: AttemptRow, room: Room) -> None:
        """Take over what the database says."""
        self.row, self.room = row, room
        self.stage = row.state
        self.last_seq = row.last_seq
        if self.token and token_hash(self.token) != row.token_sha256:
            self.token = ""

    def sign_in(self, hashed: str, device_key: str, now: int) -> None:
        """Take over what this process has just stored of a sign-in."""
        signed = self.row.signed_in_at or now
        self.row = replace(
            self.row,
            token_sha256=hashed,
            device_key=device_key,
            generation=self.row.generation + 1,
            signed_in_at=signed,
        )

    def started(self, stage: str, at: int) -> None:
        """Take over what this process has just stored of a start."""
        self.stage = stage
        self.row = replace(self.row, started_at=at)

    def handed_in(self, op: HandInOp, stored: HandedIn) -> None:
        """Take over what this process has just stored of a hand-in."""
        self.stage, self.last_seq = op.target, stored.last_seq
        self.row = replace(
            self.row,
            handed_in_at=op.at,
            hand_in_how=op.how,
            last_seq=stored.last_seq,
            receipt_count=stored.digest.count,
            receipt_sha256=stored.digest.sha256,
        )

    def times(self, now: int) -> Times:
        """The seat's times as known at ``now``."""
        return self.room.clockwork.times(self.row.id, now)

    @property
    def at_work(self) -> bool:
        """Whether somebody sits here with a live session and has not handed in."""
        return bool(self.token) and self.stage in ("prepared", "running")

    @property
    def seq_base(self) -> int:
        """What the numbers of this session's steps start after."""
        return self.row.generation * SEQ_SPAN


class PaperKeys:
    """The secret of a released paper set, and the right answers sealed with it."""

    def __init__(self, row: PaperSetRow) -> None:
        assert row.released_key is not None
        self._secret = row.released_key
        self.answers: AnswerKeys | None = None
        if row.scoring_cipher is not None:
            self.answers = open_answer_keys(row.scoring_cipher, secret=self._secret)

    def paper_key(self, attempt: int) -> bytes:
        """The key of one candidate's paper."""
        return paper_key(self._secret, attempt)


class Roster:
    """Everything that the handlers look up."""

    def __init__(self, store: Store, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self.rooms: dict[int, Room] = {}
        self.seats: dict[int, Seat] = {}
        self.by_ticket: dict[str, list[Seat]] = defaultdict(list)
        self.tokens: dict[str, Seat] = {}
        self.devices: dict[str, Seat] = {}
        self.keys: dict[int, PaperKeys] = {}
        self._manifests: dict[int, str] = {}
        self._snapshot: Snapshot | None = None
        self._marks: list[int] = []
        self._seen: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load everything once if the database is there, and keep it fresh from then on."""
        await self._refresh_and_log()
        self._task = asyncio.get_running_loop().create_task(self._keep_fresh())

    async def stop(self) -> None:
        """End the refreshing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            await self._refresh_and_log()

    async def _refresh_and_log(self) -> None:
        try:
            await self.refresh()
        except (StorageUnavailable, StorageBusy) as error:
            log.warning("working from memory: %s", error)

    async def refresh(self) -> None:
        """One round: rooms, times, keys, then the attempts that others changed."""
        if not self._marks:
            self._marks.append(await self._store.newest_event())
        now = self._now_ms()
        snapshot = await self._store.snapshot(now - BEHIND_MS, now + AHEAD_MS)
        if snapshot is not self._snapshot:
            await self._take_snapshot(snapshot)
            self._snapshot = snapshot
        await self._follow_changes()

    async def _take_snapshot(self, snapshot: Snapshot) -> None:
        fresh = self._take_rooms(snapshot)
        stale_papers = self._take_paper_sets(snapshot.paper_sets)
        if stale_papers:
            fresh |= {seat.row.room_session for seat in self.seats.values() if seat.row.paper_set in stale_papers}
        if fresh:
            self.take_attempts(await self._store.roster(sorted(fresh)))
            gc.freeze()  # they stay: no round of the garbage collector need look at them

    def _take_rooms(self, snapshot: Snapshot) -> set[int]:
        """Replace rooms and clocks where something differs; returns the ids of rooms not known before."""
        entries, pauses = defaultdict(list), defaultdict(list)
        for entry in snapshot.times:
            entries[entry.sitting_subject].append(entry)
        for pause in snapshot.pauses:
            pauses[pause.room_session].append(pause)
        fresh = set()
        for row in snapshot.sessions:
            mine = [e for e in entries[row.sitting_subject] if e.room_session in (None, row.id)]
            room = self.rooms.get(row.id)
            source = (row.go_at, row.ends_at, row.rules, tuple(mine), tuple(pauses[row.id]))
            if room is None:
                fresh.add(row.id)
                self.rooms[row.id] = Room(row, Clockwork(row, mine, pauses[row.id]))
                continue
            room.row = row
            if room.clockwork.source != source:
                room.clockwork = Clockwork(row, mine, pauses[row.id])
        return fresh

    def _take_paper_sets(self, rows: Iterable[PaperSetRow]) -> set[int]:
        """Open what was released; returns the sets whose papers are others than before."""
        changed = set()
        for row in rows:
            if self._manifests.get(row.id, "") != row.manifest_sha256:
                self._manifests[row.id] = row.manifest_sha256
                self.keys.pop(row.id, None)
                changed.add(row.id)
            if row.released_key is not None and row.id not in self.keys:
                self.keys[row.id] = PaperKeys(row)
        return changed

    async def _follow_changes(self) -> None:
        newest = await self._store.newest_event()  # of this process too: its own events are not read again either
        changes = await self._store.changes(self._marks[0])
        fresh = [number for number in changes.ids if number not in self._seen]
        if fresh:
            self._seen.update(fresh)
            self.take_attempts(await self._store.attempts(sorted(changes.attempts)))
        self._marks.append(newest)
        if len(self._marks) > OVERLAP:
            del self._marks[0]
            self._seen = {number for number in self._seen if number > self._marks[0]}

    def take_attempts(self, rows: Iterable[AttemptRow]) -> None:
        """Take over attempts as the database has them."""
        for row in rows:
            room = self.rooms.get(row.room_session)
            if room is None:
                continue
            seat = self.seats.get(row.id)
            if seat is None:
                seat = self.seats[row.id] = Seat(row, room)
                self.by_ticket[row.ticket].append(seat)
                continue
            token = seat.token
            seat.load(row, room)
            if token and not seat.token:
                self.tokens.pop(token, None)

    async def reload(self, seat: Seat) -> None:
        """Read one attempt anew."""
        self.take_attempts(await self._store.attempts([seat.row.id]))

    def bind(self, seat: Seat, token: str) -> None:
        """Remember that ``token`` is the live session of ``seat``."""
        if seat.token:
            self.tokens.pop(seat.token, None)
        seat.token = token
        self.tokens[token] = seat
        self.devices[seat.row.device_key] = seat

    async def seat_of(self, token: str) -> Seat:
        """The seat whose live session ``token`` is. Raises ``Refused``: ``token_unknown``, ``session_replaced``."""
        seat = self.tokens.get(token)
        if seat is not None:
            return seat
        number, _, rest = token.partition(".")
        seat = self.seats.get(int(number)) if number.isdigit() and rest else None
        if seat is None:
            raise Refused("token_unknown")
        if token_hash(token) != seat.row.token_sha256:
            await self.reload_at_most_often(seat)
        if token_hash(token) != seat.row.token_sha256:
            raise Refused("session_replaced")
        self.bind(seat, token)
        return seat

    async def reload_at_most_often(self, seat: Seat) -> None:
        """Another process may have signed the candidate in; a guesser must not cost a query a guess."""
        tick = asyncio.get_running_loop().time()
        if tick - seat.reloaded_at > REFRESH_S:
            seat.reloaded_at = tick
            await self.reload(seat)


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
