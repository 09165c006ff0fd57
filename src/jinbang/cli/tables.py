"""PostgreSQL's tables in and out of an archive by COPY: one snapshot, no outside program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

_CHUNK = 1024 * 1024
_MIGRATIONS_SEQUENCE = """
    SELECT setval(pg_get_serial_sequence('django_migrations', 'id'), coalesce(max(id), 1)) FROM django_migrations
"""
_FILLED_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}


def table_names() -> list[str]:
    """Every table of the database, in a fixed order."""
    return sorted(connection.introspection.table_names())


def columns_of(table: str) -> list[str]:
    """The table's columns, in the order of the catalogue."""
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def dump(folder: Path) -> dict[str, list[str]]:
    """Write every table to ``folder/<table>.copy`` as of one instant; table → columns."""
    tables: dict[str, list[str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table in table_names():
            tables[table] = columns_of(table)
            with (
                (folder / f"{table}.copy").open("wb") as file,
                cursor.copy(_copy(table, tables[table], "TO STDOUT")) as copy,
            ):
                for block in copy:
                    file.write(block)
    return tables


def load(folder: Path, tables: dict[str, list[str]]) -> None:
    """Replace the content of every table by what ``folder`` holds, in one transaction, and set the sequences."""
    with transaction.atomic(), connection.cursor() as cursor:
        quoted = ", ".join(connection.ops.quote_name(table) for table in tables)
        cursor.execute(f"TRUNCATE {quoted} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, columns in tables.items():
            with (
                (folder / f"{table}.copy").open("rb") as file,
                cursor.copy(_copy(table, columns, "FROM STDIN")) as copy,
            ):
                while block := file.read(_CHUNK):
                    copy.write(block)
        for statement in connection.ops.sequence_reset_sql(_no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)
        cursor.execute(_MIGRATIONS_SEQUENCE)


def _copy(table: str, columns: list[str], direction: str) -> str:
    quote = connection.ops.quote_name
    return f"COPY {quote(table)} ({', '.join(quote(column) for column in columns)}) {direction} (FORMAT binary)"


def _no_style() -> Any:
    from django.core.management.color import no_style

    return no_style()


def filled() -> bool:
    """Whether the database holds data of ours already."""
    with connection.cursor() as cursor:
        for table in set(table_names()) - _FILLED_BY_MIGRATIONS:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - a quoted name
            if cursor.fetchone():
                return True
    return False
