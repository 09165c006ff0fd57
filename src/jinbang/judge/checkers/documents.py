"""What the program left in MongoDB: a collection's documents, against expected ones."""

from __future__ import annotations

from typing import Any

import msgspec

from jinbang.judge.checkers._values import difference
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    right,
    wrong,
)
from jinbang.judge.checkers.json_file import by_key
from jinbang.judge.checkers.json_file import read as read_json


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`fields` (default: all but `_id`) of the documents whose fields equal `where`; `key` matches documents.

    `unique` names fields that must have a unique index of their own.
    """

    database: str
    collection: str
    expected: str
    where: dict[str, Any] = {}
    fields: list[str] = []
    key: str | None = None
    unique: list[str] = []
    tolerance: float = 1e-6


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the collection as it was after the run."""
    if "mongodb" not in evidence.services:
        raise SetupError("清单没有声明 mongodb 服务")
    found = evidence.services["mongodb"].get(options.database, {}).get(options.collection)
    if found is None:
        return wrong(f"数据库 {options.database} 中没有集合 {options.collection}")
    keys = [index["key"] for index in found["indexes"].values() if index["unique"]]
    for field in options.unique:
        if not any(len(key) == 1 and key[0][0] == field for key in keys):
            return wrong(f"字段 {field} 没有唯一索引")
    got = [_fields(item, options.fields) for item in found["documents"] if _kept(item, options.where)]
    expected = read_json(evidence.expected(options.expected), options.expected, False)
    if options.key is not None:
        return by_key(expected, got, options.key, options.tolerance)
    fault = difference(expected, got, tolerance=options.tolerance)
    return wrong("文档与预期不同", fault) if fault else right()


def _kept(document: dict[str, Any], where: dict[str, Any]) -> bool:
    return all(document.get(key) == value for key, value in where.items())


def _fields(document: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    if not fields:
        return {key: value for key, value in document.items() if key != "_id"}
    return {key: document[key] for key in fields if key in document}


CHECKER = Checker(
    "mongodb",
    Capability("MongoDB 状态", "程序结束后读取集合，比对文档与索引", frozenset({Need.RUN, Need.SERVICE})),
    Options,
    check,
)
