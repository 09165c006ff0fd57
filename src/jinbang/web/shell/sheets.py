"""Sheets that people upload: read, checked against the expected headings, handed to a verb, faults shown as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import xlsxwriter
from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from jinbang.core.errors import Refusal, RowError, RowErrors
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import XLSX, send_file

Text = str | Promise


@dataclass(frozen=True)
class SheetColumn:
    """A heading that is looked for: ``heading`` as we write it, ``aliases`` as others do."""

    name: str
    heading: str
    required: bool = True
    aliases: tuple[str, ...] = ()
    example: str = ""
    explain: Text = ""


@dataclass(frozen=True)
class SheetRow:
    """One row: its number in the sheet (the headings are row 1) and its cells as stripped text, by column name."""

    row: int
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True)
class SheetUpload:
    """What is uploaded. ``take_in(rows)`` runs the verb and returns a sentence for the person, or raises
    ``RowErrors``/``Refusal``; it must store all or nothing."""

    key: str
    title: Text
    columns: Sequence[SheetColumn]
    intro: Text = ""
    max_rows: int = 20_000


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Excel 文件"),
        help_text=gettext_lazy(".xlsx 或 .xls，第一行是表头；证件号码等长数字请设为文本格式。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.ods"}),
    )


def read_sheet(data: bytes, spec: SheetUpload) -> list[SheetRow]:
    """Rows of the first sheet in ``data``. Columns may stand in any order; empty rows are skipped, further columns
    ignored. Raises ``Refusal``: ``sheet_unreadable``, ``sheet_headings``, ``sheet_empty``, ``sheet_too_long``."""
    try:
        table = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, BadZipFile, ValueError, IndexError) as fault:
        raise Refusal("sheet_unreadable", _("这个文件不能作为 Excel 表格打开。请另存为 .xlsx 后重试。")) from fault
    if not table:
        raise Refusal("sheet_empty", _("表格是空的。请下载模板，填好后再上传。"))
    places = _places([_text(cell) for cell in table[0]], spec)
    rows = []
    for number, cells in enumerate(table[1:], 2):
        values = {name: _text(cells[place]) if place < len(cells) else "" for name, place in places.items()}
        if any(values.values()):
            rows.append(SheetRow(number, values))
    if not rows:
        raise Refusal("sheet_empty", _("表头下面没有数据。请填好后再上传。"))
    if len(rows) > spec.max_rows:
        raise Refusal(
            "sheet_too_long",
            _("一次最多 {limit} 行，这里有 {count} 行，请分开上传。"),
            limit=spec.max_rows,
            count=len(rows),
        )
    return rows


def _places(headings: list[str], spec: SheetUpload) -> dict[str, int]:
    """Column name → index in the sheet."""
    plain = [heading.replace(" ", "").replace("*", "").replace("＊", "").casefold() for heading in headings]
    places: dict[str, int] = {}
    for column in spec.columns:
        for wanted in (column.heading, *column.aliases):
            if wanted.replace(" ", "").casefold() in plain:
                places[column.name] = plain.index(wanted.replace(" ", "").casefold())
                break
    missing = [column.heading for column in spec.columns if column.required and column.name not in places]
    if missing:
        raise Refusal("sheet_headings", _("第一行缺少表头：{missing}。请用模板的表头。"), missing="、".join(missing))
    return places


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M") if (cell.hour or cell.minute) else cell.strftime("%Y-%m-%d")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip().strip("\u200b\ufeff\xa0").strip() if cell is not None else ""


def template_sheet(spec: SheetUpload) -> BytesIO:
    """The sheet to fill in: headings, one example row, every column as text."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    text, head = (
        book.add_format({"num_format": "@"}),
        book.add_format({"bold": True, "bg_color": "#EFE9DC", "bottom": 1}),
    )
    for index, column in enumerate(spec.columns):
        sheet.set_column(index, index, max(14, 2 * len(column.heading) + 4), text)
        sheet.write_string(0, index, column.heading, head)
        sheet.write_string(1, index, column.example, text)
    sheet.freeze_panes(1, 0)
    book.close()
    file.seek(0)
    return file


def upload_page(
    request: OfficeRequest,
    spec: SheetUpload,
    take_in: Callable[[list[SheetRow]], str],
    *,
    done: str,
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """The whole answer to an upload's address: explanation and template (``?template=1``), then the result or the
    table of faults."""
    if request.GET.get("template"):
        return send_file(request, template_sheet(spec), name=f"{spec.title}.xlsx", content_type=XLSX)
    form, errors = UploadForm(request.POST or None, request.FILES or None), list[RowError]()
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, take_in(read_sheet(form.cleaned_data["file"].read(), spec)))
            return HttpResponseRedirect(done)
        except RowErrors as refusal:
            errors = sorted(refusal.errors, key=lambda error: (error.row, error.field))
            form.add_error(None, str(refusal))
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    headings = {column.name: column.heading for column in spec.columns}
    page = {"spec": spec, "form": form, "row_errors": errors, "headings": headings, "cancel": done, **(context or {})}
    return render(request, "shell/upload.html", page, status=422 if form.errors else 200)
