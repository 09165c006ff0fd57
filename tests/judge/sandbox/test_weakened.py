"""The selftest can fail: with a wall taken away, the cases that stand on it are no longer contained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from jinbang.judge.sandbox import Box, RunResult, rooms, seccomp
from jinbang.judge.sandbox import box as box_module
from jinbang.judge.sandbox.cases import CASES
from jinbang.judge.sandbox.trial import World, attempt, world

pytestmark = pytest.mark.sandbox
BY_NAME = {case.program: case for case in CASES}


class NakedBox:
    """No sandbox: a folder and a process, in the judge's own environment."""

    def __init__(self, files):
        self.files = files

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.reset()
        return self

    def __exit__(self, *error):
        self.folder.cleanup()

    def reset(self):
        for name, data in self.files.items():
            Path(self.folder.name, name).write_bytes(data)

    def run(self, spec):
        start = time.monotonic()
        command = [sys.executable, "-u", spec.script]
        env = os.environ | dict(spec.env)
        try:
            done = subprocess.run(command, cwd=self.folder.name, env=env, capture_output=True, timeout=5, check=False)
        except subprocess.TimeoutExpired as late:  # the host is large; what it has seen so far will do
            return RunResult(None, None, None, 5, 0, 0, late.stdout or b"", late.stderr or b"")
        return RunResult(done.returncode, None, None, time.monotonic() - start, 0, 0, done.stdout, done.stderr)

    def read_files(self):
        return {}


@pytest.fixture
def here():
    rooms.close_all()
    with world() as canaries:
        yield canaries
    rooms.close_all()


def try_case(name: str, here: World, make_box) -> str:
    return attempt(BY_NAME[name], "cold", here, make_box, rooms.left_over).why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("files_read", "a secret of the host came out"),
        ("environment", "a secret of the host came out"),
        ("tests_and_reference", "a secret of the host came out"),
        ("network", "somebody reached the host's tcp socket"),
        ("unix_sockets", "somebody reached the host's unix socket"),
    ],
)
def test_without_a_sandbox(here, name, why):
    assert try_case(name, here, lambda files, limits: NakedBox(files)) == why


def test_without_a_sandbox_files_are_changed(here):
    """Only the canary is a target: the other paths of files_write would be the machine's own."""
    canary = here.folder / "jinbang-canary.txt"
    canary.write_text("defaced")
    assert here.touched() == "a file of the host was changed"


def test_a_killed_process_is_noticed(here):
    here.victim.kill()
    here.victim.wait()
    assert here.touched() == "a process of the host was killed"


@pytest.mark.parametrize(
    "name", ["namespaces", "namespaces_killed", "io_uring", "ptrace", "memory_hidden", "other_architecture"]
)
def test_without_the_filter(here, toolchain, monkeypatch, name):
    monkeypatch.setitem(box_module._FILTERS, "strict", lambda: seccomp._return(seccomp.ALLOW))
    assert try_case(name, here, lambda files, limits: Box(files=files, limits=limits, toolchain=toolchain))


@pytest.mark.parametrize(
    ("name", "looser"),
    [
        ("memory", {"memory_mb": 4096, "wall_s": 0.5}),
        ("memory_children", {"memory_mb": 4096, "wall_s": 0.5}),
        ("flood_stdout", {"output_kb": 1 << 20, "wall_s": 0.5}),
        ("cpu_children", {"cpu_s": 100, "wall_s": 2}),
        ("fd_exhaustion", {"open_files": 256, "memory_mb": 512}),
        ("file_size", {"file_mb": 32, "tmp_mb": 64}),
        ("tmpfs_full", {"tmp_mb": 64, "file_mb": 64}),
    ],
)
def test_without_the_limit(here, toolchain, name, looser):
    """The case expects what its own limits would have brought about."""
    real = Box.run

    class Loose(Box):
        def run(self, spec):
            return real(self, replace(spec, limits=replace(spec.limits, **looser)))

    def make_box(files, limits):
        return Loose(files=files, limits=replace(limits, **looser), toolchain=toolchain)

    assert try_case(name, here, make_box)


@pytest.mark.parametrize("name", ["forge_stdout", "forge_status", "patch_judge"])
def test_believing_the_program(here, toolchain, name):
    """A judge that took the program's word for how it ended would be fooled."""

    class Believing(Box):
        def run(self, spec):
            result = super().run(spec)
            return replace(result, exit_code=0)

    assert try_case(name, here, lambda files, limits: Believing(files=files, limits=limits, toolchain=toolchain))


def test_keeping_work_from_box_to_box(here, toolchain):
    """One box for all instead of one each: the state is found, and the case says so."""
    kept: list[Box] = []

    class Shared:
        def __init__(self, files, limits):
            if not kept:
                kept.append(Box(files=files, limits=limits, toolchain=toolchain).__enter__())

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def run(self, spec):
            return kept[0].run(spec)

        def read_files(self):
            return kept[0].read_files()

        def reset(self):
            pass

    try:
        assert attempt(BY_NAME["leave_state"], "cold", here, Shared, lambda: 0).why == "GOT /work"
    finally:
        kept[0].__exit__(None, None, None)


def test_a_process_that_outlives_its_box_is_counted(here, toolchain):
    why = attempt(
        BY_NAME["files_read"],
        "cold",
        here,
        lambda f, limits: Box(files=f, limits=limits, toolchain=toolchain),
        lambda: 1,
    ).why
    assert why == "1 processes outlived the box"


def test_every_program_is_a_case():
    from jinbang.judge.sandbox.trial import HOSTILE

    assert {path.stem for path in HOSTILE.glob("*.py")} - {"targets"} == set(BY_NAME)
    assert json.dumps(sorted(BY_NAME))
