"""``jinbang restore FILE``: put an archive back. Everything is checked before anything is touched."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinbang.cli.archive import ArchiveError, unpack

_PARTS = ("jinbang.sqlite3", "jinbang.sqlite3-wal", "jinbang.sqlite3-shm", "files", "keys")


def main(argv: Sequence[str]) -> int:
    """Restore into ``JINBANG_DATA`` (and ``JINBANG_DATABASE``). Status 1, with the reason, if it is refused."""
    parser = argparse.ArgumentParser(prog="jinbang restore", description="Put an archive of jinbang backup back.")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--replace", action="store_true", help="set aside what is there (embedded) or overwrite it (PostgreSQL)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    os.umask(0o077)
    try:
        done = restore(options.file, Path(os.environ.get("JINBANG_DATA") or "var").resolve(), replace=options.replace)
    except (ArchiveError, OSError) as fault:
        print(json.dumps({"ok": False, "reason": str(fault)}) if options.json else f"not restored: {fault}")
        return 1
    print(json.dumps({"ok": True, **done}) if options.json else f"restored {done['files']} files of {done['made_at']}")
    return 0


def restore(archive: Path, data: Path, *, replace: bool) -> dict[str, Any]:
    """Unpack and check ``archive``, then put its parts into ``data`` and its tables into the database.

    Raises ``ArchiveError`` if the archive is not whole, if something is there and ``replace`` is not given, or if
    archive and configuration name different databases. What was there is set aside in ``data/replaced-N``.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    external = bool(os.environ.get("JINBANG_DATABASE"))
    _refuse_occupied(data, replace)
    with tempfile.TemporaryDirectory(dir=data, prefix="restore-") as name:
        fresh = Path(name)
        manifest = unpack(archive, fresh)
        if (manifest["backend"] == "postgresql") != external:
            here = "JINBANG_DATABASE" if external else "the embedded database"
            raise ArchiveError(f"the archive is of {manifest['backend']}; this installation uses {here}")
        if external:
            _prepare_tables(manifest, replace=replace)
        _swap(fresh, data)
        if external:
            from jinbang.cli import tables

            tables.load(fresh / "tables", manifest["tables"])
    return {"files": len(manifest["files"]), "made_at": manifest["made_at"], "backend": manifest["backend"]}


def _refuse_occupied(data: Path, replace: bool) -> None:
    there = [part for part in _PARTS if (data / part).exists() and not _is_empty(data / part)]
    if there and not replace:
        raise ArchiveError(f"{data} already holds {', '.join(there)}; give --replace to set them aside")


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _swap(fresh: Path, data: Path) -> None:
    """Move what is there aside, then the new in; each move is a rename within one file system."""
    there = [part for part in _PARTS if (data / part).exists()]
    if there:
        number = 1 + sum(1 for _ in data.glob("replaced-*"))
        aside = data / f"replaced-{number}"
        aside.mkdir(mode=0o700)
        for part in there:
            (data / part).rename(aside / part)
    for part in _PARTS:
        if (fresh / part).exists():
            shutil.move(fresh / part, data / part)


def _prepare_tables(manifest: dict[str, Any], *, replace: bool) -> None:
    """Make sure that the database may be filled and has the archive's tables. Nothing of the archive is stored yet."""
    from jinbang.cli.main import setup_django

    setup_django()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from jinbang.cli import tables

    call_command("migrate", interactive=False, verbosity=0)
    if tables.filled() and not replace:
        raise ArchiveError("the database holds data; give --replace to overwrite it")
    applied = sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())
    if applied != manifest["migrations"]:
        raise ArchiveError(
            "the archive's tables are of another version of jinbang; restore with that version, then update"
        )
