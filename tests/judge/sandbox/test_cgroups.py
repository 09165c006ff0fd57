"""The delegated group is named by the operator, never guessed."""

from __future__ import annotations

from jinbang.judge.sandbox import cgroups


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
