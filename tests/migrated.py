"""A database with all its tables: migrated once, then copied. Migrating takes ten seconds, copying next to none.

The SQLite file is kept in var/tests, named by what it was made of; a PostgreSQL server keeps a database to copy from.
Whoever needs one first makes it, others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
import pysqlite3.dbapi2 as sqlite3
from django.conf import settings

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "var" / "tests"


def place_sqlite(data: Path) -> None:
    """Put a migrated database into the data directory ``data`` of an installation that has none."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_file(), data / "jinbang.sqlite3")


def sqlite_file() -> Path:
    """A migrated SQLite database, not to be written to."""
    kept = KEPT / f"migrated-{_key()}.sqlite3"
    with _alone("migrated"):
        if not kept.exists():
            for old in KEPT.glob("migrated-*.sqlite3"):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=KEPT) as folder:
                _migrate(Path(folder), "")
                (Path(folder) / "jinbang.sqlite3").rename(kept)
    return kept


def create_postgresql(url: str, name: str) -> str:
    """Create a migrated database ``name`` on the server of ``url``; returns the new one's address."""
    template = f"jinbang_migrated_{_key()}"
    with _alone("migrated-postgresql"), psycopg.connect(url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            server.execute(f'DROP DATABASE IF EXISTS "{template}_new"')
            server.execute(f'CREATE DATABASE "{template}_new"')
            with tempfile.TemporaryDirectory() as folder:
                _migrate(Path(folder), address(url, f"{template}_new"))
            server.execute(f'ALTER DATABASE "{template}_new" RENAME TO "{template}"')
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address(url, name)


def drop_postgresql(url: str, name: str) -> None:
    """Drop the database ``name`` on the server of ``url``, whoever is connected to it."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def address(url: str, name: str) -> str:
    """``url`` with another database's name."""
    front, mark, query = url.partition("?")
    return front[: front.rindex("/") + 1] + name + mark + query


def begin_tests(connection: Any) -> Callable[[], None]:
    """Give Django's ``connection`` a test database with all tables; returns what takes it away again."""
    if connection.vendor == "sqlite":
        return _begin_in_memory(connection)
    url, name = os.environ["JINBANG_DATABASE"], f"jinbang_test_{os.getpid()}"
    create_postgresql(url, name)
    _rename(connection, name)

    def end() -> None:
        connection.close()
        drop_postgresql(url, name)

    return end


def _begin_in_memory(connection: Any) -> Callable[[], None]:
    _rename(connection, connection.creation._get_test_db_name())
    connection.ensure_connection()
    source = sqlite3.connect(f"file:{sqlite_file()}?mode=ro", uri=True)
    source.backup(connection.connection)
    source.close()
    return lambda: None


def _rename(connection: Any, name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES[connection.alias]["NAME"] = name


def _migrate(data: Path, url: str) -> None:
    environment = {
        **os.environ,
        "JINBANG_DATA": str(data),
        "JINBANG_DATABASE": url,
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "jinbang.config.settings",
    }
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environment, check=True)


def _key() -> str:
    """Stands for Django and all migrations; they are the tables' whole source (they run no code of ours)."""
    digest = hashlib.sha256(django.get_version().encode())
    for file in sorted(ROOT.glob("src/jinbang/*/migrations/*.py")):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
