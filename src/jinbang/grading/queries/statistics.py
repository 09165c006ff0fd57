"""Figures over results, and over the theory forms as they were sat. Nothing here names a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet

from jinbang.accounts.models.organisation import Region
from jinbang.content.models import Form, FormEntry, Item
from jinbang.core import statistics
from jinbang.core.statistics import Distractor, FormReport, ItemReport
from jinbang.delivery.domain.scoring import item_id
from jinbang.delivery.models import AnswerStep, Attempt
from jinbang.exams.models import Sitting
from jinbang.grading.models import Result

#: What results may be compared by, and the column that says it.
BY = {
    "level": "registration__level__name",
    "site": "registration__site__name",
    "school": "registration__school__name",
    "region": "registration__school__region",
}
_CAME = ~Q(outcome=Result.Outcome.ABSENT)
_CHOICE = (Item.Kind.SINGLE, Item.Kind.MULTIPLE)


@dataclass(frozen=True)
class Group:
    """One line of a comparison: how many were expected, came and passed; ``mean`` is of composites, None of nobody."""

    name: str
    seated: int
    attended: int
    passed: int
    mean: float | None

    @property
    def rate(self) -> float | None:
        """Passed over attended, from 0 to 1; None where nobody attended."""
        return self.passed / self.attended if self.attended else None


def groups(results: QuerySet[Result], by: str) -> list[Group]:
    """Results by a key of ``BY``, in the order of their names."""
    rows = results.order_by().values(group=F(BY[by])).annotate(**_FIGURES).order_by("group")
    return [_group(_name(by, row["group"]), row) for row in rows]


def overall(results: QuerySet[Result]) -> Group:
    """All of ``results`` as one line."""
    return _group("", results.order_by().aggregate(**_FIGURES))


_FIGURES = {
    "seated": Count("pk"),
    "attended": Count("pk", filter=_CAME),
    "passed": Count("pk", filter=Q(outcome=Result.Outcome.PASSED)),
    "average": Avg("composite", filter=_CAME),
}


def _group(name: str, row: Mapping[str, Any]) -> Group:
    seated, attended, passed, average = (row[key] for key in ("seated", "attended", "passed", "average"))
    return Group(name, seated, attended, passed, None if average is None else float(average))


def _name(by: str, value: str) -> str:
    return str(Region(value).label) if by == "region" and value else value


def composites(results: QuerySet[Result]) -> list[float]:
    """Composite marks of those who came."""
    found = results.filter(_CAME).order_by().values_list("composite", flat=True)
    return [float(value) for value in found if value is not None]


@dataclass(frozen=True)
class Line:
    """An entry of a form beside how it did."""

    entry: FormEntry
    report: ItemReport


@dataclass(frozen=True)
class SatForm:
    """A theory form as sat in one sitting: the form's figures and a line an entry, in the form's order."""

    form: Form
    report: FormReport
    lines: tuple[Line, ...]


def sat_forms(sitting: Sitting) -> QuerySet[Form]:
    """Theory forms that somebody in the sitting has handed in."""
    sat = Attempt.objects.filter(sitting_subject__sitting=sitting, theory_detail__isnull=False)
    return Form.objects.filter(pk__in=sat.values("paper_set__form")).select_related("level").order_by("code")


def form_statistics(sitting: Sitting, form: Form) -> SatForm:
    """How a theory form and each of its items did, by the marks given at hand-in."""
    entries = list(form.entries.select_related("item_version__item__skill_point").order_by("position"))
    marks = _marks(sitting, form, entries)
    report = statistics.form_report(marks, {item_id(entry): float(entry.points) for entry in entries})
    lines = tuple(Line(entry, item) for entry, item in zip(entries, report.items, strict=True))
    return SatForm(form, report, lines)


def option_statistics(sitting: Sitting, form: Form, entry: FormEntry) -> tuple[Distractor, ...]:
    """How often each option of a choice item was chosen, overall and by the best and the weakest; empty for others."""
    version = entry.item_version
    if version is None or version.item.kind not in _CHOICE:
        return ()
    chosen = _chosen(sitting, form, item_id(entry))
    attempts = dict(_sat(sitting, form).values_list("pk", "theory_points"))
    answers = [chosen[attempt] for attempt in attempts]
    totals = [float(points or 0) for points in attempts.values()]
    options = [option["key"] for option in version.options]
    return statistics.distractors(answers, options, frozenset(version.answer), totals)


def _sat(sitting: Sitting, form: Form) -> QuerySet[Attempt]:
    rows = Attempt.objects.filter(sitting_subject__sitting=sitting, paper_set__form=form)
    return rows.filter(theory_detail__isnull=False).order_by("pk")


def _marks(sitting: Sitting, form: Form, entries: list[FormEntry]) -> dict[str, list[float]]:
    """Item → marks, people in one order; what was left out earned nothing."""
    names = [item_id(entry) for entry in entries]
    marks: dict[str, list[float]] = {name: [] for name in names}
    for detail in _sat(sitting, form).values_list("theory_detail", flat=True).iterator(chunk_size=500):
        given = detail or {}
        for name in names:
            marks[name].append(float(given[name][1]) if name in given else 0.0)
    return marks


def _chosen(sitting: Sitting, form: Form, item: str) -> defaultdict[int, tuple[str, ...]]:
    """Attempt → the options that its last step of ``item`` holds."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    steps = AnswerStep.objects.filter(attempt__in=_sat(sitting, form), item=item).order_by("attempt", "seq")
    for attempt, value in steps.values_list("attempt_id", "value").iterator(chunk_size=5000):
        found[attempt] = tuple(value.split(",")) if value else ()
    return found
