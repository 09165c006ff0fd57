"""``jinbang doctor``: whether this installation is safe to run an exam on, one line a check."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from jinbang.config import clock
from jinbang.config.checks import SQLITE_SAFE, open_key_files, sqlite_version

FINE, NOTE, BAD = "fine", "note", "bad"
_PACKAGES = ("django", "uvicorn", "msgspec", "pysqlite3", "psycopg", "typst", "cryptography")
_DISK_NEEDED = 2 * 1024**3
_STALE_MIN = 10


@dataclass(frozen=True)
class Finding:
    """One line: the part looked at, ``fine``, ``note`` or ``bad``, and what was seen."""

    part: str
    level: str
    text: str


def main(argv: Sequence[str]) -> int:
    """Print every finding; status 1 if any is bad. With ``--json`` one object on the last line."""
    parser = argparse.ArgumentParser(prog="jinbang doctor", description="Examine the installation.")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    findings = examine()
    ok = all(finding.level != BAD for finding in findings)
    if options.json:
        print(json.dumps({"ok": ok, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{finding.level:<5} {finding.part:<12} {finding.text}")
        print("ready" if ok else "not ready: see the lines marked bad")
    return 0 if ok else 1


def examine() -> list[Finding]:
    """Every finding, in a fixed order. A check that cannot reach the database says so and the rest go on."""
    findings: list[Finding] = []
    for look in _LOOKS:
        try:
            findings += look()
        except DatabaseError as fault:
            findings.append(Finding("database", BAD, f"{look.__name__}: {fault}"))
    return findings


def versions() -> Iterator[Finding]:
    """Python and the packages that matter."""
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            yield Finding("versions", BAD, f"{package} is not installed; run make setup")
    yield Finding("versions", FINE, f"Python {platform.python_version()}, {', '.join(found)}")


def database() -> Iterator[Finding]:
    """Engine, durability settings, integrity, tables up to date."""
    yield from _sqlite() if connection.vendor == "sqlite" else _postgres()
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding("database", BAD, f"{len(waiting)} migrations are not applied; run jinbang manage migrate")
    else:
        yield Finding("database", FINE, "tables are up to date")


def _sqlite() -> Iterator[Finding]:
    number = ".".join(map(str, sqlite_version()))
    level = FINE if sqlite_version() >= SQLITE_SAFE else BAD
    yield Finding("database", level, f"SQLite {number}" + ("" if level == FINE else " has the WAL-reset bug"))
    with connection.cursor() as cursor:
        values = {}
        for name in ("journal_mode", "synchronous", "quick_check", "foreign_key_check"):
            cursor.execute(f"PRAGMA {name}")
            row = cursor.fetchone()
            values[name] = row[0] if row else ""
    wal, durable = values["journal_mode"] == "wal", int(values["synchronous"]) >= 2
    yield Finding("database", FINE if wal else BAD, f"journal mode {values['journal_mode']}")
    yield Finding("database", FINE if durable else BAD, f"synchronous {values['synchronous']} (2 is FULL)")
    whole = values["quick_check"] == "ok" and not values["foreign_key_check"]
    yield Finding("database", FINE if whole else BAD, f"integrity: {values['quick_check']}")


def _postgres() -> Iterator[Finding]:
    wanted = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
        yield Finding("database", FINE if number >= 150000 else BAD, f"PostgreSQL {number // 10000}.{number % 10000}")
        for name, value in wanted.items():
            cursor.execute(f"SHOW {name}")
            found = cursor.fetchone()[0]
            fatal = name != "data_checksums"
            level = FINE if found in {value, "remote_apply"} else BAD if fatal else NOTE
            yield Finding("database", level, f"{name} = {found}")


def sandbox() -> Iterator[Finding]:
    """Whether programs of candidates can be judged here."""
    from jinbang.judge.sandbox import probe

    report = probe()
    for check in report.failures:
        yield Finding("sandbox", BAD, f"{check.name}: {check.reason}")
    if report.ok:
        yield Finding("sandbox", FINE, f"{len(report.checks)} walls and limits hold")


def fonts() -> Iterator[Finding]:
    """Fonts for documents: there, and showing Chinese."""
    from jinbang.pdf.fonts import font_files

    missing = [path for path in font_files() if not path.exists()]
    for path in missing:
        yield Finding("fonts", BAD, f"{path} is missing")
    if not missing:
        yield Finding("fonts", FINE, ", ".join(path.name for path in font_files()))


def site_clock() -> Iterator[Finding]:
    """Which clock is in force."""
    instant = f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"
    if clock.clock_file():
        yield Finding("clock", NOTE, f"test clock {clock.clock_file()}: it is {instant}; never in a real exam")
    else:
        yield Finding("clock", FINE, f"the machine's: {instant}")


def audit_log() -> Iterator[Finding]:
    """The chain of the log; every row that does not fit is named."""
    from jinbang.audit.domain import verify_chain
    from jinbang.audit.models import AuditRow

    broken = verify_chain()
    for fault in broken:
        yield Finding("audit", BAD, f"row {fault.seq}: {fault.fault}")
    if not broken:
        head = AuditRow.objects.order_by("-seq").values_list("hash", flat=True).first() or "none"
        yield Finding("audit", FINE, f"{AuditRow.objects.count()} rows, chain whole, head {head}")


def waiting_work() -> Iterator[Finding]:
    """Tasks and notices that wait, and those that were given up."""
    from datetime import timedelta

    from jinbang.accounts.domain.notices import MAX_TRIES
    from jinbang.audit.models import OutboxNotice

    if settings.TASKS["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend":
        from django_tasks_db.models import DBTaskResult

        failed, ready = DBTaskResult.objects.failed().count(), DBTaskResult.objects.ready().count()
        yield Finding("tasks", NOTE if failed else FINE, f"{ready} waiting, {failed} failed")
    notices = OutboxNotice.objects.filter(dispatched_at__isnull=True)
    stale = notices.filter(created_at__lt=clock.now() - timedelta(minutes=_STALE_MIN)).count()
    yield Finding(
        "outbox",
        BAD if stale else FINE,
        f"{notices.count()} notices wait"
        + (f", {stale} for over {_STALE_MIN} minutes: is jinbang worker running?" if stale else ""),
    )
    for notice in OutboxNotice.objects.filter(tries__gte=MAX_TRIES)[:10]:
        yield Finding("outbox", BAD, f"notice {notice.pk} was given up: {notice.last_error}")


def disk() -> Iterator[Finding]:
    """Room for files, and keys that only their owner can read."""
    data = Path(settings.DATA_DIR)
    free = shutil.disk_usage(data).free
    yield Finding("disk", FINE if free >= _DISK_NEEDED else BAD, f"{free / 1024**3:.1f} GiB free in {data}")
    loose = open_key_files()
    for path in loose:
        yield Finding("keys", BAD, f"{path} can be read by others; chmod 600")
    if not loose:
        yield Finding("keys", FINE, "readable by their owner alone")


_LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    versions, database, sandbox, fonts, site_clock, audit_log, waiting_work, disk,
)  # fmt: skip
