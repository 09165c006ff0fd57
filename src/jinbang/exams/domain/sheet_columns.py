"""Which column of a candidates' sheet means what: headers as schools write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType

#: field → (heading of our own template, other headings that are understood)
COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("姓名", ("考生姓名", "学生姓名", "名字", "学员姓名")),
        "id_number": (
            "身份证号",
            ("身份证号码", "身份证", "证件号码", "证件号", "公民身份号码", "身份证件号", "身份证件号码", "证件编号"),
        ),
        "document_kind": ("证件类型", ("证件类别", "证件种类")),
        "sex": ("性别", ()),
        "born": ("出生日期", ("出生年月日", "生日", "出生年月")),
        "student_number": ("学号", ("学籍号", "学生学号")),
        "department": ("院系", ("系部", "学院", "二级学院", "院系名称", "所在院系", "系别")),
        "major_name": ("专业", ("专业名称", "所学专业")),
        "class_name": ("班级", ("班级名称", "行政班", "所在班级")),
        "phone": ("手机号", ("手机", "手机号码", "联系电话", "电话", "联系方式")),
        "email": ("电子邮箱", ("邮箱", "电子邮件", "EMAIL", "E-MAIL")),
        "special_needs": ("特殊需求", ("特殊需要", "便利申请", "合理便利")),
    }
)
REQUIRED = ("name", "id_number")
_HEADER_ROWS = 10
_NOTE = re.compile(r"[(\[【].*?[)\]】]|[*:\s]")
_FIELDS = {heading: name for name, (own, others) in COLUMNS.items() for heading in (own, *others)}


def plain(text: object) -> str:
    """A heading without width, blanks, stars, colons and bracketed notes: ``姓　名*（必填）`` → ``姓名``."""
    return _NOTE.sub("", unicodedata.normalize("NFKC", str(text))).upper()


def find_header(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int], list[str]] | None:
    """(index of the header row, column of every field, headings that mean nothing to us).

    The header is the first of the first ten rows that names both required columns; titles and notes may
    stand above it. ``None`` if there is none. A field named twice keeps its first column.
    """
    for index, row in enumerate(rows[:_HEADER_ROWS]):
        columns: dict[str, int] = {}
        unknown = []
        for position, cell in enumerate(row):
            heading = plain(cell)
            if heading in _FIELDS:
                columns.setdefault(_FIELDS[heading], position)
            elif heading:
                unknown.append(str(cell).strip())
        if all(name in columns for name in REQUIRED):
            return index, columns, unknown
    return None
