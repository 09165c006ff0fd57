"""The probe says what holds, and nothing is judged where something essential does not."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from jinbang.judge.sandbox import Box, Check, ProbeReport, SandboxError, probe, require, rooms

pytestmark = pytest.mark.sandbox


def test_this_host_holds(toolchain):
    report = probe(toolchain)
    assert report.failures == ()
    assert report.ok
    names = {check.name for check in report.checks}
    assert {"capabilities", "seccomp", "network", "empty_environment", "memory_limit", "unprivileged"} <= names
    assert report.as_dict()["ok"] is True


def test_an_optional_check_does_not_forbid():
    optional = Check("isolate", False, False, "not installed")
    assert ProbeReport((optional,)).ok
    assert not ProbeReport((optional, Check("seccomp", False, True, "mode 0"))).ok


def test_without_bubblewrap_nothing_is_judged(monkeypatch, toolchain):
    def nowhere():
        raise SandboxError("bubblewrap is not installed")

    monkeypatch.setattr(rooms, "find_bwrap", nowhere)
    report = probe(toolchain)
    assert not report.ok
    assert "bubblewrap is not installed" in report.failures[0].reason


def test_a_wall_that_is_missing_is_seen(monkeypatch, toolchain):
    """An outcome is looked at, not a setting: here all end by another limit before their own."""
    real = Box.run

    def loose(self, spec):
        limits = spec.limits if spec.script == "look.py" else replace(spec.limits, output_kb=1 << 20, memory_mb=1)
        return real(self, replace(spec, limits=limits))

    monkeypatch.setattr(Box, "run", loose)
    assert {"wall_limit", "cpu_limit", "output_limit"} <= {check.name for check in probe(toolchain).failures}


def test_require_refuses(monkeypatch):

    module = sys.modules["jinbang.judge.sandbox.probe"]
    report = ProbeReport((Check("seccomp", False, True, "mode 0"),))
    monkeypatch.setattr(module, "probe", lambda: report)
    require.cache_clear()
    with pytest.raises(SandboxError, match="this host cannot judge: seccomp: mode 0"):
        require()
    require.cache_clear()
