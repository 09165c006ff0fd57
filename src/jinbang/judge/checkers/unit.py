"""A unittest or pytest-style test file, run in the guard: the candidate's process never sees it."""

from __future__ import annotations

import fnmatch

import msgspec

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
)
from jinbang.judge.checkers.calls import import_trouble


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`expect`: names of the tests (patterns allowed in `only`) that must have run; each counts the same.

    Names must be listed, so that a test which never reported is a failed one and not a smaller total.
    """

    expect: list[str]
    all_or_nothing: bool = False


def check(evidence: Evidence, options: Options) -> Finding:
    """Count the listed tests that passed."""
    if import_failed := import_trouble(evidence):
        return import_failed
    results = {
        str(event.get("name")): event["result"]
        for event in evidence.events
        if event.get("event") == "test" and isinstance(event.get("result"), list)
    }
    if not options.expect:
        raise SetupError("unittest 检查器没有列出测试名")
    failed = [name for name in options.expect if not _passed(name, results)]
    if not failed:
        return right(f"{len(options.expect)} 个单元测试全部通过")
    detail = f"{failed[0]}：{shown(_why(failed[0], results))}"
    done = 0 if options.all_or_nothing else len(options.expect) - len(failed)
    return part(done, len(options.expect), "单元测试", detail)


def _passed(pattern: str, results: dict[str, list[str]]) -> bool:
    """A pattern (for the rows of `parametrize`) passes if all that match it do, and one does."""
    matched = [result for name, result in results.items() if fnmatch.fnmatchcase(name, pattern)]
    exact = results.get(pattern)
    chosen = [exact] if exact else matched
    return bool(chosen) and all(result[:1] == ["pass"] for result in chosen)


def _why(pattern: str, results: dict[str, list[str]]) -> str:
    for name, result in results.items():
        if (name == pattern or fnmatch.fnmatchcase(name, pattern)) and result[:1] != ["pass"]:
            return str(result[-1])
    return "没有运行到"


CHECKER = Checker(
    "unittest",
    Capability(
        "单元测试文件",
        "在考生进程之外运行 unittest 或 pytest 风格的测试文件，考生代码无法改动断言",
        frozenset({Need.HARNESS}),
        ("unittest",),
    ),
    Options,
    check,
)
