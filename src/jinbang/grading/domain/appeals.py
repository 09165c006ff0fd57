"""Appeals: a candidate asks that a released result be checked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal
from jinbang.grading.models import Appeal, Result


@transaction.atomic
def lodge(*, result: Result, grounds: str, window: timedelta, actor: Actor, now: datetime) -> Appeal:
    """Lodge an appeal against a released result within ``window`` of its release.

    Effects: appeal, audit row. Refusals: ``not_released``, ``appeal_late``, ``appeal_open``, ``grounds_missing``.
    """
    if result.state != "released":
        raise Refusal("not_released", _("成绩尚未发布，不能申请复核"))
    if not grounds.strip():
        raise Refusal("grounds_missing", _("请写明申请复核的理由"))
    if now > released_at(result) + window:
        raise Refusal("appeal_late", _("复核申请期限为成绩发布后 {days} 天，现已截止"), days=window.days)
    if Appeal.objects.filter(
        result__registration=result.registration_id, state__in=("lodged", "under_review")
    ).exists():
        raise Refusal("appeal_open", _("已有一份复核申请正在处理"))
    appeal = Appeal.objects.create(result=result, grounds=grounds, lodged_at=now)
    record("appeal.lodge", appeal, actor=actor, now=now)
    return appeal


def released_at(result: Result) -> datetime:
    """When the result was released, from the audit log."""
    row = AuditRow.objects.filter(
        object_type="grading.result", object_key=str(result.pk), action="result.release"
    ).latest("seq")
    return row.at


def accept(*, appeal: Appeal, actor: Actor, now: datetime) -> Appeal:
    """Take an appeal into review."""
    return move(appeal, "accept", actor=actor, now=now, audience=_school(appeal))


@transaction.atomic
def answer(*, appeal: Appeal, upheld: bool, decision: str, actor: Actor, now: datetime) -> Appeal:
    """Uphold or dismiss. Upholding changes no mark by itself: a regrade or a re-marking does, as a new version."""
    appeal.decision = decision
    appeal.save(update_fields=["decision"])
    event = "uphold" if upheld else "dismiss"
    return move(appeal, event, actor=actor, now=now, reason=decision, audience=_school(appeal))


def withdraw(*, appeal: Appeal, actor: Actor, now: datetime) -> Appeal:
    """Take back an appeal that nobody has taken up yet."""
    return move(appeal, "withdraw", actor=actor, now=now)


def _school(appeal: Appeal) -> list[dict[str, object]]:
    return [{"role": "school_manager", "organisation": appeal.result.registration.school_id}]
