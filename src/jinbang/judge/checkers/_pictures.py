"""Requirements on a chart, each worth the same; shared by Matplotlib figures and ECharts options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from jinbang.judge.checkers._values import close, number, parse_number
from jinbang.judge.checkers.base import Evidence, SetupError

TEXT_MAX = 500


class SeriesRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One series that must be there: its kind, and where given its values (in order, unless `unordered`).

    Values are listed, or named as a file of the package that holds them as a JSON list.
    """

    kind: str
    y: list[float] | str | None = None
    x: list[float] | str | None = None
    label: str | None = None
    tolerance: float = 1e-3
    unordered: bool = False


class ChartRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a chart must show. Texts are regular expressions that must be found; `legend` and `ticks` are sets."""

    title: str | None = None
    xlabel: str | None = None
    ylabel: str | None = None
    legend: list[str] = []
    ticks: list[str] = []
    series: list[SeriesRule] = []


R = TypeVar("R", bound=ChartRule)


@dataclass(frozen=True)
class Series:
    """A drawn series."""

    kind: str
    x: Sequence[Any] = ()
    y: Sequence[Any] = ()
    label: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawn chart, as far as rules can speak of it."""

    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    legend: Sequence[str] = ()
    ticks: Sequence[str] = ()
    series: Sequence[Series] = field(default_factory=tuple)


def resolved(rule: R, evidence: Evidence) -> R:
    """The rule with the values of named files in their places. Raises SetupError."""
    series = [
        msgspec.structs.replace(one, x=_values(one.x, evidence), y=_values(one.y, evidence)) for one in rule.series
    ]
    return msgspec.structs.replace(rule, series=series)


def _values(given: list[float] | str | None, evidence: Evidence) -> list[float] | None:
    if not isinstance(given, str):
        return given
    try:
        return msgspec.json.decode(evidence.expected(given), type=list[float])
    except msgspec.DecodeError as error:
        raise SetupError(f"{given} 不是由数组成的 JSON 列表") from error


def faults(rule: ChartRule, chart: Chart) -> tuple[int, list[str]]:
    """Number of requirements, and those not met. The rule must be resolved."""
    wanted: list[tuple[str, bool]] = []
    for name, title in (("title", "标题"), ("xlabel", "横轴标签"), ("ylabel", "纵轴标签")):
        pattern = getattr(rule, name)
        if pattern is not None:
            wanted.append((f"{title}不符合要求", re.search(pattern, getattr(chart, name)[:TEXT_MAX]) is not None))
    if rule.legend:
        wanted.append(("图例不完整", set(rule.legend) <= set(chart.legend)))
    if rule.ticks:
        wanted.append(("坐标刻度不完整", set(rule.ticks) <= set(chart.ticks)))
    for number_, series in enumerate(rule.series, 1):
        same_kind = [item for item in chart.series if item.kind == series.kind]
        wanted.append((f"没有第 {number_} 个图形（{series.kind}）", bool(same_kind)))
        if series.y is not None or series.x is not None or series.label is not None:
            wanted.append((f"第 {number_} 个图形的数据不对", any(_shows(series, item) for item in same_kind)))
    return len(wanted), [text for text, met in wanted if not met]


def _shows(rule: SeriesRule, series: Series) -> bool:
    if rule.label is not None and rule.label != series.label:
        return False
    return all(
        wanted is None or _same(wanted, given, rule) for wanted, given in ((rule.x, series.x), (rule.y, series.y))
    )


def _same(wanted: Sequence[float] | str, given: Sequence[Any], rule: SeriesRule) -> bool:
    if isinstance(wanted, str):
        raise SetupError(f"{wanted} 没有读入")
    numbers = [parse_number(item) if isinstance(item, str) else number(item) for item in given]
    plain = [item for item in numbers if item is not None]
    if len(plain) != len(wanted) or len(numbers) != len(wanted):
        return False
    left, right = (sorted(wanted), sorted(plain)) if rule.unordered else (list(wanted), plain)
    return all(close(a, b, rule.tolerance) for a, b in zip(left, right, strict=True))
