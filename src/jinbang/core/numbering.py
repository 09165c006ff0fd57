"""Numbers that people copy by hand: admission tickets and certificates.

A format is data of the plan, written as words: ``level2 sitting4 site4 room4 seat2`` is sixteen digits,
``=ZH year4 level1 serial6 check`` is a prefix, eleven digits and a check character. The check is
ISO/IEC 7064 MOD 37,36: it takes digits and letters, its own character is a digit or a letter too (MOD 37,2
needs ``*``, MOD 11,2 carries digits only), and it catches every single wrong character and nearly every
swap of neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jinbang.core.errors import Refusal

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WORD = re.compile(r"([a-z_]+)([1-9][0-9]?)|=([0-9A-Z]+)")

#: The ticket number of a sister exam, used when a plan says nothing else.
DEFAULT_TICKET = "level2 sitting4 site4 room4 seat2"


@dataclass(frozen=True)
class Field:
    """A zero-padded decimal field, or a literal when ``width`` is 0 (then ``name`` is the text itself)."""

    name: str
    width: int


@dataclass(frozen=True)
class NumberFormat:
    """The layout of a number. Build one with :func:`number_format`."""

    fields: tuple[Field, ...]
    check: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields that :meth:`format` needs."""
        return tuple(f.name for f in self.fields if f.width)

    @property
    def length(self) -> int:
        """Characters of a finished number."""
        return sum(f.width or len(f.name) for f in self.fields) + self.check

    def format(self, **values: int) -> str:
        """The number for ``values``; ``number_overflow`` if one does not fit its width."""
        if set(values) != set(self.names):
            raise ValueError(f"fields needed: {self.names}, given: {tuple(values)}")
        body = "".join(self._part(f, values) for f in self.fields)
        return body + check_character(body) if self.check else body

    @staticmethod
    def _part(field: Field, values: Mapping[str, int]) -> str:
        if not field.width:
            return field.name
        value = values[field.name]
        if not 0 <= value < 10**field.width:
            raise Refusal(
                "number_overflow",
                "“{name}”的值 {value} 超出 {width} 位，请为考试计划设置更宽的编号格式",
                name=field.name,
                value=value,
                width=field.width,
            )
        return f"{value:0{field.width}d}"

    def parse(self, text: str) -> dict[str, int]:
        """Field values.

        Codes of refusal: ``number_length``, ``number_check``, ``number_prefix``, ``number_digits``.
        """
        text = text.strip().upper()
        if len(text) != self.length:
            raise Refusal("number_length", "号码应为 {length} 位", length=self.length)
        if self.check and not check_holds(text):
            raise Refusal("number_check", "号码的校验位不符，请逐位核对")
        values: dict[str, int] = {}
        at = 0
        for field in self.fields:
            size = field.width or len(field.name)
            _take(field, text[at : at + size], values)
            at += size
        return values

    def is_valid(self, text: str) -> bool:
        """Whether :meth:`parse` would take it."""
        try:
            self.parse(text)
        except Refusal:
            return False
        return True


def _take(field: Field, part: str, values: dict[str, int]) -> None:
    if not field.width:
        if part != field.name:
            raise Refusal("number_prefix", "号码中应有“{prefix}”", prefix=field.name)
    elif re.fullmatch(r"[0-9]+", part):
        values[field.name] = int(part)
    else:
        raise Refusal("number_digits", "号码的“{name}”部分应为数字", name=field.name)


def number_format(spec: str) -> NumberFormat:
    """Read a format such as ``=ZH year4 serial6 check``; ``ValueError`` says what is wrong with it."""
    words = spec.split()
    check = bool(words) and words[-1] == "check"
    fields = []
    for word in words[: len(words) - check]:
        match = _WORD.fullmatch(word)
        if match is None:
            raise ValueError(f"{word!r} is neither name+width, =LITERAL nor a final check")
        fields.append(Field(match[3], 0) if match[3] else Field(match[1], int(match[2])))
    names = [f.name for f in fields if f.width]
    if not names or len(set(names)) != len(names):
        raise ValueError("a format needs at least one field and no field twice")
    return NumberFormat(tuple(fields), check)


def check_character(body: str) -> str:
    """ISO/IEC 7064 MOD 37,36 over digits and upper-case letters; ``ValueError`` for anything else."""
    product = 36
    for character in body:
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def check_holds(number: str) -> bool:
    """Whether the last character is the check character of those before it."""
    body, last = number[:-1], number[-1:]
    return bool(body) and set(number) <= set(_ALPHABET) and check_character(body) == last


def allocate(last: int, count: int) -> range:
    """The next ``count`` serials after ``last`` (0 when none was given): no gap, no repeat."""
    if last < 0 or count < 0:
        raise ValueError("serials and counts are not negative")
    return range(last + 1, last + 1 + count)


def gaps(serials: Iterable[int]) -> tuple[int, ...]:
    """Serials missing between 1 and the highest; an auditor expects an empty tuple."""
    present = set(serials)
    return tuple(n for n in range(1, max(present, default=0) + 1) if n not in present)
