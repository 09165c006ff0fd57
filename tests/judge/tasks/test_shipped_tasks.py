"""Every task that ships proves itself: full marks for the reference, its verdict for each wrong solution."""

import contextlib
from pathlib import Path

import pytest

from jinbang.judge.checkers import registry
from jinbang.judge.cli import TASKS
from jinbang.judge.equipment import browser_missing
from jinbang.judge.lint import lint
from jinbang.judge.package import TaskPackage, load_folder, load_zip, read_folder, to_zip
from jinbang.judge.services import availability
from jinbang.judge.toolchains import BuildError, Toolchain, prepare

FOLDERS = sorted(folder for folder in TASKS.iterdir() if (folder / "task.toml").is_file())


def equipped(task: TaskPackage) -> Toolchain:
    """The task's toolchain, built if need be (modern: a minute). Skips where this machine lacks servers or browser."""
    for service in task.manifest.services:
        if service.kind == "mongodb":
            with contextlib.suppress(BuildError):  # then availability says what is missing
                prepare("mongo-emulator")
        here = availability(service.kind)
        if not here.ok:
            pytest.skip(f"{here.server}: {here.reason}")
    if task.manifest.toolchain.browser and (reason := browser_missing()):
        pytest.skip(reason)
    return prepare(task.manifest.toolchain.profile)


@pytest.mark.sandbox
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("runs", [2, pytest.param(10, marks=pytest.mark.soak)])
def test_a_shipped_task_lints_clean_and_all_runs_give_the_same_bytes(folder: Path, runs: int) -> None:
    task = load_folder(folder)
    report = lint(task, equipped(task), repeats=runs)
    assert report.problems == ()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_shipped_task_is_well_formed(folder: Path) -> None:
    task = load_folder(folder)
    assert task.slug == folder.name
    assert task.manifest.points == 100
    assert task.text("statement.md").startswith(f"# {task.manifest.title}\n")
    assert len(task.manifest.wrong) >= 3
    assert load_zip(to_zip(read_folder(folder))).digest == task.digest


def test_together_the_tasks_use_every_checker() -> None:
    used = {test.checker for folder in FOLDERS for test in load_folder(folder).manifest.tests}
    assert used == set(registry())
