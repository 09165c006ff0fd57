"""A loaded task: the manifest and the files, with the manifest's promises about the files kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from jinbang.judge.package.errors import PackageError, Problem
from jinbang.judge.package.manifest import MANIFEST, Manifest, Run, Wrong, parse_manifest
from jinbang.judge.protocol import files_digest

STATEMENT = "statement.md"
MATERIAL, STARTER, REFERENCE = "material", "starter", "reference"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class TaskPackage:
    """A task in memory. `files` holds every file of the package, the manifest among them."""

    manifest: Manifest
    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over all files: names the task in every verdict."""
        return files_digest(self.files)

    @property
    def slug(self) -> str:
        """The task's short name."""
        return self.manifest.slug

    def text(self, name: str) -> str:
        """A text file of the package; KeyError if there is none."""
        return self.files[name].decode("utf-8")

    def folder(self, name: str) -> dict[str, bytes]:
        """The files below a folder of the package, by their names inside it."""
        prefix = name.rstrip("/") + "/"
        return {key.removeprefix(prefix): data for key, data in self.files.items() if key.startswith(prefix)}

    @property
    def material(self) -> dict[str, bytes]:
        """What the candidate is given with the statement; it lies in the working folder when judged."""
        return self.folder(MATERIAL)

    @property
    def starter(self) -> dict[str, bytes]:
        """The code the candidate starts from."""
        return self.folder(STARTER)

    @property
    def reference(self) -> dict[str, bytes]:
        """The solution that must get full marks."""
        return self.folder(REFERENCE)

    def wrong(self, wrong: Wrong) -> dict[str, bytes]:
        """The files of a wrong solution of this task."""
        if wrong.folder is not None:
            return self.folder(wrong.folder)
        files = dict(self.reference)
        for edit in wrong.edits:
            files[edit.file] = files[edit.file].replace(edit.old.encode(), edit.new.encode())
        return files


def parse(files: Mapping[str, bytes]) -> TaskPackage:
    """Make a task of its files. Raises PackageError with every fault found."""
    if MANIFEST not in files:
        raise PackageError([Problem(MANIFEST, "", "试题包中没有清单", "请在最外层放一个 task.toml")])
    task = TaskPackage(parse_manifest(files[MANIFEST]), files)
    if problems := list(_faults(task)):
        raise PackageError(problems)
    return task


def _faults(task: TaskPackage) -> Iterator[Problem]:
    yield from _identity_faults(task.manifest)
    yield from _file_faults(task)
    yield from _run_faults(task.manifest)
    yield from _test_faults(task.manifest)
    yield from _wrong_faults(task)


def _identity_faults(manifest: Manifest) -> Iterator[Problem]:
    if not _SLUG.fullmatch(manifest.slug):
        yield Problem(MANIFEST, "slug", f"{manifest.slug!r} 不合规", "只用小写字母、数字和连字符")
    if manifest.minutes <= 0:
        yield Problem(MANIFEST, "minutes", "用时应为正数", "请写以分钟计的建议用时")
    if not manifest.deliverables:
        yield Problem(MANIFEST, "deliverables", "没有列出要提交的文件", "请至少列出一个")
    yield from _doubles("runs", (run.id for run in manifest.runs))
    yield from _doubles("tests", (test.id for test in manifest.tests))
    yield from _doubles("tests", (test.title for test in manifest.tests if test.title != test.id))
    yield from _doubles("services", (service.kind for service in manifest.services))
    yield from _doubles("sites", (host for site in manifest.sites for host in site.hosts))


def _doubles(field: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(MANIFEST, field, f"{name} 出现了 {count} 次", "每个名称只能用一次")


def _file_faults(task: TaskPackage) -> Iterator[Problem]:
    for name, field in _named_files(task.manifest):
        if name not in task.files:
            yield Problem(MANIFEST, field, f"指到的文件 {name} 不存在", "请补上文件或改正名称")
    for folder, field in _named_folders(task.manifest):
        if not task.folder(folder):
            yield Problem(MANIFEST, field, f"文件夹 {folder} 不存在或为空", "请补上文件或改正名称")
    names = {item.name for item in task.manifest.deliverables if item.required}
    if missing := sorted(names - set(task.reference)):
        yield Problem(REFERENCE, "", f"参考答案缺少 {'、'.join(missing)}", "参考答案应交齐必交文件")


def _named_files(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield STATEMENT, "statement"
    for index, run in enumerate(manifest.runs):
        for field, name in (("stdin", run.stdin), ("cases", run.cases)):
            if name is not None:
                yield name, f"runs[{index}].{field}"
        for name in run.files.values():
            yield name, f"runs[{index}].files"
    for index, service in enumerate(manifest.services):
        if service.seed is not None:
            yield service.seed, f"services[{index}].seed"


def _named_folders(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield REFERENCE, "reference"
    for index, site in enumerate(manifest.sites):
        yield site.folder, f"sites[{index}].folder"
    for index, wrong in enumerate(manifest.wrong):
        if wrong.folder is not None:
            yield wrong.folder, f"wrong[{index}].folder"


def _run_faults(manifest: Manifest) -> Iterator[Problem]:
    for index, run in enumerate(manifest.runs):
        if (run.kind in ("calls", "unittest")) != (run.cases is not None):
            yield Problem(MANIFEST, f"runs[{index}].cases", f"与 kind = {run.kind!r} 不符", _CASES_REMEDY)
        if not run.script.endswith(".py"):
            yield Problem(MANIFEST, f"runs[{index}].script", "不是 .py 文件", "请写要运行的 Python 文件名")
        yield from _limit_faults(index, run)


_CASES_REMEDY = "calls 与 unittest 要给出 cases 文件，其余不给"


def _limit_faults(index: int, run: Run) -> Iterator[Problem]:
    for field in run.limits.__struct_fields__ if run.limits else ():
        value = getattr(run.limits, field)
        if value is not None and value <= 0:
            yield Problem(MANIFEST, f"runs[{index}].limits.{field}", "限制应为正数", "请改成正数")


def _test_faults(manifest: Manifest) -> Iterator[Problem]:
    runs = {run.id for run in manifest.runs}
    if not manifest.tests:
        yield Problem(MANIFEST, "tests", "没有测试点", "请至少写一个 [[tests]]")
    for index, test in enumerate(manifest.tests):
        if test.points <= 0:
            yield Problem(MANIFEST, f"tests[{index}].points", "分值应为正数", "请改成正数")
        if test.run is not None and test.run not in runs:
            yield Problem(MANIFEST, f"tests[{index}].run", f"没有名为 {test.run} 的运行", "请在 [[runs]] 中定义")


def _wrong_faults(task: TaskPackage) -> Iterator[Problem]:
    tests = {test.id for test in task.manifest.tests}
    yield from _doubles("wrong", (wrong.name for wrong in task.manifest.wrong))
    for index, wrong in enumerate(task.manifest.wrong):
        where = f"wrong[{index}]"
        if unknown := sorted(set(wrong.cases) - tests):
            yield Problem(MANIFEST, f"{where}.cases", f"没有测试点 {'、'.join(unknown)}", "请用 [[tests]] 的 id")
        if (wrong.folder is None) == (not wrong.edits):
            yield Problem(MANIFEST, where, "edits 与 folder 应当且只应当给一个", "请改参考答案，或另给文件夹")
        for number, edit in enumerate(wrong.edits):
            found = task.reference.get(edit.file, b"").count(edit.old.encode())
            if found != 1:
                place = f"{where}.edits[{number}].old"
                yield Problem(MANIFEST, place, f"在参考答案的 {edit.file} 中出现 {found} 次", "请改到恰好出现一次")
