"""The sheet that schools fill in, with its own explanation."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import gettext as _

from jinbang.exams.domain.sheet_columns import COLUMNS, REQUIRED

_WIDTHS = {"id_number": 24, "email": 24, "major_name": 20, "department": 20}
_ROWS = 2000


def candidate_template() -> bytes:
    """An ``.xlsx`` with our headings; all columns are text, so that no number loses its last digits."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        needed = book.add_format({"bold": True, "bg_color": "#FDE9D9", "border": 1})
        optional = book.add_format({"bold": True, "bg_color": "#EAF1DD", "border": 1})
        sheet = book.add_worksheet("考生信息")
        for position, (field, (heading, _others)) in enumerate(COLUMNS.items()):
            sheet.set_column(position, position, _WIDTHS.get(field, 14), text)
            sheet.write(0, position, heading, needed if field in REQUIRED else optional)
        names = list(COLUMNS)
        for field, choices in (("sex", ["男", "女"]), ("document_kind", ["居民身份证", "港澳台居民居住证", "护照"])):
            at = names.index(field)
            sheet.data_validation(1, at, _ROWS, at, {"validate": "list", "source": choices})
        sheet.freeze_panes(1, 1)
        _explain(book.add_worksheet("填写说明"))
    return buffer.getvalue()


def _explain(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    sheet.set_column(0, 0, 90)
    lines = (
        _("橙色列必填，绿色列选填；列的顺序可以调整，多余的列会被忽略。"),
        _("身份证号请以文本填写，共 18 位，末位可为 X。"),
        _("使用居民身份证的考生不必填写性别和出生日期；填写时须与身份证号一致。"),
        _("使用护照的考生须填写证件类型、性别和出生日期。"),
        _("任何一行有误时，整张表都不会导入；系统会列出每一行的问题和改法。"),
        _("再次导入同一考生会更新其信息，不会重复登记。"),
    )
    for row, line in enumerate(lines):
        sheet.write(row, 0, line)
