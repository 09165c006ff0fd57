"""A model's quality on data whose answers never enter the sandbox: the program predicts, the score is made here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from jinbang.judge.checkers._values import parse_number
from jinbang.judge.checkers.base import (
    Capability,
    Checker,
    Evidence,
    Finding,
    Need,
    SetupError,
    WrongInputError,
    given_file,
    right,
    wrong,
)
from jinbang.judge.checkers.csv_file import read as read_csv

Metric = Literal["accuracy", "f1_macro", "mae", "rmse", "r2"]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`file`: the predictions, a CSV with columns `key` and `column`; `truth`: the package's, same columns.

    At `full` (or better) all points, at `zero` (or worse) none, in between by straight line in tenths.
    """

    file: str
    truth: str
    key: str
    column: str
    metric: Metric
    full: float
    zero: float


def check(evidence: Evidence, options: Options) -> Finding:
    """Score the predictions."""
    given = _column(given_file(evidence, options.file), options.file, options)
    truth = _column(evidence.expected(options.truth), options.truth, options)
    if missing := [key for key in truth if key not in given]:
        return wrong(f"缺少 {len(missing)} 条预测，如 {options.key}={missing[0]}")
    score = METRICS[options.metric]([truth[key] for key in truth], [given[key] for key in truth])
    reached = (score - options.zero) / (options.full - options.zero)
    share = Fraction(max(0, min(10, math.floor(reached * 10 + 1e-9))), 10)
    said = f"{options.metric} = {score:.4f}"
    return right(said) if share == 1 else Finding(share, said, f"满分线 {options.full}，零分线 {options.zero}")


def _column(data: bytes, name: str, options: Options) -> dict[str, str]:
    table = read_csv(data, name, ["utf-8-sig"], ",")
    for column in (options.key, options.column):
        if column not in table.columns:
            raise WrongInputError(f"{name} 缺少列 {column}")
    key, value = table.columns.index(options.key), table.columns.index(options.column)
    return {str(row[key]).strip(): str(row[value]).strip() for row in table.rows}


def _accuracy(truth: Sequence[str], given: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(truth, given, strict=True)) / len(truth)


def _f1_macro(truth: Sequence[str], given: Sequence[str]) -> float:
    scores = []
    for label in sorted(set(truth)):
        hit = sum(a == b == label for a, b in zip(truth, given, strict=True))
        scores.append(2 * hit / (truth.count(label) + given.count(label)))
    return sum(scores) / len(scores)


def _pairs(truth: Sequence[str], given: Sequence[str]) -> list[tuple[float, float]]:
    pairs = []
    for one, other in zip(truth, given, strict=True):
        wanted, got = parse_number(one), parse_number(other)
        if wanted is None:
            raise SetupError(f"答案 {one!r} 不是数")
        if got is None or math.isinf(got) or abs(got) > 1e100:
            raise WrongInputError(f"预测值 {other[:20]!r} 不是有效的数")
        pairs.append((float(wanted), float(got)))
    return pairs


def _mae(truth: Sequence[str], given: Sequence[str]) -> float:
    pairs = _pairs(truth, given)
    return math.fsum(abs(a - b) for a, b in pairs) / len(pairs)


def _rmse(truth: Sequence[str], given: Sequence[str]) -> float:
    pairs = _pairs(truth, given)
    return math.sqrt(math.fsum((a - b) ** 2 for a, b in pairs) / len(pairs))


def _r2(truth: Sequence[str], given: Sequence[str]) -> float:
    pairs = _pairs(truth, given)
    mean = math.fsum(a for a, _ in pairs) / len(pairs)
    spread = math.fsum((a - mean) ** 2 for a, _ in pairs)
    if spread == 0:
        raise SetupError("答案没有变化，r2 无定义")
    return 1 - math.fsum((a - b) ** 2 for a, b in pairs) / spread


METRICS: dict[Metric, Callable[[Sequence[str], Sequence[str]], float]] = {
    "accuracy": _accuracy,
    "f1_macro": _f1_macro,
    "mae": _mae,
    "rmse": _rmse,
    "r2": _r2,
}


CHECKER = Checker(
    "model",
    Capability("模型质量", "以沙箱外的答案给预测结果评分，按满分线与零分线折算", frozenset({Need.RUN, Need.FILES})),
    Options,
    check,
)
