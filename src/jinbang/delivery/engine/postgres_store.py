"""The store on PostgreSQL: psycopg 3 on the event loop; one connection to write, one to read for candidates, one to
watch for changes, so that the room's pause does not wait behind three thousand candidates who fetch their papers.

A batch that holds only answers, only sign-ins or only starts is one statement and one commit.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from jinbang.delivery.engine import sql
from jinbang.delivery.engine.postgres_batch import Batch, write_presence
from jinbang.delivery.engine.store import (
    AttemptRow,
    Changes,
    EventsOp,
    Op,
    Presence,
    Result,
    SignInOp,
    Snapshot,
    StartOp,
    StepRow,
    StepsOp,
    StorageUnavailable,
    UploadRow,
)

#: A batch of only one of these is a single statement, and so a transaction by itself.
_ONE_STATEMENT = {StepsOp, SignInOp, StartOp, EventsOp}
#: Statements of a millisecond are never worth compiling.
_WRITING = ("SET synchronous_commit = on", "SET lock_timeout = '5s'", "SET jit = off")


class _Line:
    """A connection that is made again when it broke, by one caller while the others wait: a database that comes back
    must not be met by three thousand connections."""

    def __init__(self, conninfo: str, settings: Sequence[str] = ()) -> None:
        self._conninfo, self._settings = conninfo, settings
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> psycopg.AsyncConnection[Any]:
        """The connection. Raises ``StorageUnavailable``."""
        if self._connection is None or self._connection.closed:
            async with self._lock:
                if self._connection is None or self._connection.closed:
                    self._connection = await self._connect()
        return self._connection

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, connect_timeout=2, prepare_threshold=2
            )
            for setting in self._settings:
                await connection.execute(setting)
        except psycopg.OperationalError as error:
            raise StorageUnavailable(str(error)) from error
        return connection

    async def close(self) -> None:
        """Disconnect; the next ``get`` connects again."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = None


class PostgresStore:
    """:class:`~jinbang.delivery.engine.store.Store` over the database that ``conninfo`` names."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.writer_name = f"engine:{os.getpid()}:{secrets.token_hex(4)}"
        self._write, self._read, self._watch = _Line(conninfo, _WRITING), _Line(conninfo), _Line(conninfo)
        self._watched = sql.Watched()

    async def open(self) -> None:
        """Connect."""
        for line in (self._write, self._read, self._watch):
            await line.get()

    async def close(self) -> None:
        """Disconnect."""
        for line in (self._write, self._read, self._watch):
            await line.close()

    # -- writing -----------------------------------------------------------------------------------

    async def commit(self, batch: Sequence[Op], now: int) -> list[Result]:
        """One transaction; see :class:`Store`."""
        try:
            connection = await self._write.get()
            kinds = {type(op) for op in batch}
            if len(kinds) == 1 and kinds <= _ONE_STATEMENT:
                return await Batch(connection, self.writer_name, batch, now).apply()
            return await self._transaction(connection, batch, now)
        except psycopg.Error as error:
            raise _translated(error) from error

    async def _transaction(
        self, connection: psycopg.AsyncConnection[Any], batch: Sequence[Op], now: int
    ) -> list[Result]:
        await connection.execute("BEGIN")
        try:
            results = await Batch(connection, self.writer_name, batch, now).apply()
        except BaseException:
            if not connection.closed:
                await connection.execute("ROLLBACK")
            raise
        await connection.execute("COMMIT")
        return results

    async def flush_presence(self, rows: Mapping[int, Presence]) -> None:
        """One statement, apart from the answers."""
        try:
            await write_presence(await self._write.get(), rows)
        except psycopg.Error as error:
            raise _translated(error) from error

    # -- reading -----------------------------------------------------------------------------------

    async def _rows(self, text: str, *values: Any) -> list[Any]:
        return await _fetched(self._read, text, values)

    async def _watched_rows(self, text: str, *values: Any) -> list[Any]:
        return await _fetched(self._watch, text, values)

    async def snapshot(self, first: int, last: int) -> Snapshot:
        """See :class:`Store`."""
        sessions = await self._watched_rows(sql.SESSIONS, sql.instant(first), sql.instant(last))
        rooms, subjects = {row[0] for row in sessions}, {row[1] for row in sessions}
        return self._watched.snapshot(
            sessions,
            await self._watched_rows(sql.TIMES, subjects),
            await self._watched_rows(sql.PAUSES, rooms),
            await self._watched_rows(sql.PAPER_SETS, subjects),
        )

    async def roster(self, sessions: Sequence[int]) -> Sequence[AttemptRow]:
        """See :class:`Store`."""
        return [sql.attempt_row(row) for row in await self._watched_rows(sql.ROSTER, list(sessions))]

    async def attempts(self, ids: Sequence[int]) -> Sequence[AttemptRow]:
        """See :class:`Store`."""
        return [sql.attempt_row(row) for row in await self._watched_rows(sql.ATTEMPTS, list(ids))]

    async def changes(self, after: int) -> Changes:
        """See :class:`Store`."""
        rows = await self._watched_rows(sql.CHANGES, after, self.writer_name)
        return Changes(frozenset(row[1] for row in rows), [row[0] for row in rows])

    async def newest_event(self) -> int:
        """See :class:`Store`."""
        return int((await self._watched_rows(sql.NEWEST_EVENT))[0][0] or 0)

    async def steps(self, attempt: int, after: int, limit: int) -> Sequence[StepRow]:
        """See :class:`Store`."""
        return await self._rows(sql.STEPS, attempt, after, limit)

    async def paper(self, attempt: int) -> bytes | None:
        """See :class:`Store`."""
        rows = await self._rows(sql.PAPER, attempt)
        return bytes(rows[0][0]) if rows else None

    async def uploads(self, attempt: int) -> Sequence[UploadRow]:
        """See :class:`Store`."""
        return [sql.upload_row(row) for row in await self._rows(sql.UPLOADS, attempt)]


async def _fetched(line: _Line, text: str, values: Iterable[Any]) -> list[Any]:
    query = text.replace("$IN", "= ANY(?)").replace("?", "%s")
    bound = [list(value) if isinstance(value, set) else value for value in values]
    try:
        return await (await (await line.get()).execute(query, bound)).fetchall()
    except psycopg.Error as error:
        raise _translated(error) from error


def _translated(error: psycopg.Error) -> Exception:
    """Trouble of the machine or of the server: unavailable. A fault of ours stays itself."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StorageUnavailable(str(error))
    if isinstance(error, psycopg.errors.InternalError_):
        return StorageUnavailable(str(error))
    return error
