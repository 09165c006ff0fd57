"""A CSV file the program made, against an expected one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from jinbang.judge.checkers._tables import ROWS_MAX, Table, TableRule, compare
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    WrongInputError,
    given_file,
    text_of,
)


class Options(TableRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`file` is the program's, `expected` the package's; `encodings` are tried in turn."""

    file: str
    expected: str
    encodings: tuple[str, ...] = ("utf-8-sig",)
    delimiter: str = ","


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the two tables."""
    got = read(given_file(evidence, options.file), options.file, options.encodings, options.delimiter)
    expected = read(evidence.expected(options.expected), options.expected, ["utf-8-sig"], ",")
    return compare(expected, got, options)


def read(data: bytes, name: str, encodings: Sequence[str], delimiter: str) -> Table:
    """The file as a table: first row is the header, blank lines dropped. Raises WrongInputError."""
    reader = csv.reader(io.StringIO(text_of(data, name, encodings), newline=""), delimiter=delimiter)
    try:
        rows = [row for row, _ in zip(reader, range(ROWS_MAX), strict=False) if any(map(str.strip, row))]
    except csv.Error as error:
        raise WrongInputError(f"{name} 不是有效的 CSV 文件") from error
    if not rows:
        raise WrongInputError(f"{name} 是空文件")
    header = tuple(cell.strip() for cell in rows[0])
    width = len(header)
    body = tuple(tuple((row + [""] * width)[:width]) for row in rows[1:])
    return Table(header, body)


CHECKER = Checker(
    "csv",
    Capability("CSV 文件", "逐行比对程序生成的 CSV 文件，可按列设容差", frozenset({Need.RUN, Need.FILES})),
    Options,
    check,
)
