"""What the program left in MariaDB: a table's columns and rows, against an expected table."""

from __future__ import annotations

from typing import Any

import msgspec

from jinbang.judge.checkers._tables import Cell, Table, TableRule, compare, plain
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    part,
    right,
    wrong,
)
from jinbang.judge.checkers.csv_file import read as read_csv


class ColumnRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A column that must be there: one of `types` (data types in lower case), key and nullability where given."""

    name: str
    types: list[str] = []
    primary: bool = False
    nullable: bool | None = None


class Options(TableRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`schema` checks the table's definition, `expected` (a CSV) its rows; `where` keeps rows by column values."""

    table: str
    expected: str | None = None
    schema: list[ColumnRule] = []
    where: dict[str, str] = {}


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the table as it was after the run."""
    if "mariadb" not in evidence.services:
        raise SetupError("清单没有声明 mariadb 服务")
    table = evidence.services["mariadb"]["tables"].get(options.table)
    if table is None:
        return wrong(f"数据库中没有表 {options.table}")
    if options.schema:
        finding = _schema(table["columns"], options.schema)
        if finding.share < 1 or options.expected is None:
            return finding
    if options.expected is None:
        raise SetupError("mariadb 检查器要给出 expected 或 schema")
    expected = read_csv(evidence.expected(options.expected), options.expected, ["utf-8-sig"], ",")
    return compare(expected, _rows(table, options.where), options)


def _rows(table: dict[str, Any], where: dict[str, str]) -> Table:
    columns = tuple(column["name"] for column in table["columns"])
    kept = [row for row in table["rows"] if all(plain(row.get(key)) == value for key, value in where.items())]
    rows: list[tuple[Cell, ...]] = [tuple(row.get(name) for name in columns) for row in kept]
    return Table(columns, tuple(rows))


def _schema(columns: list[dict[str, Any]], rules: list[ColumnRule]) -> Finding:
    known = {column["name"]: column for column in columns}
    bad = [rule.name for rule in rules if not _fits(known.get(rule.name), rule)]
    if not bad:
        return right("表结构正确")
    return part(len(rules) - len(bad), len(rules), "表结构", f"列 {bad[0]} 不符合要求")


def _fits(column: dict[str, Any] | None, rule: ColumnRule) -> bool:
    if column is None or (rule.types and column["type"] not in rule.types):
        return False
    if rule.primary and column["key"] != "PRI":
        return False
    return rule.nullable is None or (column["nullable"] == "YES") == rule.nullable


CHECKER = Checker(
    "mariadb",
    Capability("MariaDB 状态", "程序结束后读取数据表，比对结构与数据", frozenset({Need.RUN, Need.SERVICE})),
    Options,
    check,
)
