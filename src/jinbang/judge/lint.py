"""A task proves itself: its options fit its checkers, its reference gets full marks, each wrong solution its verdict.

Run on every shipped task by the test suite, and by authors as `jinbang judge lint TASK`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from jinbang.judge.checkers import options_of, registry
from jinbang.judge.checkers.base import SetupError
from jinbang.judge.execution import ToolchainLike
from jinbang.judge.package import TaskPackage, draw, variant
from jinbang.judge.package.manifest import Test, Wrong
from jinbang.judge.runner import UnjudgedError, judge
from jinbang.judge.verdict import Outcome, Verdict, canonical_json

SEEDS_TRIED, VARIANTS_MAX = 100, 8
TRIES = 3


@dataclass(frozen=True)
class LintReport:
    """What lint found; an empty `problems` is a pass. `judged` counts the judgements made."""

    problems: tuple[str, ...]
    judged: int


def check_options(task: TaskPackage) -> list[str]:
    """Faults that show without running anything."""
    return [f"测试点 {test.id}：{fault}" for test in task.manifest.tests for fault in _option_faults(task, test)]


def _option_faults(task: TaskPackage, test: Test) -> Iterator[str]:
    checker = registry().get(test.checker)
    if checker is None:
        yield f"没有检查器 {test.checker}，现有 {'、'.join(registry())}"
        return
    try:
        options = options_of(checker, test.options)
    except SetupError as error:
        yield str(error)
        return
    yield from checker.lint(task, options)
    for name in (getattr(options, field, None) for field in ("expected", "truth")):
        if isinstance(name, str) and name not in task.files:
            yield f"试题包中没有文件 {name}"
    kinds = checker.capability.runs
    if test.run is not None and task.manifest.run(test.run).kind not in (*kinds, *_also(test)):
        yield f"运行 {test.run} 的 kind 应为 {'、'.join(kinds)}"


def _also(test: Test) -> tuple[str, ...]:
    """File checkers may look at what a figures run left."""
    return ("figures",) if test.checker in ("csv", "json", "xlsx", "text", "echarts", "model") else ()


def lint(task: TaskPackage, toolchain: ToolchainLike, *, repeats: int = 2) -> LintReport:
    """Everything that can be wrong with a task, each in a sentence for its author.

    The reference is judged `repeats` times, and the verdicts must be the same bytes.
    """
    tasks = [variant(task, seed) for seed in telling_seeds(task)] if task.manifest.variants else [task]
    problems: list[str] = []
    judged = 0
    for number, one in enumerate(tasks, 1):
        where = f"变式 {number}：" if len(tasks) > 1 else ""
        faults = check_options(one)
        if not faults:
            faults = list(_proofs(one, toolchain, repeats))
            judged += repeats + len(one.manifest.wrong)
        problems += [where + fault for fault in faults]
    return LintReport(tuple(problems), judged)


def telling_seeds(task: TaskPackage) -> list[str]:
    """Seeds that between them draw every value there is (at most eight seeds, of the first hundred)."""
    seen: set[tuple[str, str]] = set()
    seeds: list[str] = []
    for number in range(1, SEEDS_TRIED + 1):
        drawn = set(draw(task, str(number)).items())
        if not drawn <= seen and len(seeds) < VARIANTS_MAX:
            seeds.append(str(number))
            seen |= drawn
    return seeds


def _proofs(task: TaskPackage, toolchain: ToolchainLike, repeats: int) -> Iterator[str]:
    try:
        yield from _reference_faults(task, toolchain, repeats)
        for wrong in task.manifest.wrong:
            verdict = _judged(task, task.wrong(wrong), toolchain)
            yield from wrong_faults(task, wrong, verdict)
    except UnjudgedError as error:
        yield f"不能评测：{error}"


def _judged(task: TaskPackage, submission: Mapping[str, bytes], toolchain: ToolchainLike) -> Verdict:
    """The verdict; what a busy machine could not judge is tried again, as a worker's job would be."""
    for _ in range(TRIES - 1):
        with suppress(UnjudgedError):
            return judge(task, submission, toolchain=toolchain).verdict
    return judge(task, submission, toolchain=toolchain).verdict


def _reference_faults(task: TaskPackage, toolchain: ToolchainLike, repeats: int) -> Iterator[str]:
    verdicts = [_judged(task, task.reference, toolchain) for _ in range(repeats)]
    for case in verdicts[0].cases:
        if case.points + case.pending != case.max_points:
            yield f"参考答案在“{case.name}”只得 {case.points}/{case.max_points}：{case.message} {case.detail}"
    if len({canonical_json(verdict) for verdict in verdicts}) != 1:
        yield f"参考答案 {repeats} 次评测的结论不同"


def wrong_faults(task: TaskPackage, wrong: Wrong, verdict: Verdict) -> Iterator[str]:
    """Where a wrong solution got something else than the manifest says."""
    if verdict.outcome != Outcome(wrong.outcome):
        yield f"{wrong.name} 应得 {wrong.outcome}，实得 {verdict.outcome}（{_points_of(verdict)}）"
    if verdict.points != Decimal(wrong.points):
        yield f"{wrong.name} 应得 {wrong.points} 分，实得 {verdict.points} 分（{_points_of(verdict)}）"
    found: Mapping[str, Outcome] = {
        test.id: case.outcome for test, case in zip(task.manifest.tests, verdict.cases, strict=True)
    }
    for name, mark in wrong.cases.items():
        if found[name] != Outcome(mark):
            yield f"{wrong.name} 的测试点 {name} 应为 {mark}，实为 {found[name]}"


def _points_of(verdict: Verdict) -> str:
    return "，".join(f"{case.name} {case.points}：{case.message}" for case in verdict.cases)
