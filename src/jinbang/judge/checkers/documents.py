"""What the program left in MongoDB: the documents of a query, against expected ones."""

from __future__ import annotations

from typing import Any

import msgspec

from jinbang.judge.checkers._values import difference
from jinbang.judge.checkers.base import Capability, Checker, Evidence, Finding, Need, SetupError, right, wrong
from jinbang.judge.checkers.json_file import by_key
from jinbang.judge.checkers.json_file import read as read_json


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`filter`, `fields` and `sort` as in find(); `_id` is left out unless asked for. `key` matches documents."""

    collection: str
    expected: str
    filter: dict[str, Any] = {}
    fields: list[str] = []
    sort: list[tuple[str, int]] = []
    key: str | None = None
    tolerance: float = 1e-6


def check(evidence: Evidence, options: Options) -> Finding:
    """Run the query and compare."""
    if "mongodb" not in evidence.services:
        raise SetupError("清单没有声明 mongodb 服务")
    query = {name: getattr(options, name) for name in ("collection", "filter", "fields", "sort")}
    got = evidence.services["mongodb"].ask(query)["documents"]
    expected = read_json(evidence.expected(options.expected), options.expected, False)
    if options.key is not None:
        return by_key(expected, got, options.key, options.tolerance)
    fault = difference(expected, got, tolerance=options.tolerance)
    return wrong("文档与预期不同", fault) if fault else right()


CHECKER = Checker(
    "mongodb",
    Capability("MongoDB 状态", "程序结束后查询集合，比对文档", frozenset({Need.RUN, Need.SERVICE})),
    Options,
    check,
)
