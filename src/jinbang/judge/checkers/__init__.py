"""The checkers. A new one is a new file here with a `CHECKER`; nothing else has to be told."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

import msgspec

from jinbang.judge.checkers.base import Checker, SetupError


@cache
def registry() -> dict[str, Checker[Any]]:
    """All checkers by the names that manifests use."""
    found: dict[str, Checker[Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        checker = getattr(importlib.import_module(f"{__name__}.{module.name}"), "CHECKER", None)
        if checker is not None:
            found[checker.name] = checker
    return dict(sorted(found.items()))


def options_of(checker: Checker[Any], raw: dict[str, Any]) -> Any:
    """The manifest's options in the checker's own form. Raises SetupError naming the field."""
    try:
        return msgspec.convert(raw, type=checker.options)
    except msgspec.ValidationError as error:
        raise SetupError(f"检查器 {checker.name} 的选项有误：{error}") from error
