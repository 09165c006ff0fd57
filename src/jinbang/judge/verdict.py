"""What a judgement says, in the form that is kept: the same submission gives the same bytes in ten years.

A `Verdict` holds no time, path, pid or memory figure. What a run cost travels beside it in `Judgement.usage`
and what a marker may want to read in `Judgement.log`, so a replay can be compared byte by byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

JUDGE_VERSION = "1"


class Outcome(StrEnum):
    """What happened to one case, or to a whole submission."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    PARTIAL = "partial"
    RUNTIME_ERROR = "runtime_error"
    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    FORBIDDEN = "forbidden"
    PENDING = "pending"  # people mark this case; its points are open, not 0
    SERVICE_UNAVAILABLE = "service_unavailable"
    INTERNAL = "internal"

    @property
    def is_a_mark(self) -> bool:
        """False where the judge failed, not the program: such a job is tried again and never marked 0."""
        return self not in (Outcome.SERVICE_UNAVAILABLE, Outcome.INTERNAL)


@dataclass(frozen=True)
class CaseVerdict:
    """One test of a task. `message` is safe to show to the candidate; `detail` is for markers.

    `pending` is what people have still to decide on: `points` counts only what the machine gave.
    """

    name: str
    outcome: Outcome
    points: Decimal
    max_points: Decimal
    message: str
    detail: str
    visible: bool
    pending: Decimal = Decimal(0)


@dataclass(frozen=True)
class Verdict:
    """The judgement on a submission; the three digests (SHA-256, hex) say what was judged with what."""

    outcome: Outcome
    points: Decimal
    max_points: Decimal
    cases: tuple[CaseVerdict, ...]
    task_digest: str
    toolchain_digest: str
    submission_digest: str
    judge_version: str = JUDGE_VERSION

    @property
    def pending(self) -> Decimal:
        """Points that wait for people; the mark is final only when they have given them."""
        return sum((case.pending for case in self.cases), Decimal(0))


@dataclass(frozen=True)
class Usage:
    """What the judgement cost: sums of time over the runs, the largest memory of any."""

    cpu_ms: int = 0
    wall_ms: int = 0
    peak_kb: int = 0


@dataclass(frozen=True)
class Judgement:
    """A verdict with what may differ from run to run kept apart from it."""

    verdict: Verdict
    usage: Usage = Usage()
    log: str = ""


def overall(cases: Iterable[CaseVerdict]) -> Outcome:
    """The submission's outcome: the judge's own failure first, then full marks, some marks, or the first trouble.

    Cases that wait for people say nothing about the program, unless there are no others.
    """
    cases = tuple(cases)
    for failure in (Outcome.INTERNAL, Outcome.SERVICE_UNAVAILABLE):
        if any(case.outcome is failure for case in cases):
            return failure
    cases = tuple(case for case in cases if case.outcome is not Outcome.PENDING)
    if not cases:
        return Outcome.PENDING
    if all(case.outcome is Outcome.ACCEPTED for case in cases):
        return Outcome.ACCEPTED
    if any(case.points > 0 for case in cases):
        return Outcome.PARTIAL
    return next(case.outcome for case in cases if case.outcome is not Outcome.ACCEPTED)


def canonical_json(verdict: Verdict) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces and amounts as plain decimal strings (`2`, `0.5`)."""
    return json.dumps(
        _plain(verdict), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def from_json(data: bytes) -> Verdict:
    """The verdict of `canonical_json`. Raises KeyError, TypeError or ValueError on anything else."""
    raw: dict[str, Any] = json.loads(data)
    cases = tuple(CaseVerdict(**_typed(case)) for case in raw.pop("cases"))
    return Verdict(cases=cases, **_typed(raw))


def _typed(raw: dict[str, Any]) -> dict[str, Any]:
    amounts = {key: Decimal(raw[key]) for key in ("points", "max_points", "pending") if key in raw}
    return raw | amounts | {"outcome": Outcome(raw["outcome"])}


def _plain(value: object) -> object:
    if isinstance(value, Verdict | CaseVerdict):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return _amount(value)
    return value


def _amount(value: Decimal) -> str:
    """1.50 and 1.5 are the same mark, so they are the same bytes; never an exponent, never a negative zero."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text
