"""Running a task's runs in boxes: what to put in, what to run, what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import msgspec

from jinbang.judge import harness
from jinbang.judge.checkers.base import Access
from jinbang.judge.checkers.calls import questions
from jinbang.judge.package import TaskPackage
from jinbang.judge.package.manifest import LimitTable, Run
from jinbang.judge.sandbox.spec import Limits, Mount, RunResult, RunSpec

HARNESS = "/srv/harness/jinbang_harness"
HARNESS_MOUNT = Mount(Path(harness.__file__).parent, HARNESS)
EVENTS_MAX = 20_000
FINDINGS_KB = 8192  # what the guard may write; the program's own printing goes elsewhere
# No user site: a file under the working folder must never be imported by the guard.
ENVIRONMENT: Mapping[str, str] = {
    "PYTHONNOUSERSITE": "1",
    "PYTHONIOENCODING": "utf-8",
    "TZ": "Asia/Shanghai",
}


class ToolchainLike(Protocol):
    """What the runner needs to know of a toolchain."""

    @property
    def digest(self) -> str: ...
    @property
    def python(self) -> Path: ...
    @property
    def roots(self) -> tuple[Path, ...]: ...


class BoxLike(Protocol):
    """The part of `sandbox.Box` that is used here."""

    def run(self, spec: RunSpec) -> RunResult: ...
    def read_files(self) -> Mapping[str, bytes]: ...


@dataclass(frozen=True)
class Execution:
    """One run's trace. `missing` names a file that was not handed in, so that nothing was run."""

    run: Run
    result: RunResult | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    events: tuple[Mapping[str, Any], ...] = ()
    access: tuple[Access, ...] = ()
    missing: str | None = None


def box_files(task: TaskPackage, submission: Mapping[str, bytes], runs: list[Run]) -> dict[str, bytes]:
    """What lies in the working folder at the start: material and run inputs win over what was handed in.

    A handed-in name that would make a folder of one of theirs, or a file of one of their folders, is left out.
    """
    given = {**task.material, **{name: task.files[source] for run in runs for name, source in run.files.items()}}
    own = {name: data for name, data in submission.items() if not any(_clash(name, other) for other in given)}
    return {**own, **given}


def _clash(one: str, other: str) -> bool:
    return one.startswith(other + "/") or other.startswith(one + "/")


def limits_of(task: TaskPackage, run: Run | None = None) -> Limits:
    """The task's limits, the run's own where it has some."""
    limits = _override(Limits(), task.manifest.limits)
    return _override(limits, run.limits) if run is not None and run.limits is not None else limits


def _override(limits: Limits, table: LimitTable) -> Limits:
    given = {key: value for key, value in msgspec.structs.asdict(table).items() if value is not None}
    return replace(limits, **given)


def spec_of(task: TaskPackage, run: Run, env: Mapping[str, str]) -> RunSpec:
    """The run as the sandbox takes it."""
    environment = {**ENVIRONMENT, **env}
    common = RunSpec(
        env=environment,
        limits=limits_of(task, run),
        seccomp="browser" if task.manifest.toolchain.browser else "strict",
    )
    if run.kind == "script":
        stdin = task.files[run.stdin] if run.stdin else b""
        return replace(common, argv=tuple(run.args), stdin=stdin, script=run.script)
    limits = replace(common.limits, output_kb=max(common.limits.output_kb, FINDINGS_KB))
    job = json.dumps(_job(task, run)).encode()
    return replace(common, stdin=job, limits=limits, script=f"{HARNESS}/guard.py")


def _job(task: TaskPackage, run: Run) -> dict[str, Any]:
    module = run.script.removesuffix(".py").replace("/", ".")
    if run.kind == "calls":
        return {"kind": "calls", "module": module, "calls": questions(task.files[run.cases or ""])}
    if run.kind == "unittest":
        return {"kind": "unittest", "module": module, "source": task.text(run.cases or "")}
    return {"kind": "figures", "script": run.script, "args": run.args}


def events_of(result: RunResult) -> tuple[Mapping[str, Any], ...]:
    """The guard's findings; what is not a JSON object is dropped."""
    return tuple(_events(result.stdout))


def _events(data: bytes) -> Iterator[Mapping[str, Any]]:
    for line, _ in zip(data.split(b"\n"), range(EVENTS_MAX), strict=False):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def execute(
    box: BoxLike, task: TaskPackage, run: Run, present: Mapping[str, bytes], env: Mapping[str, str], files: bool
) -> Execution:
    """Do one run in an open box; with `files` the working folder is read afterwards."""
    if run.script not in present:
        return Execution(run, missing=run.script)
    result = box.run(spec_of(task, run, env))
    left = box.read_files() if files else {}
    return Execution(run, result, left, events_of(result) if run.kind != "script" else ())
