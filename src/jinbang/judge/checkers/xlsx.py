"""A workbook the program made: a sheet of it against an expected CSV."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from jinbang.judge.checkers._tables import ROWS_MAX, Cell, Table, TableRule, compare
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    WrongInputError,
    given_file,
)
from jinbang.judge.checkers.csv_file import read as read_csv

READ_S = 20.0
_READER = Path(__file__).with_name("_sheet_process.py")


class Options(TableRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`sheet`: name, default the first; `header`: rows above the header that are skipped."""

    file: str
    expected: str
    sheet: str | None = None
    skip: int = 0


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the sheet with the expected table."""
    got = read(given_file(evidence, options.file), options)
    return compare(read_csv(evidence.expected(options.expected), options.expected, ["utf-8-sig"], ","), got, options)


def read(data: bytes, options: Options) -> Table:
    """The sheet as a table. Raises WrongInputError, also for a workbook that unfolds beyond reason."""
    rows = json.loads(_unfolded(data, options))[options.skip :]
    if not rows:
        raise WrongInputError(f"{options.file} 的工作表是空的")
    header = tuple(str(cell).strip() for cell in rows[0])
    return Table(header, tuple(tuple(map(_cell, row)) for row in rows[1:]))


def _unfolded(data: bytes, options: Options) -> bytes:
    argv = [sys.executable, "-I", str(_READER), options.sheet or "", str(ROWS_MAX)]
    try:
        done = subprocess.run(argv, input=data, capture_output=True, timeout=READ_S, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise WrongInputError(f"{options.file} 过大") from error
    if done.returncode == 3 and done.stdout.strip() == b"sheet":
        raise WrongInputError(f"{options.file} 中没有名为 {options.sheet} 的工作表")
    if done.returncode == 3:
        raise WrongInputError(f"{options.file} 不是有效的 xlsx 工作簿")
    if done.returncode != 0:
        raise WrongInputError(f"{options.file} 过大")
    return done.stdout


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value.removesuffix(" 00:00:00")
    if value is None or isinstance(value, int | float | bool):
        return value
    return str(value)


CHECKER = Checker(
    "xlsx",
    Capability("Excel 工作簿", "按行比对程序生成的 xlsx 工作表", frozenset({Need.RUN, Need.FILES})),
    Options,
    check,
)
