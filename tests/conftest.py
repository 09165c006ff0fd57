"""The suite runs on whatever JINBANG_DATABASE names; empty means SQLite. ``tests.settings`` sets the rest."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps a loop running

COMPONENTS = ("browser", "services", "sandbox")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a test that skips for want of a component has failed: a green run must have tried everything."""
    report = yield
    wanted = next((name for name in COMPONENTS if item.get_closest_marker(name)), "")
    if wanted and report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"CI may not skip what needs {wanted!r}: {call.excinfo.value if call.excinfo else ''}"
    return report
