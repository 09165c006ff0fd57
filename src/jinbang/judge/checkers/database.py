"""What the program left in MariaDB: the rows of a query, against an expected table."""

from __future__ import annotations

from jinbang.judge.checkers._tables import Table, TableRule, compare
from jinbang.judge.checkers.base import Capability, Checker, Evidence, Finding, Need, SetupError, wrong
from jinbang.judge.checkers.csv_file import read as read_csv


class Options(TableRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`query` is run after the program has ended, as the owner of the database."""

    query: str
    expected: str


def check(evidence: Evidence, options: Options) -> Finding:
    """Run the query and compare."""
    if "mariadb" not in evidence.services:
        raise SetupError("清单没有声明 mariadb 服务")
    answer = evidence.services["mariadb"].ask({"sql": options.query})
    if "error" in answer:
        return wrong(f"查询不能执行：{answer['error']}", options.query)
    got = Table(tuple(answer["columns"]), tuple(tuple(row) for row in answer["rows"]))
    expected = read_csv(evidence.expected(options.expected), options.expected, ["utf-8-sig"], ",")
    return compare(expected, got, options)


CHECKER = Checker(
    "mariadb",
    Capability("MariaDB 状态", "程序结束后执行查询，比对表中数据", frozenset({Need.RUN, Need.SERVICE})),
    Options,
    check,
)
