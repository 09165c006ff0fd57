"""Misconduct: reported, put to the candidate, heard, decided, appealed.

A breach voids the subject, cheating voids the sitting.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.delivery.models import Attempt
from jinbang.exams.models import Registration
from jinbang.grading.models import MisconductCase


@transaction.atomic
def report(
    *, registration: Registration, attempt: Attempt | None, kind: str, facts: str, actor: Actor, now: datetime
) -> MisconductCase:
    """Open a case. A breach names the subject's attempt; cheating concerns the whole sitting.

    Effects: case, audit row. Refusals: ``facts_missing``, ``breach_subject``, ``other_candidate``.
    """
    if not facts.strip():
        raise Refusal("facts_missing", _("请写明违规事实：时间、座位、经过、证据"), field="facts")
    if kind == MisconductCase.Kind.BREACH and attempt is None:
        raise Refusal("breach_subject", _("违纪只作废一个科目，请指明是哪一科"), field="subject")
    if attempt is not None and attempt.registration_id != registration.pk:
        raise Refusal("other_candidate", _("该作答属于另一名考生，请核对准考证号"))
    case = MisconductCase.objects.create(
        registration=registration,
        attempt=attempt,
        kind=kind,
        facts=facts,
        reported_at=now,
        reported_by=actor.label,
    )
    record("misconduct.report", case, actor=actor, now=now, data={"kind": kind})
    return case


def notify_candidate(*, case: MisconductCase, actor: Actor, now: datetime) -> MisconductCase:
    """Tell the candidate, through the school, of what they are accused and that they may make a statement."""
    audience = [{"role": "school_manager", "organisation": case.registration.school_id}]
    return move(case, "notify_candidate", actor=actor, now=now, audience=audience)


@transaction.atomic
def record_statement(*, case: MisconductCase, statement: str, actor: Actor, now: datetime) -> MisconductCase:
    """Put the candidate's statement on file."""
    if not statement.strip():
        raise Refusal("statement_missing", _("请填写考生陈述；考生放弃陈述时直接作出决定"))
    case.statement = statement
    case.save(update_fields=["statement"])
    return move(case, "record_statement", actor=actor, now=now)


@transaction.atomic
def decide(*, case: MisconductCase, decision: str, actor: Actor, now: datetime) -> MisconductCase:
    """Decide that the case stands. Results change when they are next computed, as a new version."""
    case.decision = decision
    case.save(update_fields=["decision"])
    return move(case, "decide", actor=actor, now=now, reason=decision, audience=_school(case))


def drop(*, case: MisconductCase, reason: str, actor: Actor, now: datetime) -> MisconductCase:
    """Drop a case for want of proof."""
    return move(case, "drop", actor=actor, now=now, reason=reason, audience=_school(case))


def appeal_decision(*, case: MisconductCase, reason: str, actor: Actor, now: datetime) -> MisconductCase:
    """The candidate objects to the decision; it stands until that is answered."""
    return move(case, "appeal", actor=actor, now=now, reason=reason)


def answer_appeal(*, case: MisconductCase, uphold: bool, reason: str, actor: Actor, now: datetime) -> MisconductCase:
    """Overturn the decision (``uphold`` the objection) or confirm it."""
    event = "overturn" if uphold else "confirm"
    return move(case, event, actor=actor, now=now, reason=reason, audience=_school(case))


def _school(case: MisconductCase) -> list[dict[str, object]]:
    return [{"role": "school_manager", "organisation": case.registration.school_id}]
