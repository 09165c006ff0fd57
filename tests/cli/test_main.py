"""The dispatcher: commands found by name, honest statuses."""

from __future__ import annotations

import importlib.util

import pytest

from jinbang.cli import bench, main


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name:<10}" in shown for name in main.COMMANDS)


@pytest.mark.parametrize("argv", [["cook"], []])
def test_an_unknown_command_and_none_at_all_are_errors(argv: list[str]) -> None:
    assert main.main(argv) == 2


@pytest.mark.parametrize("module", sorted({command.module for command in main.COMMANDS.values()}))
def test_every_command_has_its_module(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("module", sorted(bench.PARTS.values()))
def test_every_bench_has_its_module(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("0.1.0")
