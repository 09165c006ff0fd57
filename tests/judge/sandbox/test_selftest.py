"""The whole selftest: all hostile programs and uploads, cold and warm, as this user and as an ordinary one."""

from __future__ import annotations

import json
import os
import pwd
import shutil

import pytest

from jinbang.judge import selftest, upload_tricks
from jinbang.judge.sandbox.cases import CASES

pytestmark = pytest.mark.sandbox


def test_all_is_contained(capsys):
    status = selftest.main(["--json"])
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    each = len(upload_tricks.TRICKS) + 2 * len(CASES)
    assert [pass_["failures"] for pass_ in report["passes"]] == [[] for _ in report["passes"]]
    assert [pass_["tried"] for pass_ in report["passes"]] == [each for _ in report["passes"]]
    assert report["contained"] == report["tried"] == each * len(report["passes"])
    assert (status, report["ok"]) == (0, True)
    if os.geteuid() == 0:
        assert [pass_["user"] for pass_ in report["passes"]] == ["root", pwd.getpwnam("nobody").pw_name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_tries_it_too_where_the_project_is_closed_to_him(tmp_path, monkeypatch):
    shutil.copytree(selftest._SOURCE / "jinbang", tmp_path / "jinbang", ignore=shutil.ignore_patterns("web"))
    tmp_path.chmod(0o700)
    monkeypatch.setattr(selftest, "_SOURCE", tmp_path)
    assert selftest._python_for("nobody", tmp_path) is None
    with selftest._readable_copy() as source:
        assert selftest._python_for("nobody", source) is not None


@pytest.mark.parametrize("name", upload_tricks.TRICKS)
def test_upload_tricks(name):
    assert upload_tricks.contained(name) == ""


def test_an_upload_that_is_believed_fails(monkeypatch):
    believed = {"link": lambda: {"../../etc/passwd": b""}, "bomb": lambda: {"a": bytes(64 << 20)}}
    monkeypatch.setattr(upload_tricks, "TRICKS", believed)
    assert upload_tricks.contained("link") == "it was taken in as ../../etc/passwd"
    assert upload_tricks.contained("bomb") == f"{64 << 20} bytes were taken in"
