"""MariaDB (what the tasks call MySQL): a 16 MB template, up in about 0.1 s.

The program signs in as `root` / `123456`, as every textbook does, but that account owns only the task's
database: no FILE, no SUPER, no other schema. The judge reads the result as an account with a random password.
"""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jinbang.judge.sandbox.spec import Companion, Mount, ReadyCheck
from jinbang.judge.services import templates
from jinbang.judge.services.model import (
    Availability,
    Kind,
    Running,
    SeedError,
    ServiceError,
    State,
    StateError,
    UnavailableError,
    Want,
)

ROWS_MAX = 20_000
_SCHEMA = b"2"  # raise when the template's own set-up changes
_RUN = "/run/mysqld"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
# Small and quick: durability is worth nothing to a server that lives for seconds.
_OPTIONS = (
    "--no-defaults", "--skip-log-bin", "--skip-name-resolve", "--skip-external-locking", "--performance-schema=0",
    "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci", "--default-time-zone=+08:00",
    "--innodb-data-file-path=ibdata1:1M:autoextend", "--innodb-temp-data-file-path=ibtmp1:3M:autoextend",
    "--innodb-autoextend-increment=1", "--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M",
    "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
    "--innodb-use-native-aio=0", "--innodb-buffer-pool-load-at-startup=0", "--innodb-buffer-pool-dump-at-shutdown=0",
    "--innodb-fast-shutdown=1", "--aria-pagecache-buffer-size=1M", "--key-buffer-size=1M", "--max-connections=64",
    "--local-infile=0", "--event-scheduler=DISABLED", "--skip-symbolic-links", "--log-warnings=0",
)  # fmt: skip


class MariaDB:
    """The service for kind `mariadb`."""

    kind: Kind = "mariadb"

    def availability(self) -> Availability:
        """Needs `mariadbd`, `mariadb-install-db` and the client `mariadb`."""
        missing = [name for name in ("mariadbd", "mariadb-install-db", "mariadb") if _binary(name) is None]
        if missing:
            reason = f"{', '.join(missing)} not found: install mariadb-server and mariadb-client"
            return Availability(self.kind, False, "MariaDB", reason)
        return Availability(self.kind, True, f"MariaDB {_version()}")

    def lay_out(self, want: Want, run: Path) -> Running:
        """A companion on 127.0.0.1:3306, seeded."""
        if not _NAME.fullmatch(want.database):
            raise SeedError(f"{want.database!r} is no plain database name")
        identity = [_SCHEMA, _version().encode(), want.database.encode(), want.seed]
        data, meta = templates.template(self.kind, identity, lambda folder: _make(folder, want))
        command = (
            _need("mariadbd"), *_OPTIONS, f"--datadir={templates.DATA}", "--tmpdir=/tmp",
            f"--socket={_RUN}/mysqld.sock", "--bind-address=127.0.0.1", "--port=3306", "--pid-file=/tmp/mysqld.pid",
        )  # fmt: skip
        argv, mounts = templates.from_copy(data, command)
        companion = Companion(
            name=self.kind,
            argv=argv,
            ready=ReadyCheck(tcp_port=3306),
            mounts=(Mount(run, _RUN, writable=True), *mounts),
            memory_mb=384,
        )
        return Running(want, companion, run / "mysqld.sock", meta)

    def warm_up(self) -> None:
        """Nothing is kept: it is started for each box."""

    def dump(self, running: Running) -> State:
        """`{"tables": {name: {"columns": […], "rows": […], "truncated": bool}}, "views": […]}`.

        Rows come in the order of the primary key (else of all columns). Integers and floats are numbers; decimals,
        dates and times are text as the server writes them; binary values are upper-case hex; NULL is None.
        """
        client = _Client(running.socket, running.meta["password"])
        database = running.want.database
        names = client.rows(
            "SELECT TABLE_NAME AS name, TABLE_TYPE AS kind FROM information_schema.TABLES "
            f"WHERE TABLE_SCHEMA = '{database}' ORDER BY TABLE_NAME"
        )
        tables = [row["name"] or "" for row in names if row["kind"] == "BASE TABLE"]
        views = [row["name"] for row in names if row["kind"] == "VIEW"]
        return {"tables": {name: _table(client, database, name) for name in tables}, "views": views}


def _table(client: _Client, database: str, name: str) -> dict[str, Any]:
    quoted = name.replace("'", "''").replace("\\", "\\\\")
    columns = client.rows(
        "SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS full_type, IS_NULLABLE AS nullable, "
        "COLUMN_KEY AS `key`, EXTRA AS extra FROM information_schema.COLUMNS "
        f"WHERE TABLE_SCHEMA = '{database}' AND TABLE_NAME = '{quoted}' ORDER BY ORDINAL_POSITION"
    )
    order = [c["name"] for c in columns if c["key"] == "PRI"] or [c["name"] for c in columns]
    fields = ", ".join(_field(column) for column in columns)
    sql = (
        f"SELECT {fields} FROM {_quote(database)}.{_quote(name)} "
        f"ORDER BY {', '.join(_quote(key or '') for key in order)} LIMIT {ROWS_MAX + 1}"
    )
    types = {column["name"]: column["type"] or "" for column in columns}
    rows = [{key: _value(text, types[key]) for key, text in row.items()} for row in client.rows(sql)]
    return {"columns": columns, "rows": rows[:ROWS_MAX], "truncated": len(rows) > ROWS_MAX}


