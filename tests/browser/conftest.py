"""Real servers, a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.browser.installation import STARTS, Installation, make_template

ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    data = tmp_path_factory.mktemp("site") / "data"
    data.mkdir()
    return data, make_template(data)


@pytest.fixture
def make_installation(
    template: tuple[Path, dict[str, object]], tmp_path: Path
) -> Iterator[Callable[..., Installation]]:
    made: list[Installation] = []

    def make(minutes_after_start: float = 1) -> Installation:
        site = Installation.copy(template[0], tmp_path / f"data{len(made)}", template[1])
        made.append(site)
        site.set_now(STARTS + timedelta(minutes=minutes_after_start))
        site.start()
        return site

    yield make
    for site in made:
        site.stop()


@pytest.fixture(scope="session")
def shared(
    template: tuple[Path, dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One running installation for every test that keeps to a candidate of its own."""
    site = Installation.copy(template[0], tmp_path_factory.mktemp("shared") / "data", template[1])
    site.set_now(STARTS)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def site(shared: Installation) -> Installation:
    """The shared installation, one minute after the start of its theory exam."""
    shared.set_now(STARTS + timedelta(minutes=1))
    return shared


@pytest.fixture
def own_site(make_installation: Callable[..., Installation]) -> Installation:
    """An installation for this test alone, which moves its clock or does something to the whole room."""
    return make_installation()


@pytest.fixture
def new_machine(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A candidate's machine: its own browser profile, 1024×768. Any error on a page fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(viewport={"width": 1024, "height": 768}, accept_downloads=True, **options)
        context.set_default_timeout(15000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a screenshot under artefacts/browser/."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)

    def shot(page: Page, name: str) -> None:
        page.screenshot(path=ARTEFACTS / f"{name}.png")

    return shot


def sign_in(page: Page, site: Installation, index: int) -> None:
    """Sign in at the seat as the candidate with this index."""
    page.goto(f"{site.url}/sit/")
    page.fill("#ticket", site.ticket(index)["ticket"])
    page.fill("#id_number", site.ticket(index)["id_number"])
    page.click("button[type=submit]")


def enter(page: Page, site: Installation, index: int) -> None:
    """Sign in after the start and wait for the first item."""
    sign_in(page, site, index)
    page.wait_for_selector(".exam .item")


def saved(page: Page) -> None:
    """Wait until the client says that everything is saved."""
    page.wait_for_selector(".save.good:has-text('已保存')")


def open_console(site: Installation, new_machine: Callable[..., BrowserContext], who: str, path: str = "") -> Page:
    """The room's console (or another page of the office side), signed in as ``who``."""
    context = new_machine()
    cookies: dict[str, str] = site.facts["cookies"]  # type: ignore[assignment]
    context.add_cookies([{"name": "sessionid", "value": cookies[who], "url": site.url}])
    page = context.new_page()
    page.goto(site.url + (path or f"/room/{site.facts['session']}/"))
    return page
