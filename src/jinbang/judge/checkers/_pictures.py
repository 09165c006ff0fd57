"""Requirements on a chart, each worth the same; shared by Matplotlib figures and ECharts options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from jinbang.judge.checkers._values import close, number, parse_number


class SeriesRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One series that must be there: its kind, and where given its values (in order, unless `unordered`)."""

    kind: str
    y: list[float] | None = None
    x: list[float] | None = None
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


def faults(rule: ChartRule, chart: Chart) -> tuple[int, list[str]]:
    """Number of requirements, and those not met."""
    wanted: list[tuple[str, bool]] = []
    for name, title in (("title", "标题"), ("xlabel", "横轴标签"), ("ylabel", "纵轴标签")):
        pattern = getattr(rule, name)
        if pattern is not None:
            wanted.append((f"{title}不符合要求", re.search(pattern, getattr(chart, name)) is not None))
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


def _same(wanted: Sequence[float], given: Sequence[Any], rule: SeriesRule) -> bool:
    numbers = [parse_number(item) if isinstance(item, str) else number(item) for item in given]
    plain = [item for item in numbers if item is not None]
    if len(plain) != len(wanted) or len(numbers) != len(wanted):
        return False
    left, right = (sorted(wanted), sorted(plain)) if rule.unordered else (list(wanted), plain)
    return all(close(a, b, rule.tolerance) for a, b in zip(left, right, strict=True))
