"""A batch of operations as PostgreSQL's statements.

The attempts of a batch are locked (FOR SHARE for answers, FOR UPDATE for changes of state, always in the order of
their ids), so that no answer slips in behind a receipt, whichever process wrote it. Rows are found one by one from
the given ids (LATERAL): the planner then has no choice but the primary key, whatever it believes of a table that
filled up a moment ago, and ``unnest`` keeps the order of the ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from jinbang.delivery.domain import canonical
from jinbang.delivery.engine import sql
from jinbang.delivery.engine.store import (
    DONE,
    STALE,
    BeginUploadOp,
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
    StartOp,
    StepsOp,
    TooSoon,
    UploadRow,
)

_EVENTS = """
INSERT INTO delivery_attemptevent (attempt_id, at, kind, actor, data)
SELECT attempt, at, kind, actor, data::jsonb
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[]) AS g(attempt, at, kind, actor, data)
"""
# OFFSET 0 keeps the state out of the look-up: statistics from before the start make its index look better than the key.
_STEPS = """
INSERT INTO delivery_answerstep (attempt_id, seq, item, value, client_ms, received_at)
SELECT g.attempt, g.seq, g.item, g.value, g.client_ms, %s
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::text[], %s::text[], %s::bigint[])
  AS g(attempt, generation, seq, item, value, client_ms)
CROSS JOIN LATERAL (
  SELECT state, generation FROM delivery_attempt WHERE id = g.attempt OFFSET 0 FOR SHARE
) held
WHERE held.state = 'running' AND (g.generation < 0 OR g.generation = held.generation)
ON CONFLICT (attempt_id, seq) DO NOTHING
"""
_SIGN_IN = """
WITH given AS MATERIALIZED (
  SELECT g.* FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
    AS g(attempt, generation, token, device, at, data)
  CROSS JOIN LATERAL (SELECT 1 FROM delivery_attempt WHERE id = g.attempt FOR UPDATE) held
), changed AS (
  UPDATE delivery_attempt a SET token_sha256 = g.token, device_key = g.device, generation = a.generation + 1,
         signed_in_at = coalesce(a.signed_in_at, g.at), last_seen_at = g.at
  FROM given g WHERE a.id = g.attempt AND a.generation = g.generation RETURNING a.id, a.token_sha256
), logged AS (
  INSERT INTO delivery_attemptevent (attempt_id, at, kind, actor, data)
  SELECT g.attempt, g.at, 'sign_in', %s, g.data::jsonb
  FROM given g JOIN changed c ON c.id = g.attempt AND c.token_sha256 = g.token
) SELECT id, token_sha256 FROM changed
"""
_START = """
WITH given AS MATERIALIZED (
  SELECT g.* FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::timestamptz[])
    AS g(attempt, generation, source, target, at)
  CROSS JOIN LATERAL (SELECT 1 FROM delivery_attempt WHERE id = g.attempt FOR UPDATE) held
), changed AS (
  UPDATE delivery_attempt a SET state = g.target, started_at = g.at
  FROM given g
  WHERE a.id = g.attempt AND a.generation = g.generation AND a.state = g.source RETURNING a.id, a.started_at
), logged AS (
  INSERT INTO delivery_attemptevent (attempt_id, at, kind, actor, data)
  SELECT id, started_at, 'start', %s, '{}' FROM changed
) SELECT id FROM changed
"""
_LOCK = """
SELECT held.* FROM unnest(%s::bigint[]) AS g(attempt)
CROSS JOIN LATERAL (SELECT id, state, generation FROM delivery_attempt WHERE id = g.attempt FOR UPDATE) held
"""
_HAND_IN = """
WITH given AS (
  SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::int[], %s::text[], %s::text[], %s::text[],
                       %s::text[], %s::int[], %s::bool[], %s::text[], %s::text[], %s::text[])
    AS t(attempt, target, at, count, sha256, how, points, detail, last_seq, agreed, event, actor, data)
), logged AS (
  INSERT INTO delivery_attemptevent (attempt_id, at, kind, actor, data)
  SELECT attempt, at, event, actor, data::jsonb FROM given
) UPDATE delivery_attempt a SET state = t.target, handed_in_at = t.at, receipt_count = t.count,
       receipt_sha256 = t.sha256, hand_in_how = t.how, theory_points = t.points::numeric,
       theory_detail = t.detail::jsonb, last_seq = t.last_seq,
       unsynced = CASE WHEN t.agreed THEN 0 ELSE a.unsynced END
FROM given t WHERE a.id = t.attempt
"""
_FINALS = """
SELECT g.attempt, newest.item, newest.value, newest.seq FROM unnest(%s::bigint[]) AS g(attempt)
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (item) item, value, seq FROM delivery_answerstep
  WHERE attempt_id = g.attempt ORDER BY item, seq DESC
) newest
"""
_FILES = """
SELECT DISTINCT ON (attempt_id, item, name) attempt_id, item, name, sha256 FROM delivery_upload
WHERE attempt_id = ANY(%s) AND kind = 'file' AND completed_at IS NOT NULL
ORDER BY attempt_id, item, name, version DESC
"""
_PRESENCE = """
UPDATE delivery_attempt a SET last_seen_at = t.seen, unsynced = t.unsynced, focused = t.focused,
       last_seq = greatest(a.last_seq, t.last_seq), last_saved_at = coalesce(t.saved, a.last_saved_at)
