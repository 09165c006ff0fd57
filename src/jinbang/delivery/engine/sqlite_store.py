"""The store on SQLite: one writing connection a process, WAL, ``synchronous=FULL``.

The statements of a batch run on the event loop, where nothing competes for the interpreter; only COMMIT,
which waits for the disk, runs on the writer thread with the interpreter released, while the loop
gathers the next batch. (With the statements on the thread too, every one of them would wait its turn for
the interpreter: measured, see docs/architecture/delivery.md.)
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pysqlite3.dbapi2 as sqlite3

from jinbang.delivery.domain import canonical
from jinbang.delivery.engine import sql
from jinbang.delivery.engine.store import (
    DONE,
    STALE,
    AttemptRow,
    BeginUploadOp,
    Changes,
    Differs,
    EndUploadOp,
    EventsOp,
    HandedIn,
    HandInOp,
    Op,
    Presence,
    Result,
    Saved,
    SignInOp,
    Snapshot,
    StartOp,
    StepRow,
    StepsOp,
    StorageBusy,
    StorageUnavailable,
    TooSoon,
    UploadRow,
)

_BUSY = ("locked", "busy")
_EVENT = "INSERT INTO delivery_attemptevent (attempt_id, at, kind, actor, data) VALUES (?, ?, ?, ?, ?)"
_STEP = (
    "INSERT OR IGNORE INTO delivery_answerstep (attempt_id, seq, item, value, client_ms, received_at) "
    "SELECT ?, ?, ?, ?, ?, ? FROM delivery_attempt "
    "WHERE id = ? AND state = 'running' AND generation = coalesce(?, generation)"
)
_FINAL = "SELECT item, value, max(seq) FROM delivery_answerstep WHERE attempt_id = ? GROUP BY item"  # value of that max
_FILES = (
    "SELECT item, name, sha256, max(version) FROM delivery_upload "
    "WHERE attempt_id = ? AND kind = 'file' AND completed_at IS NOT NULL GROUP BY item, name"
)


def stamp(ms: int) -> str:
    """An instant as Django stores it in SQLite."""
    return sql.instant(ms).replace(tzinfo=None).isoformat(" ", "microseconds")


class SqliteStore:
    """:class:`~jinbang.delivery.engine.store.Store` over the SQLite file at ``path``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.writer_name = f"engine:{os.getpid()}:{secrets.token_hex(4)}"
        self._write: Any = None
        self._read: Any = None
        self._watched = sql.Watched()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")

    async def open(self) -> None:
        """Connect for writing and for reading."""
        self._write, self._read = self._connect(), self._connect()

    async def close(self) -> None:
        """Disconnect."""
        for connection in (self._write, self._read):
            if connection is not None:
                connection.close()
        self._write = self._read = None

    def _connect(self) -> Any:
        connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=0)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    # -- writing -----------------------------------------------------------------------------------

    async def commit(self, batch: Sequence[Op], now: int) -> list[Result]:
        """One transaction; see :class:`Store`."""
        try:
            self._write.execute("BEGIN IMMEDIATE")
            results = self._apply(batch, now)
            await self._make_durable()
        except sqlite3.Error as error:
            self._roll_back()
            raise _translated(error) from error
        except BaseException:
            self._roll_back()
            raise
        return results

    async def _make_durable(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write.execute, "COMMIT")

    def _roll_back(self) -> None:
        if self._write is not None and self._write.in_transaction:
            self._write.execute("ROLLBACK")

    async def flush_presence(self, rows: Mapping[int, Presence]) -> None:
        """One transaction of updates, apart from the answers."""
        values = [
            (stamp(p.seen_at), p.unsynced, p.focused, p.last_seq, p.saved_at and stamp(p.saved_at), attempt)
            for attempt, p in rows.items()
        ]
        try:
            self._write.execute("BEGIN IMMEDIATE")
            self._write.executemany(
                "UPDATE delivery_attempt SET last_seen_at = ?, unsynced = ?, focused = ?, "
                "last_seq = max(last_seq, ?), last_saved_at = coalesce(?, last_saved_at) WHERE id = ?",
                values,
            )
            await self._make_durable()
        except sqlite3.Error as error:
            self._roll_back()
            raise _translated(error) from error

    def _apply(self, batch: Sequence[Op], now: int) -> list[Result]:
        results: list[Result | None] = [None] * len(batch)
        for index, op in enumerate(batch):
            if isinstance(op, StartOp):
                results[index] = self._start(op)
            elif isinstance(op, SignInOp):
                results[index] = self._sign_in(op)
        self._steps(batch, results, now)
        for index, op in enumerate(batch):
            match op:
                case HandInOp():
                    results[index] = self._hand_in(op)
                case EventsOp():
                    self._events(op.attempt, op.rows, op.at)
                    results[index] = DONE
                case BeginUploadOp():
                    results[index] = self._begin_upload(op)
                case EndUploadOp():
                    results[index] = self._end_upload(op)
        return [result for result in results if result is not None]

    def _events(self, attempt: int, rows: Iterable[tuple[str, str]], at: int, actor: str = "") -> None:
        when = stamp(at)
        self._write.executemany(_EVENT, [(attempt, when, kind, actor or self.writer_name, data) for kind, data in rows])

    def _sign_in(self, op: SignInOp) -> Result:
        at = stamp(op.at)
        changed = self._write.execute(
            "UPDATE delivery_attempt SET token_sha256 = ?, device_key = ?, generation = generation + 1, "
            "signed_in_at = coalesce(signed_in_at, ?), last_seen_at = ? WHERE id = ? AND generation = ?",
            (op.token_sha256, op.device_key, at, at, op.attempt, op.generation),
        ).rowcount
        if not changed:
            return STALE
        self._events(op.attempt, [("sign_in", op.data)], op.at)
        return DONE

    def _start(self, op: StartOp) -> Result:
        changed = self._write.execute(
            "UPDATE delivery_attempt SET state = ?, started_at = ? WHERE id = ? AND state = ? AND generation = ?",
            (op.target, stamp(op.at), op.attempt, op.source, op.generation),
        ).rowcount
        if not changed:
            return STALE
        self._events(op.attempt, [("start", "{}")], op.at)
        return DONE

    def _steps(self, batch: Sequence[Op], results: list[Result | None], now: int) -> None:
        received = stamp(now)
        owners = [(i, op) for i, op in enumerate(batch) if isinstance(op, StepsOp | HandInOp) and op.steps]
        rows = [(op.attempt, *step, received, op.attempt, op.generation) for _, op in owners for step in op.steps]
        exact = not rows or self._write.executemany(_STEP, rows).rowcount == len(rows)
        for index, op in owners:
            if isinstance(op, StepsOp):
                results[index] = Saved() if exact else self._explain(op)

    def _explain(self, op: StepsOp) -> Result:
        """Not every row was new: resent, taken by another step, or not accepted at all?"""
        query = "SELECT generation FROM delivery_attempt WHERE id = ? AND state = 'running'"
        owner = self._write.execute(query, (op.attempt,)).fetchone()
        if owner is None or owner[0] != op.generation:
            return STALE
        query = "SELECT item, value FROM delivery_answerstep WHERE attempt_id = ? AND seq = ?"
        return Saved(
            tuple(
                seq
                for seq, item, value, _ in op.steps
                if self._write.execute(query, (op.attempt, seq)).fetchone() != (item, value)
            )
        )

    def _hand_in(self, op: HandInOp) -> Result:
        row = self._write.execute(
            "SELECT state, generation FROM delivery_attempt WHERE id = ?", (op.attempt,)
        ).fetchone()
        if row is None or row[0] != op.source or (op.generation is not None and row[1] != op.generation):
            return STALE
        finals = self._write.execute(_FINAL, (op.attempt,)).fetchall()
        answers = {item: value for item, value, _ in finals}
        if op.with_files:
            files = self._write.execute(_FILES, (op.attempt,)).fetchall()
            answers |= {f"file:{item}/{name}": digest for item, name, digest, _ in files}
        found = canonical.digest(answers)
        last = max((seq for _, _, seq in finals), default=0)
        if op.expected is not None and op.expected != found:
            return Differs(found, last)
        points, detail = (op.score and op.score(answers)) or (None, None)
        receipt = (op.target, stamp(op.at), found.count, found.sha256, op.how, points, detail, last)
        self._write.execute(
            "UPDATE delivery_attempt SET state = ?, handed_in_at = ?, receipt_count = ?, receipt_sha256 = ?, "
            "hand_in_how = ?, theory_points = ?, theory_detail = ?, last_seq = ?, unsynced = unsynced * ? WHERE id = ?",
            (*receipt, op.expected is None, op.attempt),
        )
        data = json.dumps({"count": found.count, "sha256": found.sha256, "last_seq": last, "how": op.how})
        self._events(op.attempt, [(op.event, data)], op.at, op.actor)
        return HandedIn(found, last)

    def _begin_upload(self, op: BeginUploadOp) -> Result:
        row = self._write.execute(
            "SELECT generation FROM delivery_attempt WHERE id = ? AND state = 'running'", (op.attempt,)
        ).fetchone()
        if row is None or row[0] != op.generation:
            return STALE
        newest = self._write.execute(
            "SELECT id, attempt_id, kind, item, name, version, size, sha256, completed_at, started_at "
            "FROM delivery_upload WHERE attempt_id = ? AND item = ? AND name = ? ORDER BY version DESC LIMIT 1",
            (op.attempt, op.item, op.name),
        ).fetchone()
        if newest is not None and newest[7] == op.sha256:
            return sql.upload_row(newest)
        if newest is not None and op.at - (sql.to_ms(newest[9]) or 0) < op.not_within_ms:
            return TooSoon()
        version = newest[5] + 1 if newest is not None else 1
        made = self._write.execute(
            "INSERT INTO delivery_upload (attempt_id, kind, item, name, version, size, sha256, received, started_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (op.attempt, op.kind, op.item, op.name, version, op.size, op.sha256, stamp(op.at)),
        ).lastrowid
        return UploadRow(made, op.attempt, op.kind, op.item, op.name, version, op.size, op.sha256, None)

    def _end_upload(self, op: EndUploadOp) -> Result:
        self._write.execute(
            "UPDATE delivery_upload SET received = size, completed_at = ? WHERE id = ? AND attempt_id = ? "
            "AND completed_at IS NULL",
            (stamp(op.at), op.upload, op.attempt),
        )
        return DONE

    # -- reading -----------------------------------------------------------------------------------

    def _rows(self, text: str, *values: Any) -> list[Any]:
        bound = [json.dumps(list(v)) if isinstance(v, list | tuple | set) else v for v in values]
        try:
            found: list[Any] = self._read.execute(
                text.replace("$IN", "IN (SELECT value FROM json_each(?))"), bound
            ).fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from error
        return found

    async def snapshot(self, first: int, last: int) -> Snapshot:
        """See :class:`Store`."""
        sessions = self._rows(sql.SESSIONS, stamp(first), stamp(last))
        rooms, subjects = {row[0] for row in sessions}, {row[1] for row in sessions}
        return self._watched.snapshot(
            sessions,
            self._rows(sql.TIMES, subjects),
            self._rows(sql.PAUSES, rooms),
            self._rows(sql.PAPER_SETS, subjects),
        )

    async def roster(self, sessions: Sequence[int]) -> Sequence[AttemptRow]:
        """See :class:`Store`."""
        return [sql.attempt_row(row) for row in self._rows(sql.ROSTER, list(sessions))]

    async def attempts(self, ids: Sequence[int]) -> Sequence[AttemptRow]:
        """See :class:`Store`."""
        return [sql.attempt_row(row) for row in self._rows(sql.ATTEMPTS, list(ids))]

    async def changes(self, after: int) -> Changes:
        """See :class:`Store`."""
        rows = self._rows(sql.CHANGES, after, self.writer_name)
        return Changes(frozenset(row[1] for row in rows), [row[0] for row in rows])

    async def newest_event(self) -> int:
        """See :class:`Store`."""
        return int(self._rows(sql.NEWEST_EVENT)[0][0] or 0)

    async def steps(self, attempt: int, after: int, limit: int) -> Sequence[StepRow]:
        """See :class:`Store`."""
        return self._rows(sql.STEPS, attempt, after, limit)

    async def paper(self, attempt: int) -> bytes | None:
        """See :class:`Store`."""
        rows = self._rows(sql.PAPER, attempt)
        return bytes(rows[0][0]) if rows else None

    async def uploads(self, attempt: int) -> Sequence[UploadRow]:
        """See :class:`Store`."""
        return [sql.upload_row(row) for row in self._rows(sql.UPLOADS, attempt)]


def _translated(error: Exception) -> Exception:
    """Locked: try again at once. Other trouble of the machine: unavailable. A fault of ours stays itself."""
    text = str(error).lower()
    if isinstance(error, sqlite3.OperationalError) and any(word in text for word in _BUSY):
        return StorageBusy(text)
    if isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError
    ):
        return StorageUnavailable(text)
    return error
