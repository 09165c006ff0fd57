"""Item and form statistics in plain Python: facility, discrimination, distractors, reliability, histogram.

Conventions: totals used for discrimination leave out the item itself (rest score), so that a short form
does not flatter its items; variance is that of the population (divided by n); a figure that the data
cannot give (no variance, too few people) is ``None``, never 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, sqrt

#: Kelley's share of the best and of the weakest.
TAIL = 0.27


def mean(values: Sequence[float]) -> float | None:
    """Arithmetic mean, ``None`` of nothing."""
    return fsum(values) / len(values) if values else None


def variance(values: Sequence[float]) -> float | None:
    """Population variance, ``None`` of nothing."""
    middle = mean(values)
    return None if middle is None else fsum((v - middle) ** 2 for v in values) / len(values)


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Pearson's r, which for a right/wrong item is the point-biserial; ``None`` where one does not vary."""
    if len(x) != len(y):
        raise ValueError("two series of one length")
    mx, my, vx, vy = mean(x), mean(y), variance(x), variance(y)
    if mx is None or my is None or not vx or not vy:
        return None
    together = fsum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / len(x)
    return max(-1.0, min(1.0, together / sqrt(vx) / sqrt(vy)))


def cronbach_alpha(rows: Sequence[Sequence[float]]) -> float | None:
    """Cronbach's α of a people × items table of marks; ``None`` under two items or without variance."""
    if not rows or len(rows[0]) < 2:
        return None
    items = len(rows[0])
    total = variance([fsum(row) for row in rows])
    if not total:
        return None
    parts = fsum(variance(column) or 0.0 for column in zip(*rows, strict=True))
    return items / (items - 1) * (1 - parts / total)


def tails(totals: Sequence[float], share: float = TAIL) -> tuple[list[int], list[int]]:
    """Indexes of the best and of the weakest ``share`` (at least one each; ties by position)."""
    size = min(max(1, int(len(totals) * share + 0.5)), len(totals) // 2)
    order = sorted(range(len(totals)), key=lambda i: (totals[i], i))
    return (order[-size:], order[:size]) if size else ([], [])


def upper_lower(marks: Sequence[float], possible: float, totals: Sequence[float]) -> float | None:
    """Facility among the best 27 % minus that among the weakest 27 %."""
    best, weakest = tails(totals)
    if not best:
        return None
    return (fsum(marks[i] for i in best) - fsum(marks[i] for i in weakest)) / len(best) / possible


@dataclass(frozen=True)
class Distractor:
    """How often an option was chosen: overall, among the best and among the weakest (shares of people).

    ``unused``: a wrong option under 5 %. ``misleading``: a wrong option that the best choose more often
    than the weakest, the usual sign of a wrong key.
    """

    option: str
    correct: bool
    share: float
    best: float
    weakest: float
    unused: bool
    misleading: bool


def distractors(
    chosen: Sequence[Sequence[str]], options: Sequence[str], correct: frozenset[str], totals: Sequence[float]
) -> tuple[Distractor, ...]:
    """One line per option of a choice item."""
    best, weakest = tails(totals)
    return tuple(_distractor(o, o in correct, chosen, best, weakest) for o in options)


def _distractor(
    option: str, correct: bool, chosen: Sequence[Sequence[str]], best: Sequence[int], weakest: Sequence[int]
) -> Distractor:
    def share(people: Sequence[int]) -> float:
        return sum(option in chosen[i] for i in people) / len(people) if people else 0.0

    everyone, upper, lower = share(range(len(chosen))), share(best), share(weakest)
    return Distractor(
        option, correct, everyone, upper, lower, not correct and everyone < 0.05, not correct and upper > lower
    )


@dataclass(frozen=True)
class Bin:
    """``low`` belongs to the bin; ``high`` does not, except in the last one."""

    low: float
    high: float
    count: int


def histogram(scores: Sequence[float], *, width: float = 10, top: float = 100) -> tuple[Bin, ...]:
    """Counts from 0 to ``top`` in bins of ``width``; a full score falls into the last bin."""
    size = max(1, int(-(-top // width)))
    counts = Counter(min(int(s // width), size - 1) for s in scores)
    edges = [*(i * width for i in range(size)), top]
    return tuple(Bin(a, b, counts[i]) for i, (a, b) in enumerate(pairwise(edges)))


@dataclass(frozen=True)
class ItemReport:
    """Facility (p), rest-score point-biserial, upper-lower index, and flags in plain words."""

    item: str
    people: int
    facility: float | None
    point_biserial: float | None
    discrimination: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class FormReport:
    """Statistics of one form as sat: marks are points, ``sem`` the standard error of measurement."""

    people: int
    mean: float | None
    deviation: float | None
    alpha: float | None
    sem: float | None
    items: tuple[ItemReport, ...]


def item_report(item: str, marks: Sequence[float], possible: float, totals: Sequence[float]) -> ItemReport:
    """Statistics of one item; ``totals`` are whole scores, from which the item is taken out."""
    rest = [t - m for t, m in zip(totals, marks, strict=True)]
    middle = mean(marks)
    facility = None if middle is None else middle / possible
    biserial, apart = correlation(marks, rest), upper_lower(marks, possible, rest)
    return ItemReport(item, len(marks), facility, biserial, apart, _flags(facility, biserial))


def _flags(facility: float | None, biserial: float | None) -> tuple[str, ...]:
    flags = []
    if facility is not None and facility < 0.2:
        flags.append("too_hard")
    if facility is not None and facility > 0.95:
        flags.append("too_easy")
    if biserial is not None and biserial < 0:
        flags.append("negative_discrimination")
    elif biserial is not None and biserial < 0.2:
        flags.append("weak_discrimination")
    return tuple(flags)


def form_report(marks: Mapping[str, Sequence[float]], possible: Mapping[str, float]) -> FormReport:
    """Statistics of a form: ``marks`` by item, people in the same order in each."""
    rows = list(zip(*marks.values(), strict=True))
    totals = [fsum(row) for row in rows]
    alpha, spread = cronbach_alpha(rows), variance(totals)
    deviation = None if spread is None else sqrt(spread)
    sem = None if alpha is None or deviation is None else deviation * sqrt(max(0.0, 1 - alpha))
    items = tuple(item_report(name, marks[name], possible[name], totals) for name in marks)
    return FormReport(len(totals), mean(totals), deviation, alpha, sem, items)
