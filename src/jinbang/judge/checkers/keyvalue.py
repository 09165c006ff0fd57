"""What the program left in Redis: replies to read commands, against expected ones."""

from __future__ import annotations

from typing import Any

import msgspec

from jinbang.judge.checkers._values import difference
from jinbang.judge.checkers.base import Capability, Checker, Evidence, Finding, Need, SetupError, part, right, shown


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`command` and what it must answer; text that looks like a number equals the number. `unordered` for sets."""

    command: list[str]
    reply: Any
    unordered: bool = False


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Each reply counts the same."""

    replies: list[Reply]
    tolerance: float = 1e-6


def check(evidence: Evidence, options: Options) -> Finding:
    """Send the commands and compare."""
    if "redis" not in evidence.services:
        raise SetupError("清单没有声明 redis 服务")
    answers = evidence.services["redis"].ask({"commands": [reply.command for reply in options.replies]})
    faults = []
    for reply, answer in zip(options.replies, answers["replies"], strict=True):
        wanted, got = _form(reply.reply, reply.unordered), _form(answer, reply.unordered)
        if fault := difference(wanted, got, tolerance=options.tolerance):
            faults.append(f"{shown(' '.join(reply.command))}：{fault}")
    if not faults:
        return right("Redis 数据正确")
    return part(len(options.replies) - len(faults), len(options.replies), "Redis 数据", faults[0])


def _form(value: Any, unordered: bool) -> Any:
    if isinstance(value, list):
        items = [_form(item, unordered) for item in value]
        return sorted(items, key=repr) if unordered else items
    if isinstance(value, dict):
        return {str(key): _form(item, unordered) for key, item in value.items()}
    if isinstance(value, str):
        return _number(value)
    return value


def _number(text: str) -> Any:
    try:
        return float(text) if text.lower().strip() not in ("nan", "inf", "-inf", "infinity") else text
    except ValueError:
        return text


CHECKER = Checker(
    "redis",
    Capability("Redis 状态", "程序结束后执行只读命令，比对键值", frozenset({Need.RUN, Need.SERVICE})),
    Options,
    check,
)
