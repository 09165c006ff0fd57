"""The delegated group is named by the operator, never guessed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jinbang.judge.sandbox import Box, RunSpec, cgroups, rooms


def test_without_a_name_there_is_none():
    assert cgroups.delegated({})[0] is None


def test_a_folder_that_is_no_cgroup_is_refused(tmp_path):
    group, reason = cgroups.delegated({cgroups.VARIABLE: str(tmp_path)})
    assert group is None
    assert "is not delegated" in reason


def test_a_delegated_group_is_taken(tmp_path):
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (tmp_path / "cgroup.procs").touch()
    assert cgroups.delegated({cgroups.VARIABLE: str(tmp_path)}) == (tmp_path, f"in {tmp_path}")


def test_kills_are_read_from_the_group(tmp_path):
    (tmp_path / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")
    assert cgroups.oom_kills(tmp_path) == 2


@pytest.mark.parametrize("warm", [None, ""])
def test_box_and_program_join_the_control_group(toolchain, warm, monkeypatch):
    """On a real cgroup v2. Its controllers may be elsewhere, so the group here has no limits."""
    tree = _cgroup2()
    if tree is None:
        pytest.skip("no cgroup v2 that we may make groups in")
    monkeypatch.setattr(cgroups, "delegated", lambda: (tree, "for this test"))
    monkeypatch.setattr(cgroups, "group", _bare_group)
    monkeypatch.setattr(cgroups, "oom_kills", lambda folder: 0)
    with Box(files={"main.py": b"import time; time.sleep(1)"}, toolchain=toolchain, warm=warm) as box:
        runner = threading.Thread(target=box.run, args=(RunSpec(script="main.py"),))
        runner.start()
        time.sleep(0.5)
        members = (tree / f"jinbang-{os.getpid()}-0" / "cgroup.procs").read_text().split()
        others = rooms.room_for(toolchain, warm).others()
        runner.join()
    assert sorted(map(int, members)) == sorted(others)
    assert len(members) == 3


def _cgroup2() -> Path | None:
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2" and os.access(Path(place, "cgroup.procs"), os.W_OK):
            return Path(place)
    return None


@contextmanager
def _bare_group(parent: Path, name: str, *, memory_mb: int, processes: int) -> Iterator[Path]:
    folder = parent / "jinbang-{}-0".format(name.split("-")[1])
    folder.mkdir()
    try:
        yield folder
    finally:
        cgroups._remove(folder)
