"""`jinbang judge …`: the judge on the command line. With --json the last line of output is one JSON object."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinbang.judge.execution import ToolchainLike
from jinbang.judge.lint import lint
from jinbang.judge.package import (
    PackageError,
    TaskPackage,
    draw,
    load_folder,
    load_zip,
    read_folder,
    to_zip,
    variant,
)
from jinbang.judge.runner import UnjudgedError, judge
from jinbang.judge.sandbox import SandboxError, require
from jinbang.judge.toolchains import NotPreparedError, load
from jinbang.judge.uploads import UploadError, accept_files, unpack
from jinbang.judge.verdict import Judgement, Outcome, canonical_json

TASKS = Path(__file__).parent / "tasks"
# Commands that live in modules of their own: name → (module, function taking argv, what it does).
ELSEWHERE = {
    "selftest": ("jinbang.judge.selftest", "main", "对沙箱运行敌意程序，报告是否全部困住"),
    "prepare": ("jinbang.judge.toolchains", "main_prepare", "构建工具链"),
    "worker": ("jinbang.judge.worker", "main", "领取并评测作业"),
    "similarity": ("jinbang.judge.similarity", "main", "找出相似的程序"),
}


class UsageError(Exception):
    """The command cannot be carried out as given; `str()` says why."""


def main(argv: Sequence[str]) -> int:
    """Run a subcommand.

    Exit status: 0 what was asked holds, 1 it does not, 2 it could not be tried, 3 this host may not judge.
    """
    arguments = list(argv)
    if arguments and arguments[0] in ELSEWHERE:
        module, function, _ = ELSEWHERE[arguments[0]]
        return int(getattr(importlib.import_module(module), function)(arguments[1:]))
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (PackageError, UploadError, UsageError, NotPreparedError, UnjudgedError) as error:
        return _refused(str(error), options, 2)
    except SandboxError as error:
        return _refused(f"本机的沙箱不合要求，拒绝评测。{error}", options, 3)


def _refused(why: str, options: argparse.Namespace, status: int) -> int:
    _print({"ok": False, "error": why}, options.json, why)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jinbang judge", description="实操题评测")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="评测一份答案")
    run.add_argument("task", help="试题包：文件夹、zip，或内置试题名")
    run.add_argument("submission", help="答案：文件夹、zip 或 .py 文件")
    run.add_argument("--visible", action="store_true", help="只运行考生可见的测试点")
    run.set_defaults(command=_run)
    check = commands.add_parser("lint", help="检查试题包：参考答案满分，错误答案各得其所")
    check.add_argument("task", help="试题包：文件夹、zip，或内置试题名")
    check.add_argument("--repeats", type=int, default=2, metavar="N", help="参考答案评测次数，结论须逐字节相同")
    check.set_defaults(command=_lint)
    make = commands.add_parser("variant", help="生成变式，写成可上传的试题包 zip")
    make.add_argument("task", help="带有变式参数的试题包")
    make.add_argument("output", type=Path, help="写到哪个 zip 文件")
    make.set_defaults(command=_variant)
    for one in (run, check, make):
        one.add_argument("--seed", help="变式的种子", required=one is make)
        one.add_argument("--json", action="store_true", help="最后一行输出一个 JSON 对象")
    for one in (run, check):
        one.add_argument("--toolchain", metavar="PROFILE", help="默认用试题声明的工具链")
    for name, (_, _, about) in ELSEWHERE.items():
        commands.add_parser(name, help=about, add_help=False)
    return parser


def find_task(name: str) -> TaskPackage:
    """A task by folder, zip or the name of a shipped one. Raises PackageError."""
    path = Path(name)
    if path.is_file():
        return load_zip(path.read_bytes())
    if not path.is_dir() and (TASKS / name).is_dir():
        path = TASKS / name
    return load_folder(path)


def read_submission(name: str) -> Mapping[str, bytes]:
    """A submission by folder, zip or single file. Raises UploadError, UsageError."""
    path = Path(name)
    if path.is_dir():
        return accept_files(read_folder(path).items())
    if not path.is_file():
        raise UsageError(f"找不到答案 {name}")
    if path.suffix == ".zip":
        return unpack(path.read_bytes())
    return accept_files([(path.name, path.read_bytes())])


def _task_and_toolchain(options: argparse.Namespace) -> tuple[TaskPackage, ToolchainLike]:
    task = find_task(options.task)
    if options.seed is not None:
        task = _variant_of(task, options.seed)
    try:
        return task, load(options.toolchain or task.manifest.toolchain.profile)
    except KeyError as error:
        raise UsageError(str(error.args[0])) from error


def _variant_of(task: TaskPackage, seed: str) -> TaskPackage:
    if task.manifest.variants is None:
        raise UsageError(f"{task.slug} 没有变式参数，不需要种子")
    return variant(task, seed)


def _run(options: argparse.Namespace) -> int:
    task, toolchain = _task_and_toolchain(options)
    submission = read_submission(options.submission)
    require()
    done = judge(task, submission, toolchain=toolchain, scope="visible" if options.visible else "all")
    report = {"ok": True, **json.loads(canonical_json(done.verdict)), "usage": vars(done.usage)}
    _print(report, options.json, _as_text(done))
    return 0 if done.verdict.outcome in (Outcome.ACCEPTED, Outcome.PENDING) else 1


def _lint(options: argparse.Namespace) -> int:
    task, toolchain = _task_and_toolchain(options)
    require()
    report = lint(task, toolchain, repeats=options.repeats)
    found = {"ok": not report.problems, "problems": list(report.problems), "judged": report.judged}
    text = "\n".join(report.problems) or f"{task.slug}：通过（评测 {report.judged} 次）"
    _print(found, options.json, text)
    return 1 if report.problems else 0


def _variant(options: argparse.Namespace) -> int:
    template = find_task(options.task)
    task = _variant_of(template, options.seed)
    try:
        options.output.write_bytes(to_zip(task.files))
    except OSError as error:
        raise UsageError(f"不能写入 {options.output}：{error.strerror}") from error
    found = {"ok": True, "digest": task.digest, "values": draw(template, options.seed)}
    _print(found, options.json, f"{options.output}  {task.digest}")
    return 0


def _as_text(done: Judgement) -> str:
    verdict = done.verdict
    lines = [f"{verdict.outcome}  {verdict.points}/{verdict.max_points} 分"]
    if verdict.pending:
        lines[0] += f"（另有 {verdict.pending} 分待人工评阅）"
    for case in verdict.cases:
        lines.append(f"  {case.points:>6}/{case.max_points}  {case.name}：{case.message}  {case.detail}".rstrip())
    return "\n".join([*lines, done.log]).rstrip()


def _print(report: Mapping[str, Any], as_json: bool, text: str) -> None:
    print(json.dumps(report, ensure_ascii=False) if as_json else text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
