"""The suite runs on whatever JINBANG_DATABASE names; empty means SQLite. ``tests.settings`` sets the rest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker
from tests import migrated, order
from xdist.remote import Producer

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps a loop running

CHROMIUM = "/usr/bin/chromium"
COMPONENTS = ("browser", "services", "sandbox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order.long_first(items)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes may hold the time they were packed at, and every process must give a test the same name."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> order.LongFirst:
    return order.LongFirst(config, log)


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Playwright keeps an event loop running: these tests have processes of their own."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's, with a copy of one migrated database instead of migrations in every process."""
    with django_db_blocker.unblock():
        end = migrated.begin_tests(connection)
    yield
    with django_db_blocker.unblock():
        end()


def pytest_unconfigure() -> None:
    """The data directory of ``tests.settings`` goes with its process; a process of pytest-xdist runs no atexit."""
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
