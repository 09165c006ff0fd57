"""Toolchains for the judge's tests: built once into the checkout's var/toolchains, then only loaded."""

import os
from pathlib import Path

import pytest

from jinbang.judge.toolchains import Toolchain, prepare

os.environ.setdefault("JINBANG_TOOLCHAINS", str(Path(__file__).parents[2] / "var" / "toolchains"))


@pytest.fixture(scope="session")
def basic() -> Toolchain:
    """The interpreter alone: 0.4 s."""
    return prepare("basic")


@pytest.fixture(scope="session")
def basic_web() -> Toolchain:
    """requests and lxml: 8 s the first time."""
    return prepare("basic-web")


@pytest.fixture(scope="session")
def modern() -> Toolchain:
    """Databases, Scrapy and the scientific libraries: about a minute the first time."""
    return prepare("modern")
