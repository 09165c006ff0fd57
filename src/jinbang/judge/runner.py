"""From a task and a submission to a judgement.

One box per box name of the manifest; all its runs happen there, in order (that is what makes many tests cheap).
After each run the evidence is taken, and only when the boxes are gone do checkers look at it. What went wrong on
the judge's side raises `UnjudgedError`: there is no verdict, hence no mark, and the job is tried again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Literal

from jinbang.judge.cache import CacheKey, VerdictCache
from jinbang.judge.checkers import options_of, registry
from jinbang.judge.checkers.base import (
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    WrongInputError,
    wrong,
)
from jinbang.judge.equipment import Equipment, equip
from jinbang.judge.execution import (
    HARNESS_MOUNT,
    Execution,
    ToolchainLike,
    box_files,
    execute,
    limits_of,
)
from jinbang.judge.offline_web.model import SiteError
from jinbang.judge.package import TaskPackage, content_digest, is_template
from jinbang.judge.package.manifest import Run, Test
from jinbang.judge.sandbox import Box, CompanionError, SandboxError
from jinbang.judge.sandbox.spec import Kill, RunResult
from jinbang.judge.services.model import SeedError, ServiceError
from jinbang.judge.verdict import CaseVerdict, Judgement, Outcome, Usage, Verdict, overall

Scope = Literal["all", "visible"]
LOG_TAIL = 4000
_KILLS = {
    Kill.TIME: (Outcome.TIME, "运行超过时间限制"),
    Kill.CPU: (Outcome.TIME, "运行超过时间限制"),  # which of the two comes first depends on the load: the log tells
    Kill.MEMORY: (Outcome.MEMORY, "运行超过内存限制"),
    Kill.OUTPUT: (Outcome.OUTPUT, "输出超过限制"),
    Kill.PROCESSES: (Outcome.FORBIDDEN, "创建的进程或线程过多"),
    Kill.FORBIDDEN: (Outcome.FORBIDDEN, "使用了不允许的系统功能"),
}
_ERROR_LINE = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|Iteration))\b", re.M)
_PLACE = re.compile(r'File "(?:/work/)?([^"/\n]+\.py)", line (\d+)')


class UnjudgedError(Exception):
    """No verdict could be made, through no fault of the candidate. `outcome` is INTERNAL or SERVICE_UNAVAILABLE."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        self.outcome = outcome
        super().__init__(reason)


def judge(
    task: TaskPackage,
    submission: Mapping[str, bytes],
    *,
    toolchain: ToolchainLike,
    cache: VerdictCache | None = None,
    scope: Scope = "all",
) -> Judgement:
    """Judge a submission. The verdict is a function of task, toolchain and submission, and so may be cached.

    `scope` "visible" runs only the tests candidates may see (the "run" button). Raises UnjudgedError.
    """
    if is_template(task):
        raise UnjudgedError(Outcome.INTERNAL, "试题带有变式参数，请先用种子生成变式")
    submission_digest = content_digest(submission)
    key = CacheKey(task.digest, toolchain.digest, submission_digest, scope)
    if cache is not None and (known := cache.get(key)) is not None:
        return Judgement(known)
    tests = [test for test in task.manifest.tests if scope == "all" or test.visible]
    executions = _executions(task, submission, toolchain, tests)
    cases = tuple(_case(task, test, submission, executions) for test in tests)
    verdict = Verdict(
        outcome=overall(cases),
        points=sum((case.points for case in cases), Decimal(0)),
        max_points=sum((case.max_points for case in cases), Decimal(0)),
        cases=cases,
        task_digest=task.digest,
        toolchain_digest=toolchain.digest,
        submission_digest=submission_digest,
    )
    if cache is not None:
        cache.put(key, verdict)
    return Judgement(verdict, _usage(executions), _log(executions))


@dataclass(frozen=True)
class _Trace:
    """A run with what was seen of the services after it."""

    execution: Execution
    services: Mapping[str, Any]


