"""A JSON (or JSON-lines) file the program made, against an expected one."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from jinbang.judge.checkers._values import difference
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    WrongInputError,
    given_file,
    part,
    right,
    text_of,
    wrong,
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`at`: compare only this dotted place of both. `key`: for a list of objects, match by this field and give

    points per object. `lines`: one JSON value a line.
    """

    file: str
    expected: str
    at: str = ""
    key: str | None = None
    lines: bool = False
    tolerance: float = 1e-6


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the two values."""
    got = _at(read(given_file(evidence, options.file), options.file, options.lines), options)
    try:
        expected = _at(read(evidence.expected(options.expected), options.expected, options.lines), options)
    except WrongInputError as error:
        raise SetupError(str(error)) from error
    if options.key is not None:
        return by_key(expected, got, options.key, options.tolerance)
    fault = difference(expected, got, tolerance=options.tolerance)
    return wrong("内容与预期不同", fault) if fault else right()


def read(data: bytes, name: str, lines: bool) -> Any:
    """The file as plain data. Raises WrongInputError."""
    text = text_of(data, name)
    try:
        if lines:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongInputError(f"{name} 不是有效的 JSON") from error


def _at(value: Any, options: Options) -> Any:
    for step in filter(None, options.at.split(".")):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise WrongInputError(f"{options.file} 中没有 {options.at}") from error
    return value


def by_key(expected: Any, got: Any, key: str, tolerance: float) -> Finding:
    """Objects matched by a field; share = right ones ÷ the larger number."""
    if not isinstance(got, list) or not all(isinstance(item, dict) for item in got):
        return wrong("应为由对象组成的列表")
    known = {str(item.get(key)): item for item in got}
    faults = [
        f"{key}={item[key]}：{fault}"
        for item in expected
        if (fault := difference(item, known.get(str(item[key])), tolerance=tolerance))
    ]
    total = max(len(expected), len(got))
    if not faults and total == len(expected):
        return right(f"{total} 条全部正确")
    return part(len(expected) - len(faults), total, "记录", faults[0] if faults else "有多余的记录")


CHECKER = Checker(
    "json",
    Capability("JSON 文件", "比对程序生成的 JSON 或 JSON Lines 文件", frozenset({Need.RUN, Need.FILES})),
    Options,
    check,
)
