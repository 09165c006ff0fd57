"""Results: put together from theory, practical and misconduct; versions follow one another, none is overwritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.content.models import FormEntry
from jinbang.content.models.form import Subject
from jinbang.core import scoring
from jinbang.core.errors import Refusal
from jinbang.core.problems import Problem
from jinbang.core.scoring import Mark, SubjectInput, SubjectState
from jinbang.delivery.domain.scoring import item_id
from jinbang.delivery.models import Attempt
from jinbang.exams.domain.rules import rules_of
from jinbang.exams.models import Registration, Sitting
from jinbang.grading.domain.practical import practical_marks, theory_entries
from jinbang.grading.models import MisconductCase, Result

VOIDING_STATES = ("decided", "appealed", "confirmed")


@dataclass(frozen=True)
class ResultsOutcome:
    """What a computation did: new results, unchanged ones, and registrations whose marks are not complete."""

    computed: int
    unchanged: int
    pending: tuple[int, ...]


def scoring_rules(sitting: Sitting) -> scoring.ScoringRules:
    """The scoring part of the rule set of the sitting's plan."""
    return rules_of(sitting.plan).scoring(str(sitting.plan.rule_set))


@transaction.atomic
def compute_results(*, sitting: Sitting, actor: Actor, now: datetime, cause: str = "first") -> ResultsOutcome:
    """Compute every result of a closed sitting whose marks are complete; doing it again changes nothing.

    Effects: a new ``Result`` version where something changed (the older one is superseded), an audit row.
    Registrations that wait for marks are named, not given a 0.
    """
    sitting = Sitting.objects.select_for_update(of=("self",)).select_related("plan__rule_set").get(pk=sitting.pk)
    if sitting.state not in ("closed", "released"):
        raise Refusal("sitting_not_closed", _("本次考试尚未结束，结束后才能合成成绩"))
    current = _current(sitting)
    pending: list[int] = []
    counts = {"computed": 0, "unchanged": 0}
    for registration, outcome in outcomes(sitting):
        if outcome.status is scoring.Status.PENDING:
            pending.append(registration.pk)
            continue
        changed = _store(registration, outcome, current.get(registration.pk), actor=actor, now=now, cause=cause)
        counts["computed" if changed else "unchanged"] += 1
    record("sitting.compute_results", sitting, actor=actor, now=now, data={**counts, "pending": len(pending)})
    return ResultsOutcome(counts["computed"], counts["unchanged"], tuple(pending))


def outcomes(sitting: Sitting) -> list[tuple[Registration, scoring.Result]]:
    """What every seated registration of the sitting comes to as things stand; nothing is stored."""
    rules = scoring_rules(sitting)
    registrations = list(
        Registration.objects.filter(sitting=sitting, state="seated")
        .select_related("sitting__plan__rule_set")
        .order_by("ticket_number", "pk")
    )
    subjects = subject_inputs(registrations)
    return [(registration, scoring.compute(subjects[registration.pk], rules)) for registration in registrations]


def _current(sitting: Sitting) -> dict[int, Result]:
    """The result that stands for each registration."""
    rows = Result.objects.filter(registration__sitting=sitting).exclude(state="superseded")
    return {result.registration_id: result for result in rows}


def subject_inputs(registrations: Iterable[Registration]) -> Mapping[int, tuple[SubjectInput, ...]]:
    """Marks and states per registration: absent, pending, or scored, with misconduct applied last."""
    keys = [registration.pk for registration in registrations]
    attempts: dict[int, dict[str, Attempt]] = defaultdict(dict)
    for attempt in Attempt.objects.filter(registration__in=keys).select_related("sitting_subject", "paper_set"):
        attempts[attempt.registration_id][attempt.sitting_subject.subject] = attempt
    entries = theory_entries(found["theory"].paper_set.form_id for found in attempts.values() if "theory" in found)
    practical = practical_marks([found["practical"].pk for found in attempts.values() if "practical" in found])
    breaches, cheats = _misconduct(keys)
    return {
        key: scoring.apply_misconduct(
            [
                _theory(attempts[key].get(Subject.THEORY), entries),
                _practical(attempts[key].get(Subject.PRACTICAL), practical),
            ],
            breaches=frozenset(breaches[key]),
            cheating=key in cheats,
        )
        for key in keys
    }


def _misconduct(keys: list[int]) -> tuple[dict[int, set[str]], set[int]]:
    breaches: dict[int, set[str]] = defaultdict(set)
    cheats: set[int] = set()
    cases = MisconductCase.objects.filter(registration__in=keys, state__in=VOIDING_STATES)
    for case in cases.select_related("attempt__sitting_subject"):
        if case.kind == MisconductCase.Kind.CHEATING or case.attempt is None:
            cheats.add(case.registration_id)
        else:
            breaches[case.registration_id].add(case.attempt.sitting_subject.subject)
    return breaches, cheats


def _without_marks(attempt: Attempt | None) -> SubjectState | None:
    """Why an attempt has no marks and never will; None if its marks count."""
    if attempt is None or attempt.state in ("absent", "prepared"):
        return SubjectState.ABSENT
    if attempt.state == "voided":
        return SubjectState.BREACH
    return SubjectState.PENDING if attempt.state == "running" else None


