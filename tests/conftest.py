"""Shared fixtures. The suite runs on whatever JINBANG_DATABASE names; empty means SQLite in a temporary directory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_DATA = Path(tempfile.mkdtemp(prefix="jinbang-test-"))
os.environ["JINBANG_DATA"] = str(_DATA)
os.environ.setdefault("JINBANG_TASKS", "immediate")
os.environ.setdefault("JINBANG_SECOND_FACTOR", "0")
os.environ.pop("JINBANG_TEST_CLOCK", None)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps a loop running
