"""A list as a sheet: XlsxWriter in constant memory, rows read in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from jinbang.web.shell.labels import state_label
from jinbang.web.shell.lists import Column, ListSpec

_WIDTHS = {"date": 12, "datetime": 17, "number": 10, "money": 12, "flag": 8, "state": 14, "mono": 22}
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "money": "0.00"}


def plain(column: Column, row: Any) -> object:
    """The cell's value for a sheet: local naive time, yuan, words for states; text otherwise."""
    value = column.of(row)
    if value is None:
        return ""
    if column.kind == "state":
        return str(state_label(column.machine, str(value)))
    if column.kind == "money":
        return int(value) / 100
    if column.kind == "flag":
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return value.astimezone(get_current_timezone()).replace(tzinfo=None)
    if isinstance(value, (int, float, date)):
        return value
    return "、".join(map(str, value)) if isinstance(value, (list, tuple, set)) else str(value)


def begin_book(file: IO[bytes]) -> tuple[Any, Any]:
    """A workbook in which text stays text, and the format of its headings."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    return book, book.add_format({"bold": True, "bg_color": "#EFE9DC", "bottom": 1})


def write_sheet(file: IO[bytes], spec: ListSpec, columns: Sequence[Column], rows: QuerySet[Any]) -> int:
    """Write ``rows`` to ``file`` as xlsx and return how many. Text cells are strings whatever they look like, so
    that an identity number keeps its digits and a leading "=" is no formula."""
    shown = [column for column in columns if column.export]
    book, head = begin_book(file)
    sheet = book.add_worksheet(str(spec.title)[:31].translate(str.maketrans("[]:*?/\\", "       ")))
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    for index, column in enumerate(shown):
        sheet.set_column(index, index, _WIDTHS.get(column.kind, 20), formats.get(column.kind))
        sheet.write_string(0, index, str(column.label), head)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows.iterator(chunk_size=2000), 1):
        for index, column in enumerate(shown):
            _write(sheet, count, index, plain(column, row), formats.get(column.kind))
    if count:
        sheet.autofilter(0, 0, count, max(len(shown) - 1, 0))
    book.close()
    return count


def _write(sheet: Any, row: int, column: int, value: object, pattern: Any) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value, pattern)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), pattern)  # noqa: DTZ001 - sheets have no zone
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(row, column, value, pattern)
    else:
        sheet.write_string(row, column, str(value))
