"""``jinbang backup FILE``: a consistent copy of database, files and keys, while everything runs.

The database is copied first and as of one instant; files are only ever added, so whatever the copy speaks of is
among the files copied after it. Toolchains, caches and collected static files are made anew and stay out.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from jinbang.cli import tables
from jinbang.cli.archive import Writer
from jinbang.config import clock


def main(argv: Sequence[str]) -> int:
    """Write the archive, readable by its owner alone; status 1 and nothing written if the target exists."""
    parser = argparse.ArgumentParser(prog="jinbang backup", description="Copy the installation into one archive.")
    parser.add_argument("file", type=Path, help="the archive to write; must not exist")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    if options.file.exists():
        print(f"{options.file} exists; nothing was written")
        return 1
    about = write_archive(options.file)
    if options.json:
        print(json.dumps(about))
    else:
        print(
            f"{options.file}: {about['files']} files, {about['bytes']:,} bytes. It holds the keys: keep it locked away."
        )
    return 0


def write_archive(target: Path) -> dict[str, Any]:
    """Make the archive beside ``target`` and move it there when it is whole; what it holds in figures."""
    os.umask(0o077)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.part")
    writer = Writer(beside)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        about = _add_database(writer, Path(name))
    data = Path(settings.DATA_DIR)
    for part in ("files", "keys"):
        writer.add_tree(part, data / part)
    writer.finish({"made_at": clock.now().isoformat(), "migrations": _applied(), **about})
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(target)
    return {"ok": True, "files": len(writer.files), "bytes": target.stat().st_size, "backend": connection.vendor}


def _add_database(writer: Writer, folder: Path) -> dict[str, Any]:
    if connection.vendor == "postgresql":
        columns = tables.dump(folder)
        writer.add_tree("tables", folder)
        return {"backend": "postgresql", "tables": columns}
    copy = folder / "jinbang.sqlite3"
    copy_sqlite(copy)
    writer.add("jinbang.sqlite3", copy)
    return {"backend": "sqlite"}


def copy_sqlite(target: Path) -> None:
    """Copy the live database to ``target`` by SQLite's online backup: consistent, and writers are not held up."""
    from pysqlite3 import dbapi2

    connection.ensure_connection()
    copy = dbapi2.connect(str(target))
    try:
        connection.connection.backup(copy, pages=1000, sleep=0.01)
    finally:
        copy.close()


def _applied() -> list[list[str]]:
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())
