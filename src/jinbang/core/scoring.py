"""From answers and marks to a result that explains itself.

Marks are ``Decimal``; every rounding is half up and happens at three stated places: an item's mark, a
subject's score, the composite. The composite is computed from the *rounded* subject scores, so that
anyone can check it by hand from the slip, and the rounded composite is what meets the pass mark.
Absent is not 0: a person who missed a subject has no composite, however good the other one was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

from jinbang.core.problems import Problem

HUNDRED = Decimal(100)
ZERO = Decimal(0)


def rounded(value: Decimal, places: int) -> Decimal:
    """``value`` half up to ``places`` decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


# -- items -----------------------------------------------------------------------------------------


class ItemType(StrEnum):
    """Kinds of objective item."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"


class Partial(StrEnum):
    """Credit for an incomplete multiple choice (for fill-in: whether blanks count one by one).

    ``HALF``: at least one right, none wrong, some missing: half the points. ``PROPORTIONAL``: the share
    of right options found, 0 if one is wrong. ``PER_OPTION``: right minus wrong, never below 0.
    """

    NONE = "none"
    HALF = "half"
    PROPORTIONAL = "proportional"
    PER_OPTION = "per_option"


@dataclass(frozen=True)
class Blank:
    """What one blank accepts. With ``tolerance`` the accepted texts are numbers and may differ by it."""

    accepts: tuple[str, ...]
    case_sensitive: bool = False
    keep_spaces: bool = False
    tolerance: Decimal | None = None


@dataclass(frozen=True)
class ItemKey:
    """The key of an item version. A ``void`` item (withdrawn after the exam) gives everyone its points."""

    item: str
    version: int
    type: ItemType
    points: Decimal
    correct: frozenset[str] = frozenset()
    blanks: tuple[Blank, ...] = ()
    partial: Partial = Partial.NONE
    void: bool = False

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise ValueError("an item is worth more than nothing")
        if self.type is ItemType.FILL_IN:
            if not self.blanks or any(not b.accepts for b in self.blanks):
                raise ValueError("a fill-in item needs blanks that accept something")
        elif not self.correct or (self.type is not ItemType.MULTIPLE and len(self.correct) != 1):
            raise ValueError("a choice item needs its right options, a single choice exactly one")


class Outcome(StrEnum):
    """How an item came out."""

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    UNANSWERED = "unanswered"
    CREDITED = "credited"
    MARKED = "marked"


@dataclass(frozen=True)
class Mark:
    """What one item (or one practical task, or one marker's decision) contributed."""

    item: str
    version: int
    awarded: Decimal
    possible: Decimal
    outcome: Outcome
    source: str = "key"


def score_item(key: ItemKey, answer: Sequence[str], *, places: int = 2) -> Mark:
    """Mark one answer: chosen options, or the texts of the blanks in order; empty means unanswered."""
    if key.void:
        return Mark(key.item, key.version, key.points, key.points, Outcome.CREDITED, "void item")
    if not any(part.strip() for part in answer):
        return Mark(key.item, key.version, ZERO, key.points, Outcome.UNANSWERED)
    share = _fill_in_share(key, answer) if key.type is ItemType.FILL_IN else _choice_share(key, frozenset(answer))
    awarded = rounded(key.points * share[0] / share[1], places)
    whole = Outcome.RIGHT if share[0] == share[1] else Outcome.PARTIAL
    return Mark(key.item, key.version, awarded, key.points, whole if share[0] else Outcome.WRONG)


def _choice_share(key: ItemKey, chosen: frozenset[str]) -> tuple[int, int]:
    """Earned share as (numerator, denominator)."""
    right, wrong, wanted = len(chosen & key.correct), len(chosen - key.correct), len(key.correct)
    if chosen == key.correct:
        return 1, 1
    if key.type is not ItemType.MULTIPLE:
        return 0, 1
    match key.partial:
        case Partial.HALF:
            return (1 if right and not wrong else 0), 2
        case Partial.PROPORTIONAL:
            return (right if not wrong else 0), wanted
        case Partial.PER_OPTION:
            return max(0, right - wrong), wanted
    return 0, 1


def _fill_in_share(key: ItemKey, answer: Sequence[str]) -> tuple[int, int]:
    texts = [*answer, *[""] * len(key.blanks)]
    right = sum(blank_accepts(b, t) for b, t in zip(key.blanks, texts, strict=False))
    if right == len(key.blanks):
        return 1, 1
    return (0, 1) if key.partial is Partial.NONE else (right, len(key.blanks))


def blank_accepts(blank: Blank, text: str) -> bool:
    """Whether ``text`` is right after normalisation (width, spaces, quotes, case unless it matters)."""
    if blank.tolerance is not None:
        value = _number(text)
        wanted = [_number(a) for a in blank.accepts]
        return value is not None and any(w is not None and abs(w - value) <= blank.tolerance for w in wanted)
    return bool(text.strip()) and _plain(blank, text) in {_plain(blank, a) for a in blank.accepts}


_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "。": "."})


