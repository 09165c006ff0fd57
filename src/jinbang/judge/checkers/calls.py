"""Functions called with arguments the candidate has not seen; what comes back is compared here."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    part,
    right,
    shown,
    wrong,
)
from jinbang.judge.settled import settled


@settled
class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One call of the cases file. `args`, `kwargs`, `returns`, `arguments` are in wire form (`$tuple`, `$date` …).

    Only the first three fields enter the sandbox. `raises` is the name of an exception class or of a base of it.
    """

    function: str
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    id: str = ""
    returns: Any = msgspec.UNSET
    raises: str | None = None
    prints: str | None = None
    arguments: list[Any] | None = None
    tolerance: float = 1e-6


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`only` picks calls by id or function; `all_or_nothing` gives points for all right ones alone."""

    only: list[str] = []
    all_or_nothing: bool = False
    strict: bool = False


def read_cases(data: bytes) -> list[Call]:
    """The cases file. Raises SetupError naming the field."""
    try:
        return msgspec.json.decode(data, type=list[Call])
    except msgspec.DecodeError as error:
        raise SetupError(f"调用用例文件有误：{error}") from error


def questions(data: bytes) -> list[dict[str, Any]]:
    """What of the cases may enter the sandbox: never an expected value."""
    return [{"function": c.function, "args": c.args, "kwargs": c.kwargs} for c in read_cases(data)]


def check(evidence: Evidence, options: Options) -> Finding:
    """Count the calls that came back as they should."""
    if evidence.run is None or evidence.run.cases is None:
        raise SetupError('calls 检查器需要 kind = "calls" 的运行')
    if import_failed := import_trouble(evidence):
        return import_failed
    cases = read_cases(evidence.expected(evidence.run.cases))
    found = {event["number"]: event for event in evidence.events if event.get("event") == "call"}
    chosen = [n for n, c in enumerate(cases) if not options.only or {c.id, c.function} & set(options.only)]
    faults = [fault for n in chosen if (fault := _fault(cases[n], found.get(n), options.strict))]
    if not faults and chosen:
        return right(f"{len(chosen)} 次调用全部正确")
    done = 0 if options.all_or_nothing else len(chosen) - len(faults)
    return part(done, len(chosen), "函数调用", faults[0] if faults else "")


def import_trouble(evidence: Evidence) -> Finding | None:
    """The finding for a module that could not even be imported, if so."""
    for event in evidence.events:
        if event.get("event") == "import":
            return wrong(f"导入 {evidence.run.script if evidence.run else ''} 时出错：{_raised_name(event)}")
    return None


def _raised_name(event: Mapping[str, Any]) -> str:
    try:
        return shown(str(event["raised"]["lineage"][0]["name"]))
    except (KeyError, IndexError, TypeError):
        return "未知错误"


def _fault(case: Call, event: Mapping[str, Any] | None, strict: bool) -> str | None:
    where = f"{case.function}{_arguments(case)}"
    if event is None:
        return f"{where} 没有返回"
    if event.get("missing"):
        return f"没有定义 {case.function}"
    fault = _raise_fault(case, event) if case.raises or "raised" in event else _value_fault(case, event, strict)
    return f"{where}：{fault}" if fault else None


def _arguments(case: Call) -> str:
    parts = [json.dumps(item, ensure_ascii=False) for item in case.args]
    parts += [f"{key}={json.dumps(item, ensure_ascii=False)}" for key, item in case.kwargs.items()]
    return shown(f"({', '.join(parts)})")


def _raise_fault(case: Call, event: Mapping[str, Any]) -> str | None:
    if "raised" not in event:
        return f"应抛出 {case.raises}，却正常返回"
    try:
        lineage = [step["name"] for step in event["raised"]["lineage"]]
    except (KeyError, TypeError):
        lineage = []
    if case.raises is None:
        return f"抛出了 {shown(lineage[0]) if lineage else '异常'}"
    return None if case.raises in lineage else f"应抛出 {case.raises}，实际抛出 {shown(lineage[:1])}"


def _value_fault(case: Call, event: Mapping[str, Any], strict: bool) -> str | None:
    value = event.get("value")
    if not isinstance(value, dict) or "returned" not in value:
        return "返回值无法读取"
    if case.returns is not msgspec.UNSET:
        fault = difference(case.returns, value["returned"], tolerance=case.tolerance, strict=strict)
        if fault:
            return fault
    if case.arguments is not None and (fault := difference(case.arguments, value.get("arguments"))):
        return f"调用后的参数不对：{fault}"
    if case.prints is not None and str(event.get("printed", "")).split() != case.prints.split():
        return f"应打印 {shown(case.prints)}，实际打印 {shown(str(event.get('printed', '')))}"
    return None


CHECKER = Checker(
    "calls",
    Capability(
        "函数调用",
        "以隐藏参数调用考生的函数，比对返回值、异常、打印内容与参数变化；预期值不进入沙箱",
        frozenset({Need.HARNESS}),
        ("calls",),
    ),
    Options,
    check,
)
