"""Misconfiguration found at start: what would lose data or leak it is an error before anything runs."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from django.db import connection

SQLITE_SAFE = (3, 51, 3)


def sqlite_version() -> tuple[int, ...]:
    """The SQLite that this process runs on."""
    from pysqlite3 import dbapi2

    return tuple(int(part) for part in dbapi2.sqlite_version.split("."))


def open_key_files() -> list[Path]:
    """Key files that others on this machine can read."""
    keys = Path(settings.DATA_DIR) / "keys"
    found = [path for path in keys.glob("*") if path.is_file()] if keys.is_dir() else []
    return [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


@register("database")
def safe_sqlite(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite before 3.51.3 can corrupt a database in WAL mode when a checkpoint meets a reset."""
    if connection.vendor != "sqlite" or sqlite_version() >= SQLITE_SAFE:
        return []
    hint = "Install the locked requirements: pysqlite3 brings a safe SQLite."
    return [Error(f"SQLite {'.'.join(map(str, sqlite_version()))} has the WAL-reset bug", hint=hint, id="jinbang.E001")]


@register("security")
def private_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Keys must be readable by their owner alone."""
    return [
        CheckWarning(f"{path} can be read by others", hint=f"chmod 600 {path}", id="jinbang.W001")
        for path in open_key_files()
    ]
