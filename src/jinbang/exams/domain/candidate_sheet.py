"""Reading a school's ``.xlsx`` of candidates: every row judged, nothing stored."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pypinyin
import python_calamine
from django.utils.translation import gettext as _

from jinbang.core.errors import Refusal, RowError
from jinbang.core.identity import IdReport, Sex, inspect, mask
from jinbang.core.naming import name_sort_key, normalise_name, validate_name
from jinbang.core.problems import Problem
from jinbang.exams.domain.sheet_columns import COLUMNS, find_header
from jinbang.exams.domain.sheet_values import date_of, raw_text, text_of

MAX_ROWS = 50_000
_KINDS = {
    "": "id_card", "居民身份证": "id_card", "身份证": "id_card", "居民身份证件": "id_card",
    "港澳台居民居住证": "hmt_permit", "居住证": "hmt_permit", "护照": "passport",
}  # fmt: skip
_SEXES = {"男": "M", "女": "F", "M": "M", "F": "F", "男性": "M", "女性": "F"}
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LIMITS = {
    "student_number": 32, "department": 80, "major_name": 80, "class_name": 80, "phone": 20, "email": 254,
    "special_needs": 200,
}  # fmt: skip


@dataclass(frozen=True)
class CandidateRow:
    """One good row; ``row`` counts as the sheet does."""

    row: int
    name: str
    name_sort: str
    document_kind: str
    id_number: str
    sex: str
    born: date
    student_number: str = ""
    department: str = ""
    major_name: str = ""
    class_name: str = ""
    phone: str = ""
    email: str = ""
    special_needs: str = ""


@dataclass(frozen=True)
class ReadSheet:
    """What a sheet holds: good rows, faults, and what is only worth a look."""

    rows: tuple[CandidateRow, ...]
    errors: tuple[RowError, ...]
    warnings: tuple[RowError, ...]


def read_sheet(data: bytes, *, today: date) -> ReadSheet:
    """Judge every row of the first worksheet that is not empty.

    Refusals: ``sheet_unreadable``, ``sheet_header`` (the columns 姓名 and 身份证号 were not found),
    ``sheet_empty``, ``sheet_too_long`` (over 50,000 rows).
    """
    table = _table(data)
    header = find_header(table)
    if header is None:
        raise Refusal("sheet_header", _("没有找到表头：前 10 行中须有一行同时含“姓名”和“身份证号”，请下载模板对照"))
    index, columns, unknown = header
    if len(table) - index - 1 > MAX_ROWS:
        raise Refusal("sheet_too_long", _("表格超过 {most} 行，请分批导入"), most=MAX_ROWS)
    reader = _Reader(columns, today)
    for number, cells in enumerate(table[index + 1 :], index + 2):
        reader.take(number, cells)
    if not reader.rows and not reader.errors:
        raise Refusal("sheet_empty", _("表头下面没有考生数据，请填写后再导入"))
    ignored = [
        RowError(index + 1, heading, _("不认识的列，已忽略"), code="column_ignored", warning=True)
        for heading in unknown
    ]
    return ReadSheet(tuple(reader.rows), tuple(reader.errors), (*ignored, *reader.warnings))


def _table(data: bytes) -> Sequence[Sequence[object]]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                return sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as fault:
        raise Refusal("sheet_unreadable", _("无法读取文件：请上传未加密的 .xlsx 表格")) from fault
    raise Refusal("sheet_empty", _("表格是空的，请填写后再导入"))


class _Reader:
    """Collects the rows of one sheet."""

    def __init__(self, columns: Mapping[str, int], today: date) -> None:
        self.columns, self.today = columns, today
        self.rows: list[CandidateRow] = []
        self.errors: list[RowError] = []
        self.warnings: list[RowError] = []
        self.seen: dict[str, int] = {}

    def take(self, number: int, cells: Sequence[object]) -> None:
        if not any(cell not in ("", None) for cell in cells):
            return
        values = {name: cells[at] if at < len(cells) else "" for name, at in self.columns.items()}
        before = len(self.errors)
        row = self._row(number, values)
        if row is not None and len(self.errors) == before:
            self.rows.append(row)

    def _row(self, number: int, values: Mapping[str, object]) -> CandidateRow | None:
        name = normalise_name(raw_text(values["name"]))
        for problem in validate_name(name):
            self._add(number, "name", problem, name)
        texts = {field: text_of(values.get(field)) for field in COLUMNS if field != "name"}
        kind = _KINDS.get(texts["document_kind"])
        if kind is None:
            self._fault(
                number,
                "document_kind",
                _("证件类型应为居民身份证、港澳台居民居住证或护照"),
                "document_kind",
                texts["document_kind"],
            )
            return None
        identity = self._passport(number, texts) if kind == "passport" else self._id_card(number, texts)
        self._texts(number, texts)
        if identity is None:
            return None
        id_number, sex, born = identity
        self._double(number, id_number)
        kept = {field: texts[field] for field in _LIMITS}
        return CandidateRow(number, name, sort_text(name), kind, id_number, sex, born, **kept)

    def _id_card(self, number: int, texts: Mapping[str, str]) -> tuple[str, str, date] | None:
        report: IdReport = inspect(texts["id_number"], today=self.today)
        for problem in report.errors:
            self._add(number, "id_number", problem, mask(report.value))
        for problem in report.warnings:
            self._add(number, "id_number", problem, mask(report.value), warning=True)
        if report.number is None:
            return None
        sex = "M" if report.number.sex is Sex.MALE else "F"
        if texts["sex"] and _SEXES.get(texts["sex"].upper()) != sex:
            self._fault(number, "sex", _("性别与身份证号不符，请核对两项"), "sex_differs", texts["sex"])
        if texts["born"] and date_of(texts["born"]) != report.number.born:
            self._fault(number, "born", _("出生日期与身份证号不符，请核对两项"), "born_differs", texts["born"])
        return report.number.value, sex, report.number.born

    def _passport(self, number: int, texts: Mapping[str, str]) -> tuple[str, str, date] | None:
        value = texts["id_number"].replace(" ", "").upper()
        sex, born = _SEXES.get(texts["sex"].upper()), date_of(texts["born"])
        if not _PASSPORT.fullmatch(value):
            self._fault(number, "id_number", _("护照号应为 5 至 20 位字母和数字"), "passport", mask(value))
        if sex is None:
            self._fault(number, "sex", _("使用护照的考生须填写性别（男/女）"), "sex", texts["sex"])
        if born is None or born > self.today:
            self._fault(number, "born", _("使用护照的考生须填写出生日期，如 2002-03-04"), "born", texts["born"])
        return (value, sex, born) if sex and born and _PASSPORT.fullmatch(value) else None

    def _texts(self, number: int, texts: Mapping[str, str]) -> None:
        for field, most in _LIMITS.items():
            if len(texts[field]) > most:
                self._fault(number, field, _("最多 {most} 个字符，请缩短").format(most=most), "too_long", texts[field])
        if texts["phone"] and not _PHONE.fullmatch(re.sub(r"[\s-]", "", texts["phone"])):
            self._fault(number, "phone", _("手机号应为数字，如 13800001234"), "phone", texts["phone"])
        if texts["email"] and not _EMAIL.fullmatch(texts["email"]):
            self._fault(number, "email", _("电子邮箱格式不对"), "email", texts["email"])

    def _double(self, number: int, id_number: str) -> None:
        first = self.seen.setdefault(id_number, number)
        if first != number:
            message = _("与第 {row} 行的证件号重复，请删去其中一行").format(row=first)
            self._fault(number, "id_number", message, "double", mask(id_number))

    def _add(self, row: int, field: str, problem: Problem, value: str, *, warning: bool = False) -> None:
        message = _(problem.message).format(**dict(problem.params))
        target = self.warnings if warning else self.errors
        target.append(RowError(row, COLUMNS[field][0], message, value, problem.code, warning))

    def _fault(self, row: int, field: str, message: str, code: str, value: str) -> None:
        self.errors.append(RowError(row, COLUMNS[field][0], message, value, code))


@lru_cache(maxsize=20_000)
def _reading(character: str) -> str:
    return str(pypinyin.lazy_pinyin(character)[0])


def _readings(text: str) -> list[str]:
    return [_reading(character) for character in text]


def sort_text(name: str) -> str:
    """The name's place in the alphabet as a text that a database can order by; at most 200 characters."""
    syllables, characters = name_sort_key(name, _readings)
    return f"{' '.join(syllables)} {characters}"[:200]
