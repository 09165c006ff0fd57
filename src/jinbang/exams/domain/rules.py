"""The rules of an exam as data: read, checked and versioned.

A rule set that a published plan uses never changes; what changes gets the next version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.domain.wording import refuse_if_any
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.models.form import Subject
from jinbang.core.ledger import ExamForm
from jinbang.core.marking import Mode
from jinbang.core.numbering import DEFAULT_TICKET, number_format
from jinbang.core.problems import Problem
from jinbang.core.scoring import ScoringRules
from jinbang.core.seating import SeatingRules
from jinbang.exams.models import ExamPlan, RuleSet

TICKET_FIELDS = frozenset({"level", "sitting", "site", "room", "seat"})
SUBJECTS = tuple(subject.value for subject in Subject)
COPY_PASTE = ("allow", "log", "block")
FOCUS_LOSS = ("ignore", "log", "warn")
OWN_STUDENTS = ("allow", "warn", "forbid")


@dataclass(frozen=True)
class Rules:
    """Everything that a plan may decide; the defaults are those of the notices of 2022.

    Weights are percent and add up to 100; lengths are minutes unless the name says seconds; ``floors`` hold a
    subject's own least score where there is one; ``refund_after_close_percent`` is what a candidate gets back
    who withdraws after registration closed (before: everything). ``copy_paste`` and ``focus_loss`` say what the exam
    page does about the clipboard and about leaving the window; ``workspace_snapshots`` lets the check tool send the
    candidate's work folder once a minute in practical exams. ``own_students`` says whether a teacher may watch a room
    with students of the own school.
    """

    weights: Mapping[str, int] = field(default_factory=lambda: {"theory": 40, "practical": 60})
    pass_mark: Decimal = Decimal(60)
    floors: Mapping[str, Decimal] = field(default_factory=dict)
    durations_min: Mapping[str, int] = field(default_factory=lambda: {"theory": 90, "practical": 150})
    sign_in_before_min: int = 30
    late_after_min: int = 30
    min_stay_min: int = 30
    grace_s: int = 10
    ticket_format: str = DEFAULT_TICKET
    least_spacing_cm: int = 100
    one_level_per_room: bool = False
    marking_mode: str = Mode.TWO.value
    marking_threshold: Decimal = Decimal(5)
    invigilators_per_room: int = 2
    own_students: str = "warn"
    exam_form: str = ExamForm.COMPUTER.value
    refund_after_close_percent: int = 100
    early_hand_in: bool = True
    calculator: bool = False
    copy_paste: str = "log"
    focus_loss: str = "log"
    workspace_snapshots: bool = False

    def room_rules(self) -> dict[str, int | bool | str]:
        """What a room needs at exam time, lengths in seconds, under the names that ``delivery`` reads."""
        return {
            "sign_in_before_s": self.sign_in_before_min * 60,
            "late_after_s": self.late_after_min * 60,
            "min_stay_s": self.min_stay_min * 60,
            "grace_s": self.grace_s,
            "early_hand_in": self.early_hand_in,
            "calculator": self.calculator,
            "copy_paste": self.copy_paste,
            "focus_loss": self.focus_loss,
            "workspace_snapshots": self.workspace_snapshots,
        }

    def scoring(self, version: str) -> ScoringRules:
        """The input of ``core.scoring``; ``version`` names the rule set in every result."""
        weights = {subject: Decimal(percent) for subject, percent in self.weights.items()}
        return ScoringRules(version, weights, self.pass_mark, self.floors)

    def seating(self, seed: str) -> SeatingRules:
        """The input of ``core.seating``; spare seats are marked on the room itself, so none are left free here."""
        return SeatingRules(seed, 0, self.least_spacing_cm, self.one_level_per_room)


def read_rules(data: Mapping[str, Any]) -> Rules:
    """``data`` as rules. Missing names take the default; ``Refusal("rules_invalid")`` lists every fault."""
    unknown = [Problem.of("unknown", "不认识的规则“{name}”", name=name) for name in data if name not in _READERS]
    values: dict[str, Any] = {}
    problems = unknown
    for name, reader in _READERS.items():
        if name in data:
            try:
                values[name] = reader(data[name])
            except (TypeError, ValueError, InvalidOperation, AttributeError):
                problems.append(Problem.of(name, "规则“{name}”的值无效", name=name))
    if not problems:
        problems = check_rules(Rules(**values))
    refuse_if_any("rules_invalid", _("规则无效"), problems)
    return Rules(**values)


def check_rules(rules: Rules) -> list[Problem]:
    """Faults between the values, such as weights that do not add up to 100."""
    found = []
    if set(rules.weights) != set(SUBJECTS) or sum(rules.weights.values()) != 100 or min(rules.weights.values()) <= 0:
        found.append(Problem.of("weights", "理论与实操的权重之和应为 100"))
    if not 0 < rules.pass_mark <= 100:
        found.append(Problem.of("pass_mark", "合格线应在 0 至 100 之间"))
    if set(rules.durations_min) != set(SUBJECTS) or not all(0 < m <= 600 for m in rules.durations_min.values()):
        found.append(Problem.of("durations_min", "每科时长应为 1 至 600 分钟"))
    elif max(rules.late_after_min, rules.min_stay_min) > min(rules.durations_min.values()):
        found.append(Problem.of("late_after_min", "迟到时限和最短在场时间不能超过考试时长"))
    if min(rules.sign_in_before_min, rules.late_after_min, rules.min_stay_min, rules.grace_s) < 0:
        found.append(Problem.of("lengths", "时长不能为负数"))
    if rules.invigilators_per_room < 1:
        found.append(Problem.of("invigilators_per_room", "每个考场至少 1 名监考员"))
    if not 0 <= rules.refund_after_close_percent <= 100:
        found.append(Problem.of("refund_after_close_percent", "退费比例应在 0 至 100 之间"))
    found += _check_ticket(rules.ticket_format)
    return found


def _check_ticket(spec: str) -> list[Problem]:
    try:
        names = set(number_format(spec).names)
    except ValueError as fault:
        return [Problem.of("ticket_format", "准考证号格式无法识别：{fault}", fault=str(fault))]
    missing = {"sitting", "site", "room", "seat"} - names
    if missing or names - TICKET_FIELDS:
        return [Problem.of("ticket_format", "准考证号须含 sitting、site、room、seat，可含 level，不能有其他字段")]
    return []


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(value)
    return int(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(value)
        return str(value)

    return read


_READERS: Mapping[str, Any] = {
    "weights": lambda value: {str(k): _whole(v) for k, v in value.items()},
    "pass_mark": _decimal,
    "floors": lambda value: {str(k): _decimal(v) for k, v in value.items()},
    "durations_min": lambda value: {str(k): _whole(v) for k, v in value.items()},
    "sign_in_before_min": _whole,
    "late_after_min": _whole,
    "min_stay_min": _whole,
    "grace_s": _whole,
    "ticket_format": _text,
    "least_spacing_cm": _whole,
    "one_level_per_room": _flag,
    "marking_mode": lambda value: Mode(value).value,
    "marking_threshold": _decimal,
    "invigilators_per_room": _whole,
    "own_students": _one_of(*OWN_STUDENTS),
    "exam_form": lambda value: ExamForm(value).value,
    "refund_after_close_percent": _whole,
    "early_hand_in": _flag,
    "calculator": _flag,
    "copy_paste": _one_of(*COPY_PASTE),
    "focus_loss": _one_of(*FOCUS_LOSS),
    "workspace_snapshots": _flag,
}


def create_rule_set(*, name: str, rules: Mapping[str, Any], actor: Actor, now: datetime) -> RuleSet:
    """The next version of the rule set ``name``. Effects: a ``RuleSet``, an audit row. Refusal: ``rules_invalid``."""
    read_rules(rules)
    with transaction.atomic():
        versions = RuleSet.objects.select_for_update().filter(name=name).values_list("version", flat=True)
        made = RuleSet.objects.create(
            name=name, version=max(versions, default=0) + 1, rules=dict(rules), created_at=now
        )
        record("rule_set.create", made, actor=actor, now=now, data=rules)
    return made


def rules_of(plan: ExamPlan) -> Rules:
    """The rules that hold for ``plan``."""
    return read_rules(plan.rule_set.rules)
