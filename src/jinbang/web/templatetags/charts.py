"""Charts drawn by the server as SVG: no script, they print, and what they show also stands there as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jinbang.core.statistics import Bin

register = template.Library()
#: The drawing's size in its own units; it scales with the page.
WIDTH, HEIGHT, FOOT, HEAD = 640, 220, 34, 22


@dataclass(frozen=True)
class Bar:
    """A column of a histogram in drawing units; ``passing`` where the whole bin is at or over the pass mark."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int
    passing: bool

    @property
    def middle(self) -> float:
        """Where its labels are centred."""
        return self.x + self.width / 2


@register.inclusion_tag("shell/_histogram.html")
def histogram_of(bins: Sequence[Bin], title: str, mark: Decimal | None = None) -> dict[str, object]:
    """``{% histogram_of bins "title" pass_mark %}``: columns with their counts, and a line at ``mark``."""
    top = max((one.count for one in bins), default=0)
    span = bins[-1].high if bins else 1
    bars = [_bar(one, top, span, mark) for one in bins]
    return {
        "title": title, "bars": bars, "bins": bins, "empty": top == 0, "width": WIDTH, "height": HEIGHT,
        "base": HEIGHT - FOOT, "foot": HEIGHT - FOOT + 16, "mark": mark,
        "mark_x": None if mark is None else float(mark) / span * WIDTH,
    }  # fmt: skip


def _bar(one: Bin, top: int, span: float, mark: Decimal | None) -> Bar:
    room = HEIGHT - FOOT - HEAD
    height = one.count / top * room if top else 0.0
    x, width = one.low / span * WIDTH, (one.high - one.low) / span * WIDTH
    label = f"{one.low:g}–{one.high:g}"
    return Bar(x + 3, HEIGHT - FOOT - height, width - 6, height, label, one.count, mark is not None and one.low >= mark)


@register.simple_tag
def share_bar(share: float | None, tone: str = "celadon") -> SafeString:
    """A share from 0 to 1 as a bar with its percentage; an en dash for None."""
    if share is None:
        return format_html('<span class="share">–</span>')
    percent = f"{100 * share:.1f}"
    return format_html(
        '<span class="share"><svg class="share-bar tone-fill-{}" aria-hidden="true" viewBox="0 0 100 10" '
        'preserveAspectRatio="none"><rect class="track" width="100" height="10"/><rect width="{}" height="10"/></svg>'
        "{} %</span>",
        tone, percent, percent,
    )  # fmt: skip


@register.filter
def decimals(value: float | None, places: int = 2) -> str:
    """A figure with fixed decimals; an en dash for None."""
    return "–" if value is None else f"{value:.{places}f}"
