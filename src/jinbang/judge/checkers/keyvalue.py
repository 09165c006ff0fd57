"""What the program left in Redis: keys with their types and values, against expected ones."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from jinbang.judge.checkers._values import difference
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    part,
    right,
)


class KeyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key that must be there. Text that looks like a number equals the number.

    `value`: text; list; sorted list for a set; object for a hash; list of [member, score] for a sorted set.
    """

    key: str
    type: Literal["string", "list", "set", "hash", "zset", "stream"]
    value: Any = msgspec.UNSET
    expires: bool | None = None


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Each key, and each key that must be `absent`, counts the same."""

    keys: list[KeyRule]
    absent: list[str] = []
    db: int = 0
    tolerance: float = 1e-6


def check(evidence: Evidence, options: Options) -> Finding:
    """Compare the keys as they were after the run."""
    if "redis" not in evidence.services:
        raise SetupError("清单没有声明 redis 服务")
    entries = evidence.services["redis"].get(str(options.db), {})
    faults = [fault for rule in options.keys if (fault := _fault(rule, entries.get(rule.key), options.tolerance))]
    faults += [f"键 {key} 不应存在" for key in options.absent if key in entries]
    total = len(options.keys) + len(options.absent)
    if not faults:
        return right("Redis 数据正确")
    return part(total - len(faults), total, "Redis 数据", faults[0])


def _fault(rule: KeyRule, entry: dict[str, Any] | None, tolerance: float) -> str | None:
    if entry is None:
        return f"没有键 {rule.key}"
    if entry["type"] != rule.type:
        return f"键 {rule.key} 的类型应为 {rule.type}，实为 {entry['type']}"
    if rule.expires is not None and entry["expires"] != rule.expires:
        return f"键 {rule.key} {'没有设置' if rule.expires else '不应设置'}过期时间"
    if rule.value is msgspec.UNSET:
        return None
    fault = difference(_form(rule.value), _form(entry["value"]), tolerance=tolerance)
    return f"键 {rule.key}：{fault}" if fault else None


def _form(value: Any) -> Any:
    """The value with text that is a number turned into it, because Redis keeps numbers as text."""
    if isinstance(value, list):
        return [_form(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _form(item) for key, item in value.items()}
    if isinstance(value, str) and value.strip() and value.strip()[-1].isdigit():
        try:
            return float(value)
        except ValueError:
            return value
    return value


CHECKER = Checker(
    "redis",
    Capability("Redis 状态", "程序结束后读取键值，比对类型、内容与过期设置", frozenset({Need.RUN, Need.SERVICE})),
    Options,
    check,
)
