"""The suite runs on whatever JINBANG_DATABASE names; empty means SQLite. ``tests.settings`` sets the rest."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps a loop running