def _plain(blank: Blank, text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    text = " ".join(text.split()) if blank.keep_spaces else "".join(text.split())
    return text if blank.case_sensitive else text.casefold()


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(unicodedata.normalize("NFKC", text).strip()[:40])
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 100 else None


# -- subjects and composite ------------------------------------------------------------------------


class SubjectState(StrEnum):
    """Only ``SCORED`` has a score; the others say why there is none."""

    SCORED = "scored"
    PENDING = "pending"
    ABSENT = "absent"
    BREACH = "breach"
    CHEATING = "cheating"


@dataclass(frozen=True)
class SubjectInput:
    """The marks of one subject, or the reason why there are none."""

    subject: str
    marks: tuple[Mark, ...] = ()
    state: SubjectState = SubjectState.SCORED


@dataclass(frozen=True)
class ScoringRules:
    """Versioned data of the plan. ``weights`` are percentages that sum to 100; ``floors`` are optional."""

    version: str
    weights: Mapping[str, Decimal]
    pass_mark: Decimal = Decimal(60)
    floors: Mapping[str, Decimal] = field(default_factory=dict)
    full: Decimal = HUNDRED
    subject_places: int = 1
    composite_places: int = 1

    def __post_init__(self) -> None:
        if sum(self.weights.values()) != HUNDRED or any(w <= 0 for w in self.weights.values()):
            raise ValueError("weights are positive percentages that sum to 100")
        if not set(self.floors) <= set(self.weights):
            raise ValueError("a floor needs a subject")


#: The organiser's notices of 2022 and 2024: theory 40 %, practical 60 %, 60 passes, no floor.
DEFAULT_RULES = ScoringRules("2022.1", {"theory": Decimal(40), "practical": Decimal(60)})


@dataclass(frozen=True)
class SubjectScore:
    """A subject's score out of ``full`` (``None`` unless scored), with every mark it came from."""

    subject: str
    state: SubjectState
    score: Decimal | None
    weight: Decimal
    raw: Decimal
    possible: Decimal
    marks: tuple[Mark, ...]


class Status(StrEnum):
    """The end of it."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    VOIDED = "voided"
    PENDING = "pending"


@dataclass(frozen=True)
class Result:
    """What is frozen: rule version, status, composite (``None`` unless all subjects count), subjects, why."""

    rules: str
    status: Status
    composite: Decimal | None
    subjects: tuple[SubjectScore, ...]
    explanation: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Whether a certificate may follow."""
        return self.status is Status.PASSED


def apply_misconduct(
    subjects: Sequence[SubjectInput], *, breaches: frozenset[str] = frozenset(), cheating: bool = False
) -> tuple[SubjectInput, ...]:
    """A breach voids its subject, cheating voids every subject of the sitting. Marks are kept for the file."""
    if cheating:
        return tuple(replace(s, state=SubjectState.CHEATING) for s in subjects)
    return tuple(replace(s, state=SubjectState.BREACH) if s.subject in breaches else s for s in subjects)


def score_subject(given: SubjectInput, rules: ScoringRules) -> SubjectScore:
    """Sum of the marks, scaled to ``rules.full`` and rounded; no score unless the state is ``SCORED``."""
    raw = sum((m.awarded for m in given.marks), ZERO)
    possible = sum((m.possible for m in given.marks), ZERO)
    score = None
    if given.state is SubjectState.SCORED:
        if possible <= 0:
            raise ValueError(f"subject {given.subject} has no marks; say pending or absent instead")
        score = rounded(raw * rules.full / possible, rules.subject_places)
    return SubjectScore(given.subject, given.state, score, rules.weights[given.subject], raw, possible, given.marks)


def compute(subjects: Sequence[SubjectInput], rules: ScoringRules) -> Result:
    """The result of one candidate. ``ValueError`` unless each subject of the rules is given once."""
    if sorted(s.subject for s in subjects) != sorted(rules.weights):
        raise ValueError(f"subjects needed: {sorted(rules.weights)}")
    by_name = {s.subject: s for s in subjects}
    scores = tuple(score_subject(by_name[name], rules) for name in rules.weights)
    composite = _composite(scores, rules)
    status = _status(scores, composite, rules)
    return Result(rules.version, status, composite, scores, _explain(scores, composite, status, rules))


def _composite(scores: Sequence[SubjectScore], rules: ScoringRules) -> Decimal | None:
    parts = [s.score * s.weight / HUNDRED for s in scores if s.score is not None]
    if len(parts) < len(scores):
        return None
    return rounded(sum(parts, ZERO), rules.composite_places)


def _status(scores: Sequence[SubjectScore], composite: Decimal | None, rules: ScoringRules) -> Status:
    states = {s.state for s in scores}
    if states & {SubjectState.BREACH, SubjectState.CHEATING}:
        return Status.VOIDED
    if SubjectState.ABSENT in states:
        return Status.ABSENT
    if composite is None:
        return Status.PENDING
    return Status.PASSED if composite >= rules.pass_mark and not _below_floor(scores, rules) else Status.FAILED


def _below_floor(scores: Sequence[SubjectScore], rules: ScoringRules) -> list[SubjectScore]:
    return [s for s in scores if s.score is not None and s.score < rules.floors.get(s.subject, ZERO)]


_STATE_WORDS = {
    SubjectState.PENDING: "阅卷未完成",
    SubjectState.ABSENT: "缺考（不计为 0 分）",
    SubjectState.BREACH: "违纪，本科目成绩无效",
    SubjectState.CHEATING: "作弊，本场各科目成绩无效",
}
_STATUS_WORDS = {
    Status.PASSED: "合格",
    Status.FAILED: "不合格",
    Status.ABSENT: "缺考",
    Status.VOIDED: "成绩无效",
    Status.PENDING: "待定",
}


def _explain(
    scores: Sequence[SubjectScore], composite: Decimal | None, status: Status, rules: ScoringRules
) -> tuple[Problem, ...]:
    lines = [_subject_line(s, rules) for s in scores]
    if composite is not None:
        lines.append(
            Problem.of(
                "composite", "综合成绩 {composite}，合格线 {pass_mark}",
                composite=composite, pass_mark=rules.pass_mark,
            )
        )  # fmt: skip
    for s in _below_floor(scores, rules):
        lines.append(
            Problem.of("below_floor", "{subject} 低于单科线 {floor}", subject=s.subject, floor=rules.floors[s.subject])
        )
    verdict = Problem.of("status", "结论：{status}（规则 {rules}）", status=_STATUS_WORDS[status], rules=rules.version)
    return (*lines, verdict)


def _subject_line(s: SubjectScore, rules: ScoringRules) -> Problem:
    if s.score is None:
        return Problem.of("subject_state", "{subject}：{state}", subject=s.subject, state=_STATE_WORDS[s.state])
    return Problem.of(
        "subject_score", "{subject}：得 {raw}/{possible} 分，折合 {score}，× {weight}% = {part}",
        subject=s.subject, raw=s.raw, possible=s.possible, score=s.score, weight=s.weight,
        part=rounded(s.score * s.weight / HUNDRED, rules.composite_places + 1),
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a regrade or an appeal does to one result. ``crosses`` says that pass or fail changes."""

    before: Status
    after: Status
    composite_by: Decimal | None
    crosses: bool


def compare(old: Result, new: Result) -> Change:
    """The difference between two versions of a result."""
    both = old.composite is not None and new.composite is not None
    by = new.composite - old.composite if both and new.composite is not None and old.composite is not None else None
    return Change(old.status, new.status, by, old.passed != new.passed)
