"""The house rules find what they forbid and leave the rest alone."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house_rules", ROOT / "tools/house_rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["house_rules"] = module
    spec.loader.exec_module(module)
    return module


rules = _load()


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("src/jinbang/exams/domain/x.py", "plan.state = 'published'\n", ["HR1"]),
        ("src/jinbang/exams/domain/x.py", "Plan.objects.filter(pk=1).update(state='x')\n", ["HR1"]),
        ("src/jinbang/audit/domain/moves.py", "obj.state = 'x'\n", []),
        ("src/jinbang/exams/domain/x.py", "self.state = 1\n", []),
        ("src/jinbang/core/x.py", "from datetime import datetime\ndatetime.now()\n", ["HR2"]),
        ("src/jinbang/exams/domain/x.py", "from jinbang.config.clock import now\n", ["HR2"]),
        ("src/jinbang/web/x/views.py", "from jinbang.config import clock\nclock.now()\n", []),
        (
            "src/jinbang/exams/domain/x.py",
            "from jinbang.accreditation.models import Site\nSite.objects.filter(pk=1).update(name='x')\n",
            ["HR3"],
        ),
        ("src/jinbang/exams/domain/x.py", "from jinbang.exams.models import Sitting\nSitting.objects.create()\n", []),
        ("src/jinbang/web/x/views.py", "from jinbang.exams.models import Sitting\nSitting.objects.create()\n", ["HR3"]),
        ("src/jinbang/exams/domain/x.py", "a = 1\n" * 501, ["HR4"]),
        ("src/jinbang/exams/domain/x.py", "a = 1\n" * 500, []),
    ],
)
def test_findings(path: str, source: str, expected: list[str]) -> None:
    assert [finding.rule for finding in rules.check_source(Path(path), source)] == expected


def test_the_source_tree_keeps_the_rules(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    status = rules.main([])
    assert (status, capsys.readouterr().out) == (0, "")
