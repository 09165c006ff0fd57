"""Standard output, three ways: exact text, tokens, or numbers within a tolerance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from jinbang.judge.checkers._values import close, parse_number
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    part,
    right,
    shown,
    text_of,
    wrong,
)

_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`mode` exact: same lines (blanks at line ends and blank lines at the end are free); tokens: same words in
    order; numbers: same numbers in order within `tolerance`, other text is free. `lines`: part points by line.
    """

    expected: str
    mode: Literal["exact", "tokens", "numbers"] = "exact"
    tolerance: float = 1e-6
    lines: bool = False


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare what the run printed."""
    if evidence.result is None:
        raise SetupError("此测试点没有指定运行")
    got = text_of(evidence.result.stdout, "标准输出", ["utf-8"])
    expected = text_of(evidence.expected(options.expected), options.expected)
    if options.mode == "numbers":
        return _numbers(_NUMBER.findall(expected), _NUMBER.findall(got), options.tolerance)
    if options.mode == "tokens":
        return _sequence(expected.split(), got.split(), "词", part_points=False)
    return _sequence(_lines(expected), _lines(got), "行", part_points=options.lines)


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _sequence(expected: Sequence[str], got: Sequence[str], unit: str, *, part_points: bool) -> Finding:
    if list(expected) == list(got):
        return right()
    place = next((i for i, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
    if place is None:
        place = min(len(expected), len(got))
    wanted = expected[place] if place < len(expected) else "（已结束）"
    given = got[place] if place < len(got) else "（已结束）"
    detail = f"第 {place + 1} {unit}应为 {shown(wanted)}，实为 {shown(given)}"
    if not part_points:
        return wrong(f"第 {place + 1} {unit}起与预期不同", detail)
    same = sum(a == b for a, b in zip(expected, got, strict=False))
    return part(same, max(len(expected), len(got)), "输出", detail)


def _numbers(expected: Sequence[str], got: Sequence[str], tolerance: float) -> Finding:
    if len(expected) != len(got):
        return wrong(f"应输出 {len(expected)} 个数，实有 {len(got)} 个")
    for place, (one, other) in enumerate(zip(expected, got, strict=True)):
        wanted, given = parse_number(one), parse_number(other)
        if wanted is None or given is None or not close(wanted, given, tolerance):
            return wrong(f"第 {place + 1} 个数与预期不同", f"应为 {one}，实为 {other}")
    return right()


CHECKER = Checker(
    "stdout",
    Capability("标准输出", "逐行、逐词或按数值容差比对程序的标准输出", frozenset({Need.RUN})),
    Options,
    check,
)
