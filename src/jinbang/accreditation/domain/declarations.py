"""Declaration plans: an authority's call for pilot applications."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.zone import ZONE, printed_window
from jinbang.accreditation.models import CertificateLevel, DeclarationPlan
from jinbang.accreditation.queries.audience import Audience, managers
from jinbang.accreditation.queries.authorities import province_of
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.core.timing import Window, WindowStatus, may_submit, require


def window_of(plan: DeclarationPlan) -> Window:
    """The plan's window; its printed ends are read as people mean them."""
    return printed_window(plan.opens_at, plan.closes_at)


def status_of(plan: DeclarationPlan, now: datetime) -> WindowStatus | None:
    """未开始, 进行中 or 已截止, from the clock; ``None`` for a plan that is not published."""
    return window_of(plan).status(now) if plan.state == "published" else None


def create_declaration(
    *,
    authority: Organisation,
    year: int,
    batch: str,
    opens_at: datetime,
    closes_at: datetime,
    by_major_required: bool,
    city_approval_required: bool,
    listed_levels: Collection[CertificateLevel] = (),
    actor: Actor,
    now: datetime,
) -> DeclarationPlan:
    """Draft a plan; an empty ``listed_levels`` opens every certificate.

    Effects: a ``DeclarationPlan`` in draft, an audit row. Refusals: ``not_an_authority``, ``window_order``,
    ``declaration_exists``.
    """
    if authority.kind != Organisation.Kind.PROVINCE:
        raise Refusal("not_an_authority", _("申报计划由省级教育行政部门（含兵团、国开）发布"))
    _check_window(opens_at, closes_at)
    with transaction.atomic():
        if DeclarationPlan.objects.filter(year=year, batch=batch, authority=authority).exists():
            raise Refusal(
                "declaration_exists", _("{authority}{year} 年{batch}申报计划已存在，请改用其他批次或修改原计划"),
                authority=authority.name, year=year, batch=batch,
            )  # fmt: skip
        plan = DeclarationPlan.objects.create(
            authority=authority,
            year=year,
            batch=batch,
            opens_at=opens_at,
            closes_at=closes_at,
            by_major_required=by_major_required,
            city_approval_required=city_approval_required,
            certificate_scope=DeclarationPlan.Scope.LISTED if listed_levels else DeclarationPlan.Scope.ALL,
        )
        plan.listed_levels.set(listed_levels)
        record("declaration.create", plan, actor=actor, now=now)
    return plan


def publish_declaration(*, plan: DeclarationPlan, actor: Actor, now: datetime) -> DeclarationPlan:
    """Make a draft public. Effects: state published, audit row, notice to the authority's schools."""
    return move(plan, "publish", actor=actor, now=now, audience=_schools_below(plan.authority))


def amend_declaration(
    *,
    plan: DeclarationPlan,
    opens_at: datetime,
    closes_at: datetime,
    by_major_required: bool,
    city_approval_required: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> DeclarationPlan:
    """Change a published plan's window or switches; applications already submitted keep their path.

    Effects: the plan's fields, an audit row with old and new values, a notice. Refusals: ``window_order``,
    ``reason_required``.
    """
    _check_window(opens_at, closes_at)
    changes = {
        "opens_at": opens_at,
        "closes_at": closes_at,
        "by_major_required": by_major_required,
        "city_approval_required": city_approval_required,
    }
    with transaction.atomic():
        plan = DeclarationPlan.objects.select_for_update(of=("self",)).select_related("authority").get(pk=plan.pk)
        old = {name: getattr(plan, name) for name in changes}
        for name, value in changes.items():
            setattr(plan, name, value)
        plan.save(update_fields=list(changes))
        altered = {name: [old[name], value] for name, value in changes.items() if old[name] != value}
        return move(
            plan, "amend", actor=actor, now=now, reason=reason, data=altered, audience=_schools_below(plan.authority)
        )


def withdraw_declaration(*, plan: DeclarationPlan, reason: str, actor: Actor, now: datetime) -> DeclarationPlan:
    """Take a published plan back. Refusals: ``applications_in_review`` while any waits for a decision."""
    waiting = plan.applications.filter(state__in=["city_review", "province_review"]).count()
    if waiting:
        raise Refusal("applications_in_review", _("还有 {count} 份申报待审核，请先办结再撤回计划"), count=waiting)
    return move(plan, "withdraw", actor=actor, now=now, reason=reason, audience=_schools_below(plan.authority))


def require_open(plan: DeclarationPlan, school: Organisation, level: CertificateLevel, now: datetime) -> None:
    """Raise unless ``school`` may hand in for ``level`` under ``plan`` at ``now``.

    Refusals: ``not_published``, ``other_authority``, ``level_not_open``, ``window_upcoming``, ``window_closed``.
    """
    if plan.state != "published":
        raise Refusal("not_published", _("该省尚未发布申报计划或计划已撤回，暂不能申报"))
    if province_of(school) != plan.authority:
        raise Refusal(
            "other_authority", _("{school}不属于{authority}，请选择本省的申报计划"),
            school=school.name, authority=plan.authority.name,
        )  # fmt: skip
    listed = plan.certificate_scope == DeclarationPlan.Scope.LISTED
    if listed and not plan.listed_levels.filter(pk=level.pk).exists():
        raise Refusal("level_not_open", _("本计划未开放{level}，请在开放的证书范围内选择"), level=str(level))
    require(may_submit(window_of(plan), now), ZONE)


def _check_window(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= opens_at:
        raise Refusal("window_order", _("截止时间应晚于开始时间，请检查申报时间"))


def _schools_below(authority: Organisation) -> Audience:
    schools = Organisation.objects.filter(kind=Organisation.Kind.SCHOOL, is_active=True)
    below = schools.filter(parent=authority) | schools.filter(parent__parent=authority)
    return [entry for school in below for entry in managers(school)]