FROM (SELECT g.* FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::bool[], %s::int[], %s::timestamptz[])
      AS g(attempt, seen, unsynced, focused, last_seq, saved)
      CROSS JOIN LATERAL (SELECT 1 FROM delivery_attempt WHERE id = g.attempt FOR UPDATE) held) AS t
WHERE a.id = t.attempt
"""


class Batch:
    """One batch on its way into the database, statement by statement."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], writer: str, batch: Sequence[Op], now: int) -> None:
        self.connection, self.writer, self.batch, self.now = connection, writer, batch, now
        self.results: list[Result | None] = [None] * len(batch)
        self.events: list[tuple[int, int, str, str, str]] = []

    async def apply(self) -> list[Result]:
        await self._sign_in([(i, op) for i, op in enumerate(self.batch) if isinstance(op, SignInOp)])
        await self._start([(i, op) for i, op in enumerate(self.batch) if isinstance(op, StartOp)])
        await self._steps()
        await self._hand_in([(i, op) for i, op in enumerate(self.batch) if isinstance(op, HandInOp)])
        for index, op in enumerate(self.batch):
            if isinstance(op, EventsOp):
                self.events += [(op.attempt, op.at, kind, self.writer, data) for kind, data in op.rows]
                self.results[index] = DONE
            elif isinstance(op, BeginUploadOp):
                self.results[index] = await self._begin_upload(op)
            elif isinstance(op, EndUploadOp):
                self.results[index] = await self._end_upload(op)
        await self._write_events()
        return [result for result in self.results if result is not None]

    async def _rows(self, text: str, values: Sequence[Any]) -> list[Any]:
        return await (await self.connection.execute(text, values)).fetchall()

    async def _write_events(self) -> None:
        if self.events:
            attempts, at, kinds, actors, data = zip(*self.events, strict=True)
            columns = (_plain(attempts), _plain(map(sql.instant, at)), _texts(kinds), _texts(actors), _texts(data))
            await self.connection.execute(_EVENTS, columns)

    async def _sign_in(self, ops: list[tuple[int, SignInOp]]) -> None:
        if not ops:
            return
        ops.sort(key=_attempt)
        columns = [
            _plain(op.attempt for _, op in ops),
            _plain(op.generation for _, op in ops),
            _texts(op.token_sha256 for _, op in ops),
            _texts(op.device_key for _, op in ops),
            _plain(sql.instant(op.at) for _, op in ops),
            _texts(op.data for _, op in ops),
        ]
        changed = {tuple(row) for row in await self._rows(_SIGN_IN, (*columns, self.writer))}
        for index, op in ops:
            self.results[index] = DONE if (op.attempt, op.token_sha256) in changed else STALE

    async def _start(self, ops: list[tuple[int, StartOp]]) -> None:
        if not ops:
            return
        ops.sort(key=_attempt)
        columns = [
            _plain(op.attempt for _, op in ops),
            _plain(op.generation for _, op in ops),
            _texts(op.source for _, op in ops),
            _texts(op.target for _, op in ops),
            _plain(sql.instant(op.at) for _, op in ops),
        ]
        changed = {row[0] for row in await self._rows(_START, (*columns, self.writer))}
        for index, op in ops:  # of two starts of one attempt in a batch the second one is told to look again
            self.results[index] = DONE if op.attempt in changed else STALE
            changed.discard(op.attempt)

    async def _lock(self, attempts: Iterable[int]) -> dict[int, tuple[str, int]]:
        return {row[0]: (row[1], row[2]) for row in await self._rows(_LOCK, [_plain(sorted(set(attempts)))])}

    async def _steps(self) -> None:
        ops = enumerate(self.batch)
        owners = sorted(((i, op) for i, op in ops if isinstance(op, StepsOp | HandInOp) and op.steps), key=_attempt)
        if not owners:
            return
        rows = [(op, *step) for _, op in owners for step in op.steps]
        who, seqs, items, values, typed = zip(*rows, strict=True)
        generations = (-1 if op.generation is None else op.generation for op in who)
        columns = (_plain(op.attempt for op in who), _plain(generations), _plain(seqs), _texts(items), _texts(values))
        cursor = await self.connection.execute(_STEPS, (sql.instant(self.now), *columns, _plain(typed)))
        exact = cursor.rowcount == len(rows)
        for index, op in owners:
            if isinstance(op, StepsOp):
                self.results[index] = Saved() if exact else await self._explain(op)

    async def _explain(self, op: StepsOp) -> Result:
        """Not every row was new: resent, taken by another step, or not accepted at all?"""
        query = "SELECT generation FROM delivery_attempt WHERE id = %s AND state = 'running'"
        owner = await self._rows(query, (op.attempt,))
        if not owner or owner[0][0] != op.generation:
            return STALE
        query = "SELECT seq, item, value FROM delivery_answerstep WHERE attempt_id = %s AND seq = ANY(%s)"
        rows = await self._rows(query, (op.attempt, [step[0] for step in op.steps]))
        stored = {seq: (item, value) for seq, item, value in rows}
        if len(stored) < len({step[0] for step in op.steps}):
            return STALE  # the session was replaced for a moment; the client sends again
        return Saved(tuple(seq for seq, item, value, _ in op.steps if stored[seq] != (item, value)))

    async def _hand_in(self, ops: list[tuple[int, HandInOp]]) -> None:
        if not ops:
            return
        held = await self._lock([op.attempt for _, op in ops])
        ids = list(held)
        answers: dict[int, dict[str, str]] = {attempt: {} for attempt in ids}
        last = dict.fromkeys(ids, 0)
        for attempt, item, value, seq in await self._rows(_FINALS, [_plain(ids)]):
            answers[attempt][item] = value
            last[attempt] = max(last[attempt], seq)
        if any(op.with_files for _, op in ops):
            for attempt, item, name, digest in await self._rows(_FILES, [ids]):
                answers[attempt][f"file:{item}/{name}"] = digest
        written: list[tuple[Any, ...]] = []
        for index, op in ops:
            self.results[index] = self._judge(op, held, answers, last, written)
        if written:
            await self.connection.execute(_HAND_IN, [_texts(column) for column in zip(*written, strict=True)])

    def _judge(
        self,
        op: HandInOp,
        held: dict[int, tuple[str, int]],
        answers: dict[int, dict[str, str]],
        last: dict[int, int],
        written: list[tuple[Any, ...]],
    ) -> Result:
        state, generation = held.get(op.attempt, ("", 0))
        if state != op.source or (op.generation is not None and generation != op.generation):
            return STALE
        found, seq = canonical.digest(answers[op.attempt]), last[op.attempt]
        if op.expected is not None and op.expected != found:
            return Differs(found, seq)
        held[op.attempt] = (op.target, generation)
        points, detail = (op.score and op.score(answers[op.attempt])) or (None, None)
        at = sql.instant(op.at)
        data = json.dumps({"count": found.count, "sha256": found.sha256, "last_seq": seq, "how": op.how})
        receipt = (op.attempt, op.target, at, found.count, found.sha256, op.how, points, detail, seq)
        written.append((*receipt, op.expected is not None, op.event, op.actor or self.writer, data))
        return HandedIn(found, seq)

    async def _begin_upload(self, op: BeginUploadOp) -> Result:
        held = await self._lock([op.attempt])
        if held.get(op.attempt) != ("running", op.generation):
            return STALE
        rows = await self._rows(
            "SELECT id, attempt_id, kind, item, name, version, size, sha256, completed_at, started_at "
            "FROM delivery_upload WHERE attempt_id = %s AND item = %s AND name = %s ORDER BY version DESC LIMIT 1",
            (op.attempt, op.item, op.name),
        )
        newest = rows[0] if rows else None
        if newest is not None and newest[7] == op.sha256:
            return sql.upload_row(newest[:9])
        if newest is not None and op.at - (sql.to_ms(newest[9]) or 0) < op.not_within_ms:
            return TooSoon()
        version = newest[5] + 1 if newest is not None else 1
        made = await self._rows(
            "INSERT INTO delivery_upload (attempt_id, kind, item, name, version, size, sha256, received, started_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s) RETURNING id",
            (op.attempt, op.kind, op.item, op.name, version, op.size, op.sha256, sql.instant(op.at)),
        )
        return UploadRow(made[0][0], op.attempt, op.kind, op.item, op.name, version, op.size, op.sha256, None)

    async def _end_upload(self, op: EndUploadOp) -> Result:
        await self.connection.execute(
            "UPDATE delivery_upload SET received = size, completed_at = %s WHERE id = %s AND attempt_id = %s "
            "AND completed_at IS NULL",
            (sql.instant(op.at), op.upload, op.attempt),
        )
        return DONE


async def write_presence(connection: psycopg.AsyncConnection[Any], rows: Mapping[int, Presence]) -> None:
    """The newest presence of many seats in one statement."""
    attempts = sorted(rows)
    seats = [rows[attempt] for attempt in attempts]
    columns = [
        _plain(attempts),
        _plain(sql.instant(p.seen_at) for p in seats),
        _plain(p.unsynced for p in seats),
        _plain(p.focused for p in seats),
        _plain(p.last_seq for p in seats),
        _plain(None if p.saved_at is None else sql.instant(p.saved_at) for p in seats),
    ]
    await connection.execute(_PRESENCE, columns)


def _plain(values: Iterable[Any]) -> str:
    """An array literal of numbers, truth values or instants; None is NULL.

    Literals are made here because psycopg's dumper of lists looks for the type of every element anew, which was a
    fifth of what a hand-in cost.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _texts(values: Iterable[Any]) -> str:
    """An array literal with every element quoted; None is NULL."""
    return "{" + ",".join(["NULL" if value is None else _quoted(str(value)) for value in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _attempt(indexed: tuple[int, Any]) -> int:
    """By what the operations of a batch are sorted, and so their attempts locked."""
    number: int = indexed[1].attempt
    return number
