"""A text file the program made: compared with an expected one, or searched for what it must hold."""

from __future__ import annotations

import msgspec

from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    given_file,
    part,
    right,
    shown,
    text_of,
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Either `expected` (a file of the package; blanks at line ends are free, points by line) or `contains`."""

    file: str
    expected: str | None = None
    contains: list[str] = []
    encodings: tuple[str, ...] = ("utf-8-sig",)


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare or search the file."""
    got = text_of(given_file(evidence, options.file), options.file, options.encodings)
    if options.expected is not None:
        return _lines(text_of(evidence.expected(options.expected), options.expected), got)
    if not options.contains:
        raise SetupError("text 检查器要给出 expected 或 contains")
    missing = [words for words in options.contains if words not in got]
    if not missing:
        return right()
    return part(len(options.contains) - len(missing), len(options.contains), "内容", f"缺少 {shown(missing[0])}")


def _lines(expected: str, got: str) -> Finding:
    wanted = [line.rstrip() for line in expected.rstrip().splitlines()]
    given = [line.rstrip() for line in got.rstrip().splitlines()]
    if wanted == given:
        return right(f"{len(wanted)} 行全部正确")
    same = sum(a == b for a, b in zip(wanted, given, strict=False))
    place = next((i for i, (a, b) in enumerate(zip(wanted, given, strict=False)) if a != b), None)
    detail = (
        "行数不同" if place is None else f"第 {place + 1} 行应为 {shown(wanted[place])}，实为 {shown(given[place])}"
    )
    return part(same, max(len(wanted), len(given)), "文本行", detail)


CHECKER = Checker(
    "text",
    Capability("文本文件", "逐行比对程序生成的文本文件，或检查必须出现的内容", frozenset({Need.RUN, Need.FILES})),
    Options,
    check,
)
