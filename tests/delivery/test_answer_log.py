"""The answer log and the clocks of seats against models a child could check."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from jinbang.delivery.domain.canonical import digest
from jinbang.delivery.engine.sqlite_store import SqliteStore
from jinbang.delivery.engine.store import (
    STALE,
    Differs,
    HandedIn,
    HandInOp,
    PauseRow,
    Saved,
    SessionRow,
    StepsOp,
    TimeRow,
)
from jinbang.delivery.engine.times import Clockwork

_TABLES = """
CREATE TABLE delivery_attempt (id integer PRIMARY KEY, state text, generation integer, handed_in_at text,
  receipt_count integer, receipt_sha256 text, hand_in_how text, theory_points text, theory_detail text,
  last_seq integer, unsynced integer DEFAULT 0);
CREATE TABLE delivery_answerstep (id integer PRIMARY KEY, attempt_id integer, seq integer, item text, value text,
  client_ms integer, received_at text, UNIQUE (attempt_id, seq));
CREATE TABLE delivery_attemptevent (id integer PRIMARY KEY, attempt_id integer, at text, kind text, actor text,
  data text);
"""
ATTEMPTS = (1, 2)
step_rows = st.lists(
    st.tuples(
        st.integers(1, 6), st.sampled_from(["e1", "e2", "flag:e1"]), st.sampled_from(["", "A", "列表"]), st.just(5)
    ),
    max_size=4,
)


class AnswerLog(RuleBasedStateMachine):
    """Saves, resends, sign-ins, hand-ins and power cuts in any order; the model is a dict of dicts."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.path = str(Path(self.folder.name) / "log.sqlite3")
        self.steps: dict[int, dict[int, tuple[str, str]]] = {attempt: {} for attempt in ATTEMPTS}
        self.generation = dict.fromkeys(ATTEMPTS, 1)
        self.closed: dict[int, str] = {}

    def do(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    @initialize()
    def open(self) -> None:
        self.store = SqliteStore(self.path)
        self.do(self.store.open())
        self.store._write.executescript(_TABLES)
        for attempt in ATTEMPTS:
            self.store._write.execute(
                "INSERT INTO delivery_attempt (id, state, generation) VALUES (?, 'running', 1)", (attempt,)
            )

    @rule(batch=st.lists(st.tuples(st.sampled_from(ATTEMPTS), st.integers(0, 1), step_rows), min_size=1, max_size=4))
    def save(self, batch: list[tuple[int, int, list[tuple[int, str, str, int]]]]) -> None:
        ops = [StepsOp(a, self.generation[a] - old, rows) for a, old, rows in batch if rows]
        if not ops:
            return
        results = self.do(self.store.commit(ops, 0))
        for op in ops:
            if op.attempt not in self.closed and op.generation == self.generation[op.attempt]:
                for seq, item, value, _ in op.steps:
                    self.steps[op.attempt].setdefault(seq, (item, value))
        for op, result in zip(ops, results, strict=True):
            if op.attempt in self.closed or op.generation != self.generation[op.attempt]:
                assert result is STALE
                continue
            mine = self.steps[op.attempt]
            taken = tuple(seq for seq, item, value, _ in op.steps if mine[seq] != (item, value))
            assert result == Saved(taken)

    @rule(attempt=st.sampled_from(ATTEMPTS))
    def sign_in_again(self, attempt: int) -> None:
        self.store._write.execute("UPDATE delivery_attempt SET generation = generation + 1 WHERE id = ?", (attempt,))
        self.generation[attempt] += 1

    @rule(attempt=st.sampled_from(ATTEMPTS), agrees=st.booleans())
    def hand_in(self, attempt: int, agrees: bool) -> None:
        final = digest(self.answers(attempt))
        expected = final if agrees else digest({"e9": "other"})
        op = HandInOp(
            attempt, self.generation[attempt], "running", "handed_in", "hand_in", "candidate", 0, "", expected=expected
        )
        result = self.do(self.store.commit([op], 0))[0]
        if attempt in self.closed:
            assert result is STALE
        elif agrees:
            assert isinstance(result, HandedIn)
            assert result.digest == final
            self.closed[attempt] = final.sha256
        else:
            assert isinstance(result, Differs)
            assert result.digest == final

    @rule()
    def power_cut(self) -> None:
        """What is written and not committed is gone; what was acknowledged is not."""
        self.store._write.execute("BEGIN IMMEDIATE")
        self.store._apply([StepsOp(1, self.generation[1], [(99, "e1", "never acknowledged", 5)])], 0)
        self.do(self.store.close())
        self.store = SqliteStore(self.path)
        self.do(self.store.open())

    def answers(self, attempt: int) -> dict[str, str]:
        return {item: value for _, (item, value) in sorted(self.steps[attempt].items())}

    @invariant()
    def everything_acknowledged_is_stored_and_nothing_else(self) -> None:
        if not hasattr(self, "store"):
            return
        for attempt in ATTEMPTS:
            rows = self.do(self.store.steps(attempt, 0, 100))
            assert {seq: (item, value) for seq, item, value, _ in rows} == self.steps[attempt]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.do(self.store.close())
        self.loop.close()
        self.folder.cleanup()


TestAnswerLog = AnswerLog.TestCase
TestAnswerLog.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

START, LENGTH = 1_000_000_000, 3600
times = st.lists(
    st.tuples(st.sampled_from([None, 7, 8]), st.sampled_from([None, 1, 2]), st.integers(1, 900)), max_size=6
)
stops = st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.integers(0, LENGTH - 1), st.integers(1, 600)), max_size=4)


@pytest.mark.parametrize("attempt", [1, 2])
@given(entries=times, pauses=stops)
def test_closing_time_is_what_counting_seconds_gives(
    attempt: int, entries: list[tuple[int | None, int | None, int]], pauses: list[tuple[int | None, int, int]]
) -> None:
    """Against a clock that is advanced second by second: it stands while any pause of the seat or its room lasts."""
    row = SessionRow(7, 1, "theory", "", "", "", START, START + LENGTH * 1000, {}, "", None, "open")
    ledger = [TimeRow(1, room, seat, seconds, "network", START) for room, seat, seconds in entries if room in (None, 7)]
    held = [PauseRow(7, seat, START + begins * 1000, START + (begins + lasts) * 1000) for seat, begins, lasts in pauses]
    far = START + 10 * LENGTH * 1000
    found = Clockwork(row, ledger, held).times(attempt, far)

    mine = [seconds for room, seat, seconds in entries if room in (None, 7) and seat in (None, attempt)]
    left, second = LENGTH + sum(mine), 0
    standing = [(begins, begins + lasts) for seat, begins, lasts in pauses if seat in (None, attempt)]
    while left:
        left -= not any(begins <= second < ends for begins, ends in standing)
        second += 1
    assert found.closes == START + second * 1000
    assert found.extra_s == sum(mine)
