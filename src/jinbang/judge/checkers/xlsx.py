"""A workbook the program made: a sheet of it against an expected CSV."""

from __future__ import annotations

import io
import zipfile

import python_calamine

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

INFLATED_MAX = 64 << 20


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
    """The sheet as a table. Raises WrongInputError; a workbook that inflates to more than 64 MB is refused."""
    _refuse_bomb(data, options.file)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = options.sheet or book.sheet_names[0]
        if name not in book.sheet_names:
            raise WrongInputError(f"{options.file} 中没有名为 {name} 的工作表")
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)[options.skip : ROWS_MAX]
    except (python_calamine.CalamineError, IndexError) as error:
        raise WrongInputError(f"{options.file} 不是有效的 xlsx 工作簿") from error
    if not rows:
        raise WrongInputError(f"{options.file} 的工作表是空的")
    header = tuple(str(cell).strip() for cell in rows[0])
    return Table(header, tuple(tuple(map(_cell, row)) for row in rows[1:]))


def _refuse_bomb(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise WrongInputError(f"{name} 不是有效的 xlsx 工作簿") from error
    if total > INFLATED_MAX:
        raise WrongInputError(f"{name} 过大")


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    text = str(value)
    return text.removesuffix(" 00:00:00")


CHECKER = Checker(
    "xlsx",
    Capability("Excel 工作簿", "按行比对程序生成的 xlsx 工作表", frozenset({Need.RUN, Need.FILES})),
    Options,
    check,
)
