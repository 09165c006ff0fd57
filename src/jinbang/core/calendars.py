"""Checks of a year's calendar: what overlaps, what shares a day, what comes too late.

The published calendar of 2022 has such places (registration and arrangement of the fourth sitting share
12-08, sittings one and two share 05-10), so these are findings for a person to see, not refusals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from itertools import combinations, pairwise

from jinbang.core.problems import Problem
from jinbang.core.timing import Window


class Severity(StrEnum):
    """An error must be repaired before publication, a warning is shown, a note only listed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One place of the calendar that somebody should look at."""

    severity: Severity
    problem: Problem

    @property
    def code(self) -> str:
        """The problem's stable code."""
        return self.problem.code


@dataclass(frozen=True)
class SittingCalendar:
    """The stages of one sitting, each a window; ``exam`` runs from the first subject to the last."""

    name: str
    registration: Window
    arrangement: Window
    tickets: Window
    exam: Window

    def stages(self) -> tuple[tuple[str, Window], ...]:
        """Stages in the order they should come."""
        return (
            ("报名", self.registration),
            ("考场编排", self.arrangement),
            ("打印准考证", self.tickets),
            ("考试", self.exam),
        )


@dataclass(frozen=True)
class TrainingDay:
    """One day of a training term."""

    programme: str
    term: str
    day: date


def _finding(severity: Severity, code: str, message: str, /, **params: object) -> Finding:
    return Finding(severity, Problem.of(code, message, **params))


def sitting_findings(calendar: SittingCalendar, zone: tzinfo) -> list[Finding]:
    """Stages of one sitting: ``stages_share_day``, ``stages_overlap``, ``stages_order``."""
    found = []
    for (first, a), (second, b) in pairwise(calendar.stages()):
        shared = a.overlap(b)
        if b.opens < a.opens:
            found.append(
                _finding(
                    Severity.ERROR, "stages_order", "{name}：“{second}”早于“{first}”开始",
                    name=calendar.name, first=first, second=second,
                )
            )  # fmt: skip
        elif shared is not None:
            one_day = shared.days(zone)[0] == shared.days(zone)[1]
            found.append(
                _finding(
                    Severity.WARNING if one_day else Severity.ERROR,
                    "stages_share_day" if one_day else "stages_overlap",
                    "{name}：“{first}”与“{second}”在 {days} 重叠，当日报名的考生可能排不进考场",
                    name=calendar.name, first=first, second=second, days=_span(shared, zone),
                )
            )  # fmt: skip
    return found


def registrations_between(calendars: Sequence[SittingCalendar], zone: tzinfo) -> list[Finding]:
    """Registrations open at once: ``registrations_share_day`` (note), ``registrations_overlap``."""
    found = []
    for a, b in combinations(calendars, 2):
        shared = a.registration.overlap(b.registration)
        if shared is None:
            continue
        one_day = shared.days(zone)[0] == shared.days(zone)[1]
        found.append(
            _finding(
                Severity.NOTE if one_day else Severity.WARNING,
                "registrations_share_day" if one_day else "registrations_overlap",
                "“{a}”与“{b}”的报名在 {days} 同时开放，报名时请核对场次",
                a=a.name, b=b.name, days=_span(shared, zone),
            )
        )  # fmt: skip
    return found


def declarations_after_registration(
    declarations: Sequence[tuple[str, Window]], calendars: Sequence[SittingCalendar]
) -> list[Finding]:
    """Declaration windows still open when a registration closes: ``declaration_outlives_registration``."""
    return [
        _finding(
            Severity.NOTE,
            "declaration_outlives_registration",
            "{authority}的申报截止晚于“{sitting}”报名截止，此后获批的院校赶不上该场",
            authority=authority, sitting=c.name,
        )
        for authority, window in declarations
        for c in calendars
        if window.opens < c.registration.closes < window.closes
    ]  # fmt: skip


def training_findings(days: Sequence[TrainingDay], calendars: Sequence[SittingCalendar], zone: tzinfo) -> list[Finding]:
    """Training days that clash: ``trainings_clash``, or with an exam ``training_on_exam_day``."""
    found = [
        _finding(
            Severity.WARNING, "trainings_clash", "{day}：“{a}”与“{b}”同日进行",
            day=a.day.isoformat(), a=f"{a.programme} {a.term}", b=f"{b.programme} {b.term}",
        )
        for a, b in combinations(days, 2)
        if a.day == b.day
    ]  # fmt: skip
    for training in days:
        for calendar in calendars:
            first, last = calendar.exam.days(zone)
            if first <= training.day <= last:
                found.append(
                    _finding(
                        Severity.WARNING, "training_on_exam_day", "{day}：“{term}”与“{sitting}”同日",
                        day=training.day.isoformat(), term=f"{training.programme} {training.term}",
                        sitting=calendar.name,
                    )
                )  # fmt: skip
    return found


def slots_of_one_person(slots: Sequence[tuple[str, Window]]) -> list[Finding]:
    """Exams that nobody can sit both of: ``slots_clash`` for each pair that overlaps."""
    return [
        _finding(Severity.ERROR, "slots_clash", "“{a}”与“{b}”时间重叠，一人只能报其中一项", a=a, b=b)
        for (a, first), (b, second) in combinations(slots, 2)
        if first.overlap(second) is not None
    ]


def calendar_findings(
    calendars: Sequence[SittingCalendar],
    zone: tzinfo,
    *,
    trainings: Sequence[TrainingDay] = (),
    declarations: Sequence[tuple[str, Window]] = (),
) -> tuple[Finding, ...]:
    """All checks, gravest first, in a stable order."""
    found = [f for c in calendars for f in sitting_findings(c, zone)]
    found += registrations_between(calendars, zone)
    found += declarations_after_registration(declarations, calendars)
    found += training_findings(trainings, calendars, zone)
    rank = {s: i for i, s in enumerate(Severity)}
    return tuple(sorted(found, key=lambda f: rank[f.severity]))


def _span(window: Window, zone: tzinfo) -> str:
    first, last = window.days(zone)
    return first.isoformat() if first == last else f"{first.isoformat()} 至 {last.isoformat()}"


def days_of(first: date, last: date) -> tuple[date, ...]:
    """Every day from ``first`` to ``last``, both included."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