def _executions(
    task: TaskPackage, submission: Mapping[str, bytes], toolchain: ToolchainLike, tests: list[Test]
) -> dict[str, _Trace]:
    wanted = {test.run for test in tests if test.run is not None}
    boxes: dict[str, list[Run]] = {}
    for run in task.manifest.runs:
        if run.id in wanted:
            boxes.setdefault(run.box, []).append(run)
    traces: dict[str, _Trace] = {}
    for runs in boxes.values():
        try:
            traces |= _in_box(task, submission, toolchain, tests, runs)
        except (SetupError, SiteError, SeedError) as error:
            raise UnjudgedError(Outcome.INTERNAL, f"试题有误：{error}") from error
        except (CompanionError, ServiceError) as error:
            raise UnjudgedError(Outcome.SERVICE_UNAVAILABLE, str(error)) from error
        except (SandboxError, OSError, ValueError) as error:
            raise UnjudgedError(Outcome.INTERNAL, f"沙箱不能工作：{error}") from error
    return traces


def _in_box(
    task: TaskPackage,
    submission: Mapping[str, bytes],
    toolchain: ToolchainLike,
    tests: list[Test],
    runs: list[Run],
) -> dict[str, _Trace]:
    files = box_files(task, submission, runs)
    traces: dict[str, _Trace] = {}
    with (
        equip(task) as equipment,
        Box(
            files=files,
            limits=limits_of(task),
            mounts=(HARNESS_MOUNT, *equipment.mounts),
            toolchain=toolchain,
            companions=equipment.companions,
            hosts=equipment.hosts,
            warm=task.manifest.toolchain.warm,
        ) as box,
    ):
        seen = 0
        for run in runs:
            needs = _needs(tests, run)
            done = execute(box, task, run, files, equipment.env, Need.FILES in needs)
            log = equipment.access() if done.missing is None else ()
            states = _states(equipment, needs) if done.missing is None else {}
            traces[run.id] = _Trace(replace(done, access=log[seen:]), states)
            seen = len(log)
    return traces


def _needs(tests: list[Test], run: Run) -> set[Need]:
    checkers = registry()
    return {
        need
        for test in tests
        if test.run == run.id and test.checker in checkers
        for need in checkers[test.checker].capability.needs
    }


def _states(equipment: Equipment, needs: set[Need]) -> Mapping[str, Any]:
    return equipment.states() if Need.SERVICE in needs else {}


def _case(task: TaskPackage, test: Test, submission: Mapping[str, bytes], traces: Mapping[str, _Trace]) -> CaseVerdict:
    checker = registry().get(test.checker)
    if checker is None:
        raise UnjudgedError(Outcome.INTERNAL, f"没有检查器 {test.checker}")
    try:
        finding = _finding(checker, task, test, submission, traces)
    except SetupError as error:
        raise UnjudgedError(Outcome.INTERNAL, f"测试点 {test.id}：{error}") from error
    if finding.pending:
        return CaseVerdict(
            name=test.title,
            outcome=Outcome.PENDING,
            points=Decimal(0),
            max_points=test.points,
            message=finding.message,
            detail=finding.detail,
            visible=test.visible,
            pending=test.points,
        )
    return CaseVerdict(
        name=test.title,
        outcome=finding.outcome or _outcome(finding.share),
        points=_points(test.points, finding.share),
        max_points=test.points,
        message=finding.message,
        detail=finding.detail,
        visible=test.visible,
    )


