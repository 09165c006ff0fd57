"""What the exam server does beside answers: the board's rows in parts, and rows that do not change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from jinbang.delivery.engine import sql
from jinbang.delivery.engine.sqlite_store import SqliteStore
from jinbang.delivery.engine.store import Presence, StorageUnavailable
from jinbang.delivery.engine.writer import MAX_FLUSH, Writer

SEATS = 2 * MAX_FLUSH + 7


class Board(SqliteStore):
    """A store that takes what is meant for the board, and is away ``failures`` times."""

    def __init__(self, path: Path, failures: int = 0) -> None:
        super().__init__(str(path))
        self.parts: list[int] = []
        self.seats: dict[int, Presence] = {}
        self.failures, self.whole = failures, asyncio.Event()

    async def flush_presence(self, rows: Mapping[int, Presence]) -> None:
        """Take the rows over."""
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable("away")
        self.parts.append(len(rows))
        self.seats.update(rows)
        if len(self.seats) == SEATS:
            self.whole.set()


async def _flushed(board: Board) -> None:
    writer = Writer(board, lambda: 0)
    for attempt in range(SEATS):
        writer.note(attempt, Presence(1, 2, True, last_seq=attempt, saved_at=5))
        writer.note(attempt, Presence(9, 0, False))
    writer.start()
    async with asyncio.timeout(10):
        await board.whole.wait()
    await writer.stop()


async def test_the_board_is_written_in_parts_with_the_newest_of_each_seat(tmp_path: Path) -> None:
    board = Board(tmp_path / "none")
    await _flushed(board)
    assert board.parts == [MAX_FLUSH, MAX_FLUSH, 7]
    assert board.seats[3] == Presence(9, 0, False, last_seq=3, saved_at=5)


async def test_what_the_board_could_not_take_comes_again(tmp_path: Path) -> None:
    board = Board(tmp_path / "none", failures=1)
    await _flushed(board)
    assert sum(board.parts) == SEATS


def test_unchanged_rows_give_the_same_snapshot() -> None:
    def rooms(message: str) -> list[tuple[object, ...]]:
        at = "2022-05-21 01:00:00"
        return [(1, 2, "theory", "场次", "考点", "机房", at, at, "{}", message, None, "open")]

    watched = sql.Watched()
    first = watched.snapshot(rooms(""), [], [], [])
    assert watched.snapshot(rooms(""), [], [], []) is first
    other = watched.snapshot(rooms("请安静"), [], [], [])
    assert other is not first
    assert other.sessions[0].message == "请安静"
