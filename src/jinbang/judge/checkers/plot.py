"""Matplotlib (and Seaborn) figures: what was drawn, read from the figure and not from its pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from jinbang.judge.checkers._pictures import Chart, ChartRule, Series, faults, resolved
from jinbang.judge.checkers.base import Capability, Checker, Evidence, Finding, Need, part, right, wrong

_PNG = b"\x89PNG\r\n\x1a\n"


class Options(ChartRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`saved`: a PNG that must have been written as well, at least `width` pixels wide."""

    saved: str | None = None
    width: int = 300


def check(evidence: Evidence, options: Options) -> Finding:
    """Hold the rules against the axes that meet them best."""
    options = resolved(options, evidence)
    drawn = list(charts(evidence))
    if not drawn:
        return wrong("没有绘制图形")
    total, missing = min((faults(options, chart) for chart in drawn), key=lambda found: len(found[1]))
    if options.saved is not None:
        total += 1
        if _png_width(evidence.files.get(options.saved, b"")) < options.width:
            missing = [*missing, f"没有保存图片 {options.saved}，或图片过小"]
    return part(total - len(missing), total, "图形要求", "；".join(missing)) if missing else right("图形符合要求")


def charts(evidence: Evidence) -> Iterator[Chart]:
    """Every axes of every figure; malformed descriptions are skipped, they come from the candidate's process."""
    for event in evidence.events:
        value = event.get("value")
        if event.get("event") != "figures" or not isinstance(value, dict):
            continue
        for figure in _dicts(value.get("figures")):
            for axes in _dicts(figure.get("axes")):
                yield _chart(axes, str(figure.get("title") or ""))


def _chart(axes: Mapping[str, Any], figure_title: str) -> Chart:
    return Chart(
        title=f"{axes.get('title', '')}\n{figure_title}",
        xlabel=str(axes.get("xlabel", "")),
        ylabel=str(axes.get("ylabel", "")),
        legend=_texts(axes.get("legend")),
        ticks=_texts(axes.get("xticks")) + _texts(axes.get("yticks")),
        series=[
            Series(str(s.get("kind")), _list(s.get("x")), _list(s.get("y")), str(s.get("label", "")))
            for s in _dicts(axes.get("series"))
        ],
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _texts(value: Any) -> list[str]:
    return [str(item) for item in _list(value)]


def _png_width(data: bytes) -> int:
    if not data.startswith(_PNG) or len(data) < 24:
        return 0
    return int(struct.unpack(">I", data[16:20])[0])


CHECKER = Checker(
    "plot",
    Capability(
        "Matplotlib 图形",
        "检查图形种类、数据、标题、坐标轴、图例与刻度，并可要求保存图片",
        frozenset({Need.HARNESS, Need.FILES}),
        ("figures",),
    ),
    Options,
    check,
)