def _finding(
    checker: Checker[Any],
    task: TaskPackage,
    test: Test,
    submission: Mapping[str, bytes],
    traces: Mapping[str, _Trace],
) -> Finding:
    evidence = Evidence(task=task, test=test, submission=submission)
    trouble = None
    if test.run is not None:
        trace = traces[test.run]
        if trace.execution.missing is not None:
            return wrong(f"没有提交 {trace.execution.missing}")
        trouble = _trouble(trace.execution)
        if trouble and not _looks_anyway(checker, test):
            return trouble
        evidence = _evidence(evidence, trace)
    try:
        finding = checker.check(evidence, options_of(checker, test.options))
    except WrongInputError as error:
        finding = wrong(str(error))
    if trouble and finding.share < 1:
        said = f"{trouble.message}；{finding.message}"
        return replace(finding, message=said, outcome=trouble.outcome)
    return finding


def _looks_anyway(checker: Checker[Any], test: Test) -> bool:
    """Harness findings come one by one, so those before the trouble count."""
    return test.after_crash or Need.HARNESS in checker.capability.needs


def _evidence(evidence: Evidence, trace: _Trace) -> Evidence:
    done = trace.execution
    return replace(
        evidence,
        run=done.run,
        result=done.result,
        files=done.files,
        events=done.events,
        access=done.access,
        services=trace.services,
    )


def _trouble(done: Execution) -> Finding | None:
    """What went wrong with the run as a whole, if anything did."""
    result = done.result
    if result is None:
        return None
    if result.killed is not None:
        outcome, message = _KILLS[result.killed]
        return Finding(Fraction(0), message, outcome=outcome)
    if done.run.kind != "script" and (raised := _raised(done)):
        return Finding(Fraction(0), raised, outcome=Outcome.RUNTIME_ERROR)
    if result.exit_code != 0:
        return Finding(Fraction(0), _crash(result), outcome=Outcome.RUNTIME_ERROR)
    return None


def _raised(done: Execution) -> str | None:
    """A harness run whose program died: told by the guard's last word, or by its silence."""
    if not any(event.get("event") == "done" for event in done.events):
        return "程序中途结束"
    for event in done.events:
        value = event.get("value")
        if event.get("event") == "figures" and isinstance(value, dict) and value.get("raised"):
            return f"程序异常退出：{_named(str(value['raised']))}"
        if event.get("event") == "figures" and "raised" in event:
            return "程序异常退出"
    return None


def _named(name: str) -> str:
    return name if name.isidentifier() and len(name) < 80 else "异常"


def _crash(result: RunResult) -> str:
    """The exception's type and its line in the candidate's file: both the same in every run."""
    if result.signal is not None:
        return f"程序被信号 {result.signal} 终止"
    text = result.stderr.decode("utf-8", "replace")
    names, places = _ERROR_LINE.findall(text), _PLACE.findall(text)
    if not names:
        return f"程序以状态 {result.exit_code} 退出"
    where = f"（{places[-1][0]} 第 {places[-1][1]} 行）" if places else ""
    return f"程序异常退出：{names[-1]}{where}"


def _outcome(share: Fraction) -> Outcome:
    if share == 1:
        return Outcome.ACCEPTED
    return Outcome.PARTIAL if share > 0 else Outcome.WRONG


def _points(points: Decimal, share: Fraction) -> Decimal:
    """The share of the points, to the hundredth, halves up."""
    exact = points * share.numerator / share.denominator
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _usage(traces: Mapping[str, _Trace]) -> Usage:
    results = [trace.execution.result for trace in traces.values() if trace.execution.result is not None]
    return Usage(
        cpu_ms=round(sum(result.cpu_s for result in results) * 1000),
        wall_ms=round(sum(result.wall_s for result in results) * 1000),
        peak_kb=max((result.peak_kb for result in results), default=0),
    )


def _log(traces: Mapping[str, _Trace]) -> str:
    """For markers: how each run ended and the end of what it wrote to standard error."""
    parts = []
    for name, trace in traces.items():
        result = trace.execution.result
        if result is None:
            continue
        ended = f"killed={result.killed}" if result.killed else f"exit={result.exit_code} signal={result.signal}"
        parts.append(f"[{name}] {ended}\n{result.stderr.decode('utf-8', 'replace')[-LOG_TAIL:]}")
    return "\n".join(parts)
