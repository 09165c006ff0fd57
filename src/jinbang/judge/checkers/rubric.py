"""What only people can mark. The points stay open until they do; they are never counted as 0."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec

from jinbang.judge.checkers.base import Capability, Checker, Evidence, Finding, Need, wrong
from jinbang.judge.package import TaskPackage


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the marking guide."""

    title: str
    points: Decimal
    guide: str = ""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`criteria` add up to the test's points; `files` are what the marker is shown first."""

    criteria: list[Criterion]
    files: list[str] = []


def check(evidence: Evidence, options: Options) -> Finding:
    """Leave the points to people, unless there is nothing to mark."""
    wanted = options.files or [item.name for item in evidence.task.manifest.deliverables]
    if not any(name in evidence.submission or name in evidence.files for name in wanted):
        return wrong("没有可供评阅的文件")
    guide = "；".join(f"{item.title}（{item.points} 分）" for item in options.criteria)
    return Finding(Fraction(0), "由阅卷员评分", guide, pending=True)


def lint(task: TaskPackage, options: Options) -> list[str]:
    """The criteria must add up to the points of a test that uses them."""
    total = sum((item.points for item in options.criteria), Decimal(0))
    worth = {test.points for test in task.manifest.tests if test.checker == "rubric"}
    return [] if total in worth else [f"评分细则合计 {total} 分，与测试点分值不符"]


CHECKER = Checker(
    "rubric",
    Capability("人工评分", "按评分细则由阅卷员给分，机器不打零分", frozenset({Need.SOURCE, Need.PEOPLE})),
    Options,
    check,
    lint,
)
