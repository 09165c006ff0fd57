"""Boxes on the interpreter that runs the tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jinbang.judge.sandbox import Toolchain, rooms


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return Toolchain(Path(sys.executable).resolve())


@pytest.fixture(params=[None, ""], ids=["cold", "warm"])
def warm(request: pytest.FixtureRequest) -> str | None:
    """Both ways to run a script; a program must not be able to tell them apart by what it gets."""
    value: str | None = request.param
    return value


@pytest.fixture(scope="session", autouse=True)
def _no_rooms_left() -> Iterator[None]:
    yield
    rooms.close_all()