_BINARY = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry"})
_INTEGER = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"})


def _field(column: Mapping[str, str | None]) -> str:
    name = _quote(column["name"] or "")
    if column["type"] in _BINARY:
        return f"HEX({name}) AS {name}"
    return f"{name} + 0 AS {name}" if column["type"] == "bit" else name


def _value(text: str | None, kind: str) -> Any:
    if text is None:
        return None
    if kind in _INTEGER:
        return int(text)
    return float(text) if kind in {"float", "double"} else text


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class _Client:
    """The command-line client over the host side of the socket; XML keeps NULL apart from 'NULL'."""

    def __init__(self, socket: Path, password: str) -> None:
        self._env = {"MYSQL_PWD": password, "LANG": "C.UTF-8"}
        self._base = [_need("mariadb"), "--no-defaults", f"--socket={socket}", "--user=judge", "--connect-timeout=30"]
        self._base += ["--default-character-set=utf8mb4"]

    def rows(self, sql: str) -> list[dict[str, str | None]]:
        """The rows of one SELECT, values as text; raises StateError."""
        text = self._run([*self._base, "--xml", "--quick"], b"SET max_statement_time = 30;\n" + sql.encode() + b";\n")
        start = text.find("<resultset")
        if start < 0:
            return []
        root = ElementTree.fromstring(_ILLEGAL.sub("\ufffd", text[start:]))
        nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
        return [
            {f.attrib["name"]: None if f.get(nil) == "true" else f.text or "" for f in row} for row in root.iter("row")
        ]

    def script(self, sql: bytes) -> None:
        """Run statements for their effect; raises StateError with the server's complaint."""
        self._run([*self._base, "--batch"], sql)

    def _run(self, argv: list[str], sql: bytes) -> str:
        try:
            done = subprocess.run(argv, input=sql, capture_output=True, env=self._env, timeout=90, check=False)
        except subprocess.TimeoutExpired as late:
            raise StateError("MariaDB does not answer") from late
        if done.returncode != 0:
            raise StateError(done.stderr.decode(errors="replace").strip()[:500])
        return done.stdout.decode(errors="replace")


def _make(data: Path, want: Want) -> dict[str, str]:
    """Install, set the accounts, load the seed, shut down cleanly."""
    _install(data)
    socket = data.parent / "s.sock"
    password = secrets.token_urlsafe(24)
    argv = [_need("mariadbd"), *_OPTIONS, f"--datadir={data}", f"--tmpdir={data.parent}", f"--socket={socket}"]
    with templates.server([*argv, "--skip-networking", f"--pid-file={data.parent}/pid"], socket):
        _first_accounts(socket, want.database, password)
        client = _Client(socket, password)
        try:
            client.script(f"USE {_quote(want.database)};\n".encode() + want.seed)
        except StateError as error:
            raise SeedError(f"the MariaDB seed does not load: {error}") from error
    return {"password": password}


def _install(data: Path) -> None:
    argv = [_need("mariadb-install-db"), *_OPTIONS, f"--datadir={data}", f"--tmpdir={data.parent}", "--skip-test-db"]
    argv += ["--auth-root-authentication-method=normal", "--skip-name-resolve"]
    done = subprocess.run(argv, capture_output=True, check=False, **templates.as_server())  # type: ignore[call-overload]
    if done.returncode != 0:
        raise ServiceError(f"mariadb-install-db failed: {done.stderr.decode(errors='replace')[-800:]}")


def _first_accounts(socket: Path, database: str, password: str) -> None:
    """Replace the accounts of the installation by the program's and the judge's.

    The schema `sys` goes: half of all files, for views on a performance schema that is off.
    """
    name = _quote(database)
    sql = f"""
        DROP DATABASE IF EXISTS sys;
        CREATE DATABASE {name} CHARACTER SET utf8mb4;
        CREATE USER 'judge'@'localhost' IDENTIFIED BY '{password}';
        GRANT ALL ON *.* TO 'judge'@'localhost' WITH GRANT OPTION;
        CREATE USER 'exam_root'@'%' IDENTIFIED BY '123456';
        GRANT ALL ON {name}.* TO 'exam_root'@'%';
        DELETE FROM mysql.global_priv WHERE User NOT IN ('judge', 'exam_root', 'mariadb.sys');
        UPDATE mysql.global_priv SET User = 'root' WHERE User = 'exam_root';
        UPDATE mysql.db SET User = 'root' WHERE User = 'exam_root';
        DELETE FROM mysql.proxies_priv;
        FLUSH PRIVILEGES;
    """
    argv = [_need("mariadb"), "--no-defaults", f"--socket={socket}", "--user=root", "--batch"]
    end = time.monotonic() + 10
    while True:
        done = subprocess.run(argv, input=sql.encode(), capture_output=True, check=False, timeout=60)
        if done.returncode == 0:
            return
        if b"Can't connect" not in done.stderr or time.monotonic() > end:
            raise ServiceError(f"MariaDB accounts: {done.stderr.decode(errors='replace')[-800:]}")
        time.sleep(0.02)


def _binary(name: str) -> str | None:
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/mariadb/bin")


def _need(name: str) -> str:
    found = _binary(name)
    if found is None:
        raise UnavailableError(f"{name} not found: install mariadb-server and mariadb-client")
    return found


@cache
def _version() -> str:
    out = subprocess.run([_need("mariadbd"), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Ver (\d+\.\d+\.\d+)", out)
    return found[1] if found else out.strip()
