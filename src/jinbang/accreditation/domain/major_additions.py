"""Majors that the catalogue lacks: asked for by a school, decided within two working days."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.catalogue import CATALOGUE_YEARS, add_major
from jinbang.accreditation.domain.working_days import add_working_days
from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import Major, MajorAddition
from jinbang.accreditation.queries.audience import managers
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal

REVIEW_WORKING_DAYS = 2


def request_major(
    *,
    school: Organisation,
    catalogue_year: int,
    code: str,
    name: str,
    tier: str,
    urgent_reason: str = "",
    actor: Actor,
    now: datetime,
) -> MajorAddition:
    """Ask for a major; due two working days later.

    Effects: a ``MajorAddition``, an audit row. Refusals: ``catalogue_year``, ``major_exists``,
    ``major_requested`` (the same school has the same request waiting).
    """
    if catalogue_year not in CATALOGUE_YEARS:
        raise Refusal("catalogue_year", _("专业目录版本应为 2004、2015、2020 或 2021"))
    same = {"catalogue_year": catalogue_year, "code": code, "tier": tier}
    with transaction.atomic():
        if Major.objects.filter(**same).exists():
            raise Refusal("major_exists", _("{year} 版目录已有专业 {code}，可直接选用"), year=catalogue_year, code=code)
        if MajorAddition.objects.filter(school=school, state="requested", **same).exists():
            raise Refusal("major_requested", _("同一专业的新增申请正在审核，请等待结果"))
        addition = MajorAddition.objects.create(
            school=school,
            name=name,
            urgent_reason=urgent_reason,
            requested_at=now,
            due_at=add_working_days(now, REVIEW_WORKING_DAYS, ZONE),
            **same,
        )
        record("major_addition.request", addition, actor=actor, now=now)
    return addition


def approve_major(*, addition: MajorAddition, actor: Actor, now: datetime) -> MajorAddition:
    """Take the major into the catalogue. Effects: a ``Major`` (unless there by now), state approved, notice."""
    with transaction.atomic():
        addition.major = add_major(
            catalogue_year=addition.catalogue_year, code=addition.code, name=addition.name, tier=addition.tier
        )
        addition.save(update_fields=["major"])
        return move(addition, "approve", actor=actor, now=now, audience=managers(addition.school))


def reject_major(*, addition: MajorAddition, reason: str, actor: Actor, now: datetime) -> MajorAddition:
    """Say no, with the reason. Effects: state rejected, audit row, notice to the school."""
    return move(addition, "reject", actor=actor, now=now, reason=reason, audience=managers(addition.school))


def withdraw_major(*, addition: MajorAddition, actor: Actor, now: datetime) -> MajorAddition:
    """The school no longer needs it."""
    return move(addition, "withdraw", actor=actor, now=now)


def is_overdue(addition: MajorAddition, now: datetime) -> bool:
    """Whether a request still waits after it was due."""
    return addition.state == "requested" and now > addition.due_at
