"""A table that is worked out, not stored, as a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, StreamingHttpResponse

from jinbang.web.shell.list_sheets import begin_book
from jinbang.web.shell.responses import XLSX, send_file, spooled

Cell = str | int | float | None


def send_table(
    request: HttpRequest, title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """``rows`` under ``heads`` as xlsx; text stays text whatever it looks like, None is an empty cell."""
    file = spooled()
    book, head_format = begin_book(file)
    sheet = book.add_worksheet()
    for column, head in enumerate(heads):
        sheet.set_column(column, column, 18)
        sheet.write_string(0, column, head, head_format)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    file.seek(0)
    return send_file(request, file, name=f"{title}.xlsx", content_type=XLSX)
