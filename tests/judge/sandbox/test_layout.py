"""Where toolchains lie inside."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinbang.judge.sandbox import Mount, Toolchain
from jinbang.judge.sandbox.layout import bwrap_mounts, inside_python, toolchain_mounts


@pytest.fixture
def venv(tmp_path):
    base = tmp_path / "base"
    (base / "bin").mkdir(parents=True)
    (base / "bin" / "python3").touch()
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "env" / "bin" / "python").symlink_to(base / "bin" / "python3")
    return tmp_path


def test_a_venv_is_shown_as_toolchain(venv, monkeypatch):
    monkeypatch.setattr("jinbang.judge.sandbox.layout._RESERVED", ("/work",))
    toolchain = Toolchain(venv / "env" / "bin" / "python", roots=(venv / "env", Path("/usr/lib"), venv / "more"))
    assert inside_python(toolchain.python) == "/toolchain/bin/python"
    assert toolchain_mounts(toolchain) == (
        Mount(venv / "env", "/toolchain"),
        Mount(venv / "base", str(venv / "base")),
        Mount(venv / "more", str(venv / "more")),
    )


def test_an_interpreter_in_a_reserved_place_is_refused(venv):
    with pytest.raises(ValueError, match="keeps this place for itself"):
        toolchain_mounts(Toolchain(venv / "env" / "bin" / "python"))  # below /tmp


def test_the_systems_interpreter_needs_no_mount():
    assert toolchain_mounts(Toolchain(Path("/usr/bin/env"))) == ()


def test_folders_above_a_mount_are_open_to_all():
    arguments = list(bwrap_mounts([Mount(Path("/a"), "/opt/deep/place")]))
    assert arguments[:8] == ["--perms", "0755", "--dir", "/opt", "--perms", "0755", "--dir", "/opt/deep"]
    assert arguments[8:] == ["--ro-bind", {"source": "/a"}, "/opt/deep/place"]
