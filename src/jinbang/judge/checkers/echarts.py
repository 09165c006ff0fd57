"""A page rendered by pyecharts: the options of its charts are read from the HTML as JSON; no script is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jinbang.judge.checkers._pictures import Chart, ChartRule, Series, faults, resolved
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    given_file,
    part,
    right,
    text_of,
    wrong,
)

_OPTION = re.compile(r"option_\w{1,64}\s{0,8}=\s{0,8}(?=\{)")
CHARTS_MAX = 20


class Options(ChartRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`file` is the HTML page the program rendered; kinds are ECharts' own (`bar`, `line`, `pie` …)."""

    file: str


def check(evidence: Evidence, options: Options) -> Finding:
    """Hold the rules against the chart that meets them best."""
    options = resolved(options, evidence)
    drawn = list(charts(text_of(given_file(evidence, options.file), options.file)))
    if not drawn:
        return wrong(f"{options.file} 中没有可读取的 pyecharts 图表")
    total, missing = min((faults(options, chart) for chart in drawn), key=lambda found: len(found[1]))
    return part(total - len(missing), total, "图表要求", "；".join(missing)) if missing else right("图表符合要求")


def charts(html: str) -> Iterator[Chart]:
    """Every chart whose options are plain JSON."""
    decoder = json.JSONDecoder()
    for found, _ in zip(_OPTION.finditer(html), range(CHARTS_MAX), strict=False):
        try:
            option, _end = decoder.raw_decode(html, found.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(option, dict):
            yield _chart(option)


def _chart(option: dict[str, Any]) -> Chart:
    axis_x, axis_y = _first(option.get("xAxis")), _first(option.get("yAxis"))
    series = [_series(item) for item in _dicts(option.get("series"))]
    legends = [str(name) for item in _dicts(option.get("legend")) for name in item.get("data") or ()]
    return Chart(
        title=" ".join(str(item.get("text") or "") for item in _dicts(option.get("title"))),
        xlabel=str(axis_x.get("name") or ""),
        ylabel=str(axis_y.get("name") or ""),
        legend=legends,
        ticks=[str(item) for item in _data(axis_x) + _data(axis_y)] + [s.label for s in series],
        series=series,
    )


def _series(item: dict[str, Any]) -> Series:
    values = [_value(point) for point in _data(item)]
    return Series(str(item.get("type")), (), values, str(item.get("name") or ""))


def _value(point: Any) -> Any:
    if isinstance(point, dict):
        point = point.get("value")
    return point[-1] if isinstance(point, list) and point else point


def _data(item: dict[str, Any]) -> list[Any]:
    data = item.get("data")
    return data if isinstance(data, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _first(value: Any) -> dict[str, Any]:
    return next(iter(_dicts(value)), {})


CHECKER = Checker(
    "echarts",
    Capability(
        "pyecharts 图表", "读取渲染网页中的图表配置，检查种类、数据、标题与图例", frozenset({Need.RUN, Need.FILES})
    ),
    Options,
    check,
)
