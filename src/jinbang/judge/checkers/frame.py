"""A DataFrame that a function of the candidate's returned, against an expected table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinbang.judge.checkers._tables import ROWS_MAX, Cell, Table, TableRule, compare
from jinbang.judge.checkers._values import number
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    WrongInputError,
    shown,
    wrong,
)
from jinbang.judge.checkers.calls import import_trouble, read_cases
from jinbang.judge.checkers.csv_file import read as read_csv


class Options(TableRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`call`: id or function of the call in the cases file. `index`: name under which the index is a column too.

    `dtypes`: column → start of the dtype's name (`float`, `datetime64`).
    """

    call: str
    expected: str
    index: str | None = None
    dtypes: dict[str, str] = {}


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the frame and its dtypes."""
    if import_failed := import_trouble(evidence):
        return import_failed
    frame = _frame(_returned(evidence, options.call))
    if fault := _dtype_fault(frame, options):
        return wrong(fault)
    expected = read_csv(evidence.expected(options.expected), options.expected, ["utf-8-sig"], ",")
    return compare(expected, _table(frame, options.index), options)


def _returned(evidence: Evidence, call: str) -> Any:
    if evidence.run is None or evidence.run.cases is None:
        raise SetupError('frame 检查器需要 kind = "calls" 的运行')
    cases = read_cases(evidence.expected(evidence.run.cases))
    places = [place for place, case in enumerate(cases) if call in (case.id, case.function)]
    if not places:
        raise SetupError(f"调用用例中没有 {call}")
    for event in evidence.events:
        if event.get("event") == "call" and event.get("number") == places[0]:
            return _value(event, call)
    raise WrongInputError(f"{call} 没有返回")


def _value(event: Mapping[str, Any], call: str) -> Any:
    if event.get("missing"):
        raise WrongInputError(f"没有定义 {call}")
    value = event.get("value")
    if "raised" in event or not isinstance(value, dict):
        raise WrongInputError(f"{call} 运行时抛出异常")
    return value.get("returned")


def _frame(value: Any) -> Mapping[str, Any]:
    """The frame's parts, every one of the kind and size it claims; it comes from the candidate's process."""
    body = value.get("$frame") if isinstance(value, dict) else None
    if not isinstance(body, dict):
        raise WrongInputError(f"返回的不是 DataFrame，而是 {shown(_kind(value))}")
    lists = all(isinstance(body.get(part), list) for part in ("columns", "index", "data", "dtypes"))
    if not lists or len(body["data"]) > ROWS_MAX or len(body["index"]) != len(body["data"]):
        raise WrongInputError("返回的 DataFrame 无法读取或过大")
    width = len(body["columns"])
    if len(body["dtypes"]) != width or any(not isinstance(r, list) or len(r) != width for r in body["data"]):
        raise WrongInputError("返回的 DataFrame 无法读取")
    return body


def _kind(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value))).lstrip("$")
    return type(value).__name__


def _dtype_fault(frame: Mapping[str, Any], options: Options) -> str | None:
    found = dict(zip(map(str, frame["columns"]), map(str, frame["dtypes"]), strict=True))
    for column, kind in options.dtypes.items():
        if column not in found:
            return f"缺少列：{column}"
        if not found[column].startswith(kind):
            return f"列 {column} 的类型应为 {kind}，实为 {shown(found[column])}"
    return None


def _table(frame: Mapping[str, Any], index: str | None) -> Table:
    columns = tuple(str(name).strip() for name in frame["columns"])
    rows = [tuple(map(_cell, row)) for row in frame["data"]]
    if index is not None:
        columns = (index, *columns)
        rows = [(_cell(label), *row) for label, row in zip(frame["index"], rows, strict=True)]
    return Table(columns, tuple(rows))


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | bool):
        return value
    if (plain := number(value)) is not None:
        return plain
    if isinstance(value, dict) and len(value) == 1:
        ((tag, body),) = value.items()
        if tag in ("$datetime", "$date"):
            return str(body).removesuffix("T00:00:00").replace("T", " ")
    return shown(value)


CHECKER = Checker(
    "frame",
    Capability(
        "DataFrame",
        "比对函数返回的 DataFrame：列、类型、行（可按键匹配、设容差）",
        frozenset({Need.HARNESS}),
        ("calls",),
    ),
    Options,
    check,
)
