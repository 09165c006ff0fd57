"""Values that came over the wire, and when two of them are the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jinbang.judge.checkers.base import shown

MAX_DEPTH = 60
_NUMBERS = ("$int", "$float", "$decimal")


def difference(expected: Any, got: Any, *, tolerance: float = 0.0, strict: bool = False) -> str | None:
    """Where the values (in wire form) first differ, in the candidate's language; None if they agree.

    `tolerance` is relative above 1 and absolute below. Without `strict` lists, tuples and arrays are alike.
    """
    return _differ(expected, got, "结果", _Rule(tolerance, strict), 0)


class _Rule:
    def __init__(self, tolerance: float, strict: bool) -> None:
        self.tolerance = tolerance
        self.strict = strict


def _differ(expected: Any, got: Any, place: str, rule: _Rule, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return f"{place}嵌套过深"
    wanted, given = number(expected), number(got)
    if wanted is not None or given is not None:
        agree = wanted is not None and given is not None and close(wanted, given, rule.tolerance)
        return None if agree else _say(place, expected, got)
    if not rule.strict:
        expected, got = _loose(expected), _loose(got)
    if isinstance(expected, list) and isinstance(got, list):
        return _differ_items(expected, got, place, rule, depth)
    if isinstance(expected, dict) and isinstance(got, dict):
        return _differ_keys(expected, got, place, rule, depth)
    same = type(expected) is type(got) and expected == got
    return None if same else _say(place, expected, got)


def _differ_items(expected: Sequence[Any], got: Sequence[Any], place: str, rule: _Rule, depth: int) -> str | None:
    if len(expected) != len(got):
        return f"{place}应有 {len(expected)} 项，实有 {len(got)} 项"
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        if found := _differ(one, other, f"{place}第 {index + 1} 项", rule, depth + 1):
            return found
    return None


def _differ_keys(
    expected: Mapping[str, Any], got: Mapping[str, Any], place: str, rule: _Rule, depth: int
) -> str | None:
    if missing := sorted(set(expected) - set(got)):
        return f"{place}缺少 {shown('、'.join(missing))}"
    if extra := sorted(set(got) - set(expected)):
        return f"{place}多出 {shown('、'.join(extra))}"
    for key, value in expected.items():
        if found := _differ(value, got[key], f"{place}的 {key} ", rule, depth + 1):
            return found
    return None


def _say(place: str, expected: Any, got: Any) -> str:
    if isinstance(expected, str) != isinstance(got, str):  # "11" is not 11: show the quotes
        expected, got = repr(expected), repr(got)
    return f"{place}应为 {shown(expected)}，实为 {shown(got)}"


def _loose(value: Any) -> Any:
    """Tuples, arrays and series as the lists they hold."""
    if isinstance(value, dict) and len(value) == 1:
        ((tag, body),) = value.items()
        if tag == "$tuple":
            return body
        if tag in ("$array", "$series") and isinstance(body, dict):
            return body.get("data")
    return value


def number(value: Any) -> float | int | None:
    """The number a wire form stands for; None for anything else, booleans included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((tag, body),) = value.items()
        if tag in _NUMBERS:
            return parse_number(str(body))
    return None


def parse_number(text: str) -> float | int | None:
    """A number as people write it (blanks around, thousands commas), or None. NaN is no number."""
    text = text.strip().replace(",", "")
    if len(text) > 400 or "_" in text:
        return None
    try:
        return int(text, 16) if text[:2].lower() == "0x" else int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def close(expected: float, got: float, tolerance: float) -> bool:
    """True if the two agree within `tolerance` (absolute below 1, relative above)."""
    if expected == got:
        return True
    if math.isinf(expected) or math.isinf(got):
        return False
    try:
        return abs(expected - got) <= tolerance * max(1.0, abs(expected)) * (1 + 1e-9)
    except OverflowError:
        return False