def _theory(attempt: Attempt | None, entries: Mapping[int, list[FormEntry]]) -> SubjectInput:
    state = _without_marks(attempt)
    if attempt is None or state is not None:
        return SubjectInput(Subject.THEORY.value, state=state or SubjectState.ABSENT)
    if attempt.theory_detail is None:
        return SubjectInput(Subject.THEORY.value, state=SubjectState.PENDING)
    form = entries[attempt.paper_set.form_id]
    return SubjectInput(Subject.THEORY.value, tuple(_item_mark(entry, attempt.theory_detail) for entry in form))


def _item_mark(entry: FormEntry, detail: Mapping[str, Any]) -> Mark:
    """The mark that delivery noted at hand-in for one entry of the form."""
    assert entry.item_version is not None
    outcome, awarded = detail[item_id(entry)]
    return Mark(
        item=f"{entry.item_version.item.code}",
        version=entry.item_version.number,
        awarded=Decimal(awarded),
        possible=entry.points,
        outcome=scoring.Outcome(outcome),
    )


def _practical(attempt: Attempt | None, marks: Mapping[int, tuple[Mark, ...] | None]) -> SubjectInput:
    state = _without_marks(attempt)
    if attempt is None or state is not None:
        return SubjectInput(Subject.PRACTICAL.value, state=state or SubjectState.ABSENT)
    found = marks[attempt.pk]
    if found is None:
        return SubjectInput(Subject.PRACTICAL.value, state=SubjectState.PENDING)
    return SubjectInput(Subject.PRACTICAL.value, found)


def _store(
    registration: Registration,
    outcome: scoring.Result,
    current: Result | None,
    *,
    actor: Actor,
    now: datetime,
    cause: str,
) -> bool:
    detail = result_detail(outcome)
    if current is not None and current.detail == detail:
        return False
    if current is not None:
        move(current, "supersede", actor=actor, now=now, reason=cause)
    scores = {score.subject: score.score for score in outcome.subjects}
    result = Result.objects.create(
        registration=registration,
        version=1 if current is None else current.version + 1,
        rule_set_id=registration.sitting.plan.rule_set_id,
        theory=scores[Subject.THEORY.value],
        practical=scores[Subject.PRACTICAL.value],
        composite=outcome.composite,
        outcome=outcome.status.value,
        detail=detail,
        cause=cause,
        computed_at=now,
    )
    if current is not None and registration.sitting.state == "released":
        move(result, "release", actor=actor, now=now)
    return True


def result_detail(outcome: scoring.Result) -> dict[str, Any]:
    """Everything that a result rests on, as it is frozen: rules, marks, explanation. Decimals as text."""
    return {
        "rules": outcome.rules,
        "explanation": [_line(problem) for problem in outcome.explanation],
        "subjects": [
            {
                "subject": score.subject,
                "state": score.state.value,
                "score": None if score.score is None else str(score.score),
                "weight": str(score.weight),
                "raw": str(score.raw),
                "possible": str(score.possible),
                "marks": [mark_row(mark) for mark in score.marks],
            }
            for score in outcome.subjects
        ],
    }


def _line(problem: Problem) -> str:
    """A line of the explanation as people read it: subjects by name, sums plain, in the language of the record."""
    with override("zh-hans"):
        params = {name: _words(name, value) for name, value in problem.params}
        return problem.message.format(**params)


def _words(name: str, value: object) -> object:
    if name == "subject":
        return Subject(str(value)).label
    if name in ("raw", "possible") and isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


def mark_row(mark: Mark) -> dict[str, Any]:
    """One mark as it is stored."""
    return {
        "item": mark.item,
        "version": mark.version,
        "awarded": str(mark.awarded),
        "possible": str(mark.possible),
        "outcome": mark.outcome.value,
        "source": mark.source,
    }


@transaction.atomic
def release_results(*, sitting: Sitting, actor: Actor, now: datetime) -> int:
    """Publish the results of a sitting, all at once.

    Effects: every computed result becomes released, the sitting too; schools are told. Returns how many. Refusals:
    ``results_pending`` while a registration waits for marks, ``results_stale`` if a mark, a misconduct decision or a
    regrade came in after the results were computed.
    """
    sitting = Sitting.objects.select_for_update(of=("self",)).select_related("plan__rule_set").get(pk=sitting.pk)
    waiting = Registration.objects.filter(sitting=sitting, state="seated").exclude(
        results__state__in=("computed", "released")
    )
    if waiting.exists():
        raise Refusal(
            "results_pending", _("还有 {count} 名考生的成绩没有合成，完成阅卷后再发布"), count=waiting.count()
        )
    stale = _stale(sitting)
    if stale:
        raise Refusal(
            "results_stale", _("有 {count} 名考生的分数在合成之后有变动，请重新合成，核对后再发布"), count=stale
        )
    results = Result.objects.filter(registration__sitting=sitting, state="computed")
    released = 0
    for result in results.iterator():
        move(result, "release", actor=actor, now=now)
        released += 1
    schools = Registration.objects.filter(sitting=sitting).values_list("school_id", flat=True).distinct()
    audience = [{"role": "school_manager", "organisation": school} for school in schools]
    move(sitting, "release_results", actor=actor, now=now, data={"released": released}, audience=audience)
    return released


def _stale(sitting: Sitting) -> int:
    """How many results no longer say what the marks say."""
    current = _current(sitting)
    return sum(
        outcome.status is scoring.Status.PENDING or current[registration.pk].detail != result_detail(outcome)
        for registration, outcome in outcomes(sitting)
    )
