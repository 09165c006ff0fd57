"""Tables (CSV, sheets, frames, query results) compared row by row, with part of the points for part of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from jinbang.judge.checkers._values import close, parse_number
from jinbang.judge.checkers.base import Finding, SetupError, right, shown, wrong

ROWS_MAX = 100_000
Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """Named columns and rows of plain cells; every row is as long as the header."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class TableRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How tables are compared.

    `columns`: only these count (default: those expected); `key`: rows are matched by these columns, so order is
    free; `ordered`: rows must come in order; neither: rows are matched as a bag. `numeric`: tolerance by column.
    `all_or_nothing`: no part points. `strict_columns`: further columns are a fault.
    """

    columns: list[str] | None = None
    key: list[str] = []
    ordered: bool = False
    numeric: dict[str, float] = {}
    all_or_nothing: bool = False
    strict_columns: bool = False


def compare(expected: Table, got: Table, rule: TableRule) -> Finding:
    """Share = matching rows ÷ the larger number of rows, so padding a table with guesses gains nothing."""
    wanted = tuple(rule.columns or expected.columns)
    if missing := [name for name in (*wanted, *rule.key) if name not in expected.columns]:
        raise SetupError(f"预期结果没有列 {'、'.join(missing)}")
    if missing := [name for name in wanted if name not in got.columns]:
        return wrong(f"缺少列：{'、'.join(missing)}", f"实有列：{shown('、'.join(got.columns))}")
    if rule.strict_columns and got.columns != wanted:
        return wrong(f"列应依次为：{'、'.join(wanted)}", f"实有列：{shown('、'.join(got.columns))}")
    return _score(_pick(expected, wanted), _pick(got, wanted), wanted, rule)


def _pick(table: Table, columns: Sequence[str]) -> list[tuple[Cell, ...]]:
    places = [table.columns.index(name) for name in columns]
    return [tuple(row[place] for place in places) for row in table.rows]


def _score(
    expected: list[tuple[Cell, ...]], got: list[tuple[Cell, ...]], columns: Sequence[str], rule: TableRule
) -> Finding:
    match = _Match(columns, rule)
    if rule.ordered:
        hits = [match.same(one, other) for one, other in zip(expected, got, strict=False)].count(True)
        first = next((i for i, row in enumerate(expected) if i >= len(got) or not match.same(row, got[i])), None)
        bad = None if first is None else expected[first]
    else:
        hits, bad = match.as_bag(
            expected, got[: 4 * len(expected) + 100]
        )  # beyond, padding costs time and earns nothing
    total = max(len(expected), len(got), 1)
    if hits == total or (not expected and not got):
        return right(f"{len(expected)} 行全部正确")
    share = Fraction(0) if rule.all_or_nothing else Fraction(hits, total)
    detail = f"未匹配的预期行：{shown(dict(zip(columns, bad, strict=True)))}" if bad else "有多余的行"
    return Finding(share, f"应有 {len(expected)} 行，实有 {len(got)} 行，其中 {hits} 行正确", detail)


class _Match:
    def __init__(self, columns: Sequence[str], rule: TableRule) -> None:
        self._tolerance = [rule.numeric.get(name) for name in columns]
        self._key = [columns.index(name) for name in rule.key if name in columns]
        self._exact = [i for i, tolerance in enumerate(self._tolerance) if tolerance is None]

    def same(self, one: Sequence[Cell], other: Sequence[Cell]) -> bool:
        return all(map(same_cell, one, other, self._tolerance))

    def as_bag(
        self, expected: list[tuple[Cell, ...]], got: list[tuple[Cell, ...]]
    ) -> tuple[int, tuple[Cell, ...] | None]:
        """Each expected row takes one row of its bucket; a bucket holds rows alike in key (or exact) columns."""
        places = self._key or self._exact
        buckets: dict[tuple[str, ...], list[tuple[Cell, ...]]] = {}
        for row in got:
            buckets.setdefault(tuple(plain(row[i]) for i in places), []).append(row)
        hits, bad = 0, None
        for row in expected:
            bucket = buckets.get(tuple(plain(row[i]) for i in places), [])
            place = next((i for i, other in enumerate(bucket) if self.same(row, other)), None)
            if place is None:
                bad = bad or row
            else:
                bucket.pop(place)
                hits += 1
        return hits, bad


def same_cell(one: Cell, other: Cell, tolerance: float | None) -> bool:
    """Numbers by value within the tolerance, the rest as text with blanks around it dropped."""
    if tolerance is None:
        return plain(one) == plain(other)
    wanted, given = parse_number(plain(one)), parse_number(plain(other))
    if wanted is None or given is None:
        return plain(one) == plain(other)
    return close(wanted, given, tolerance)


def plain(cell: Cell) -> str:
    """A cell as the text a CSV file would hold; 3.0 is 3."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()
