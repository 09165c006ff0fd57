"""Runs a program and describes every Matplotlib figure it made, even those it closed."""

from __future__ import annotations

import runpy
import sys
from typing import Any

POINTS_MAX = 20000


def of_program(script: str, args: list[str]) -> dict[str, Any]:
    """Run the program as `__main__` with the Agg backend; `raised` is the type of what it died of, if it did."""
    import matplotlib

    matplotlib.use("Agg", force=True)
    kept = _keep_figures()
    sys.argv = [script] + args
    raised = None
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as error:
        raised = None if error.code in (None, 0) else "SystemExit"
    except BaseException as error:  # reported with the figures made so far
        import traceback

        traceback.print_exc()
        raised = type(error).__name__
    return {"raised": raised, "figures": [_figure(figure) for figure in kept if figure.get_axes()]}


def _keep_figures() -> list[Any]:
    from matplotlib.figure import Figure

    kept: list[Any] = []
    original = Figure.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        kept.append(self)

    Figure.__init__ = init
    return kept


def _figure(figure: Any) -> dict[str, Any]:
    figure.canvas.draw()
    title = getattr(figure, "_suptitle", None)
    return {"title": title.get_text() if title else "", "axes": [_axes(axes) for axes in figure.get_axes()]}


def _axes(axes: Any) -> dict[str, Any]:
    legend = axes.get_legend()
    return {
        "title": axes.get_title() or axes.get_title("left") or axes.get_title("right"),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "xticks": [tick.get_text() for tick in axes.get_xticklabels()],
        "yticks": [tick.get_text() for tick in axes.get_yticklabels()],
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
        "texts": [text.get_text() for text in axes.texts],
        "series": _lines(axes) + _bars(axes) + _collections(axes) + _pies(axes) + _images(axes),
    }


def _numbers(values: Any) -> list[Any]:
    import numpy

    plain: Any = numpy.ma.filled(numpy.ma.asarray(values, dtype=float), numpy.nan).ravel()[:POINTS_MAX]
    return [None if item != item else item for item in plain.tolist()]


def _lines(axes: Any) -> list[dict[str, Any]]:
    found = []
    for line in axes.get_lines():
        x, y = _numbers(line.get_xdata(orig=False)), _numbers(line.get_ydata(orig=False))
        kind = "line" if line.get_linestyle() not in ("None", "", " ") else "points"
        found.append({"kind": kind, "label": _label(line), "x": x, "y": y})
    return found


def _label(artist: Any) -> str:
    label = str(artist.get_label())
    return "" if label.startswith("_") else label


def _bars(axes: Any) -> list[dict[str, Any]]:
    from matplotlib.container import BarContainer

    found = []
    for group in axes.containers:
        if not isinstance(group, BarContainer):
            continue
        boxes = [(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in group.patches]
        across = getattr(group, "orientation", "vertical") == "horizontal"
        found.append(
            {
                "kind": "barh" if across else ("hist" if _touching(boxes) else "bar"),
                "label": _label(group),
                "x": _numbers([box[1] + box[3] / 2 if across else box[0] + box[2] / 2 for box in boxes]),
                "y": _numbers([box[2] if across else box[3] for box in boxes]),
            }
        )
    return found


def _touching(boxes: list[Any]) -> bool:
    """A histogram's bars meet; a bar chart's do not."""
    pairs = list(zip(boxes, boxes[1:]))
    return bool(pairs) and all(abs(a[0] + a[2] - b[0]) < 1e-6 * max(abs(a[2]), 1e-12) for a, b in pairs)


def _collections(axes: Any) -> list[dict[str, Any]]:
    from matplotlib.collections import PathCollection, QuadMesh

    found = []
    for item in axes.collections:
        if isinstance(item, PathCollection):
            offsets = item.get_offsets()
            found.append(
                {
                    "kind": "scatter",
                    "label": _label(item),
                    "x": _numbers(offsets[:, 0]),
                    "y": _numbers(offsets[:, 1]),
                }
            )
        elif isinstance(item, QuadMesh):
            found.append({"kind": "heatmap", "label": "", "x": [], "y": _numbers(item.get_array())})
    return found


def _pies(axes: Any) -> list[dict[str, Any]]:
    from matplotlib.patches import Wedge

    wedges = [patch for patch in axes.patches if isinstance(patch, Wedge)]
    if not wedges:
        return []
    shares = [(wedge.theta2 - wedge.theta1) / 360 for wedge in wedges]
    return [{"kind": "pie", "label": "", "x": [], "y": _numbers(shares)}]


def _images(axes: Any) -> list[dict[str, Any]]:
    return [{"kind": "image", "label": "", "x": [], "y": _numbers(image.get_array())} for image in axes.get_images()]
