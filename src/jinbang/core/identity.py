"""Identity numbers (GB 11643-1999) and what may be shown of a person.

The checksum and the birth date decide whether a number is right; the area code never does, because
reformed counties and the 81/82/83 codes of residence permits are genuine and in no table. Names are in
:mod:`jinbang.core.naming`, ticket and certificate numbers in :mod:`jinbang.core.numbering`; what callers
need of them most is re-exported here.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from jinbang.core.errors import Refusal
from jinbang.core.naming import mask_name, name_sort_key, normalise_name, split_name, validate_name
from jinbang.core.numbering import number_format
from jinbang.core.problems import Problem

__all__ = [
    "AREAS",
    "IdNumber",
    "IdReport",
    "Sex",
    "check_character",
    "generate",
    "inspect",
    "is_valid",
    "mask",
    "mask_name",
    "mask_phone",
    "name_sort_key",
    "normalise",
    "normalise_name",
    "number_format",
    "parse",
    "split_name",
    "validate_name",
]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+|[0-9]{15,18}\.0+")

#: First two digits of an area code (GB/T 2260) and the residence permits of 2018 (81, 82, 83).
AREAS = MappingProxyType(
    {
        "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古",
        "21": "辽宁", "22": "吉林", "23": "黑龙江",
        "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东",
        "41": "河南", "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南",
        "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏",
        "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
        "71": "台湾", "81": "香港", "82": "澳门", "83": "台湾居民居住证",
    }
)  # fmt: skip


class Sex(StrEnum):
    """As the 17th digit says it: odd is male, even is female."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True)
class IdNumber:
    """A number whose checksum and birth date are right: 18 characters, ``X`` in upper case."""

    value: str

    @property
    def area(self) -> str:
        """The six-digit area code of first registration."""
        return self.value[:6]

    @property
    def born(self) -> date:
        """Date of birth."""
        return date(int(self.value[6:10]), int(self.value[10:12]), int(self.value[12:14]))

    @property
    def sex(self) -> Sex:
        """Sex by the parity of the 17th digit."""
        return Sex.MALE if int(self.value[16]) % 2 else Sex.FEMALE

    @property
    def masked(self) -> str:
        """The form for screens and lists, see :func:`mask`."""
        return mask(self.value)

    def age_on(self, day: date) -> int:
        """Completed years on ``day``."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class IdReport:
    """What :func:`inspect` found. ``number`` is ``None`` exactly when there are ``errors``."""

    value: str
    number: IdNumber | None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def normalise(text: str) -> str:
    """Half-width digits, upper-case ``X``, no spaces, hyphens, apostrophes or invisible characters."""
    plain = unicodedata.normalize("NFKC", text).replace("×", "X").upper()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf" and c not in "-'’`")


def check_character(first17: str) -> str:
    """The 18th character for 17 digits (GB 11643, MOD 11-2)."""
    if not re.fullmatch(r"[0-9]{17}", first17):
        raise ValueError("exactly 17 digits are needed")
    return _CHECKS[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def inspect(text: str, *, today: date | None = None) -> IdReport:
    """Judge ``text`` as an identity number without raising.

    Error codes: ``id_empty``, ``id_spreadsheet``, ``id_length``, ``id_characters``, ``id_birth_date``,
    ``id_future_birth`` (only with ``today``), ``id_checksum``. Warning code: ``id_area_unknown``.
    """
    value = normalise(text)
    errors = _shape_errors(text, value) or _content_errors(value, today)
    if errors:
        return IdReport(value, None, errors)
    return IdReport(value, IdNumber(value), (), _area_warnings(value))


def _shape_errors(text: str, value: str) -> tuple[Problem, ...]:
    if not value:
        return (Problem.of("id_empty", "身份证号为空，请填写 18 位号码"),)
    if _SCIENTIFIC.fullmatch(text.strip()):
        return (Problem.of("id_spreadsheet", "表格把身份证号当成了数值，末几位已丢失；请把该列设为“文本”后重新填写"),)
    if len(value) != 18:
        return (Problem.of("id_length", "身份证号应为 18 位，现有 {length} 位", length=len(value)),)
    if not _SHAPE.fullmatch(value):
        return (Problem.of("id_characters", "身份证号前 17 位应为数字，末位为数字或 X"),)
    return ()


def _content_errors(value: str, today: date | None) -> tuple[Problem, ...]:
    errors = []
    born = _date(value[6:14])
    if born is None:
        errors.append(Problem.of("id_birth_date", "第 7–14 位 {digits} 不是有效日期", digits=value[6:14]))
    elif today is not None and born > today:
        errors.append(Problem.of("id_future_birth", "出生日期 {born} 晚于今天", born=born.isoformat()))
    if check_character(value[:17]) != value[17]:
        errors.append(Problem.of("id_checksum", "校验位不符，请对照身份证逐位核对"))
    return tuple(errors)


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _area_warnings(value: str) -> tuple[Problem, ...]:
    if value[:2] in AREAS and value[2:6] != "0000":
        return ()
    return (Problem.of("id_area_unknown", "地区码 {area} 不在代码表中，请核对（不影响使用）", area=value[:6]),)


def parse(text: str, *, today: date | None = None) -> IdNumber:
    """The number in ``text``; raises :class:`Refusal` with the first error of :func:`inspect`."""
    report = inspect(text, today=today)
    if report.number is None:
        first = report.errors[0]
        raise Refusal(first.code, first.message, **dict(first.params))
    return report.number


def is_valid(text: str) -> bool:
    """Whether :func:`inspect` finds no error."""
    return inspect(text).number is not None


def generate(rng: random.Random, born: date, sex: Sex, area: str = "110101") -> IdNumber:
    """A well-formed number for a fictional person; the same generator state gives the same number."""
    if not re.fullmatch(r"[0-9]{6}", area):
        raise ValueError("area is six digits")
    order = 2 * rng.randrange(1, 499) + (1 if sex is Sex.MALE else 0)
    first17 = f"{area}{born:%Y%m%d}".rjust(14, "0") + f"{order:03d}"
    return IdNumber(first17 + check_character(first17))


def mask(number: str) -> str:
    """First three and last four characters stay, the rest are stars; shorter than 11: all stars but two."""
    if len(number) < 11:
        return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 2 else "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_phone(phone: str) -> str:
    """``13800001234`` → ``138****1234``; other lengths keep the last four of eight or more, else nothing."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", phone) if c.isdigit())
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return "*" * (len(digits) - 4) + digits[-4:] if len(digits) >= 8 else "*" * len(digits)
