"""Exam sites: applied for by a school, approved by the awarding organisation, live once both agreements are filed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.readiness import premises
from jinbang.accreditation.domain.wording import refuse_if_any
from jinbang.accreditation.models import Agreement, Site
from jinbang.accreditation.queries.audience import Audience, awarding_officers, site_people
from jinbang.accreditation.queries.authorities import awarding_organisation
from jinbang.accreditation.queries.sites import agreements_in_force
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.documents.models import StoredFile


@dataclass(frozen=True)
class SiteForm:
    """What the school states about a site; ``machine_config`` is ``minimum`` or ``recommended``."""

    name: str
    address: str
    contact_name: str
    contact_phone: str
    router_model: str = ""
    whitelist_confirmed: bool = False
    machine_config: str = "minimum"
    statement: str = ""


def create_site(*, organisation: Organisation, form: SiteForm, actor: Actor, now: datetime) -> Site:
    """Start a site application; the code is the next free four-digit number.

    Effects: a ``Site`` in draft, an audit row. Refusal: ``not_a_school``.
    """
    if organisation.kind != Organisation.Kind.SCHOOL:
        raise Refusal("not_a_school", _("考核站点由试点院校申报"))
    with transaction.atomic():
        site = Site.objects.create(organisation=organisation, code=_next_code(), created_at=now, **asdict(form))
        record("site.create", site, actor=actor, now=now)
    return site


def save_site(*, site: Site, form: SiteForm, actor: Actor, now: datetime) -> Site:
    """Change a site's data while it is a draft, or its contact and equipment once it is approved.

    Effects: the fields, an audit row with old and new values. Refusal: ``site_closed``.
    """
    with transaction.atomic():
        site = Site.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=site.pk)
        if site.state in {"under_review", "rejected", "closed"}:
            raise Refusal("site_closed", _("站点正在审批或已关闭，不能修改；请先撤回申请"))
        changed = {k: [getattr(site, k), v] for k, v in asdict(form).items() if getattr(site, k) != v}
        for name, value in asdict(form).items():
            setattr(site, name, value)
        site.save(update_fields=list(asdict(form)))
        record("site.save", site, actor=actor, now=now, data=changed)
    return site


def submit_site(*, site: Site, actor: Actor, now: datetime) -> Site:
    """Apply. Effects: state under_review, audit row, notice to the awarding organisation. Refusal: ``not_ready``."""
    problems = [check.problem for check in premises(site) if check.problem]
    refuse_if_any("not_ready", _("站点尚不满足建设要求"), problems)
    return move(site, "submit", actor=actor, now=now, audience=_awarding())


def withdraw_site(*, site: Site, actor: Actor, now: datetime) -> Site:
    """Take an application back to draft before it is decided."""
    return move(site, "withdraw", actor=actor, now=now)


def approve_site(*, site: Site, actor: Actor, now: datetime) -> Site:
    """Approve; the agreements are signed next. Effects: state approved, audit row, notice to the site's people."""
    return move(site, "approve", actor=actor, now=now, audience=site_people(site.organisation))


def return_site(*, site: Site, reason: str, actor: Actor, now: datetime) -> Site:
    """Back to the school for correction. Effects: state draft, audit row, notice."""
    return move(site, "return", actor=actor, now=now, reason=reason, audience=site_people(site.organisation))


def reject_site(*, site: Site, reason: str, actor: Actor, now: datetime) -> Site:
    """A final no. Effects: state rejected, audit row, notice."""
    return move(site, "reject", actor=actor, now=now, reason=reason, audience=site_people(site.organisation))


def file_agreement(
    *,
    site: Site,
    kind: str,
    number: str,
    signed_on: date,
    valid_until: date,
    scan: StoredFile,
    actor: Actor,
    now: datetime,
) -> Agreement:
    """File the scan of a signed agreement; with the second one the site is live.

    Effects: an ``Agreement``, audit rows; an approved site that has both kinds becomes live, its people are
    told. Refusals: ``site_not_approved``, ``agreement_filed``, ``agreement_number``, ``agreement_dates``.
    """
    with transaction.atomic():
        site = Site.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=site.pk)
        if site.state not in {"approved", "live", "suspended"}:
            raise Refusal("site_not_approved", _("站点审批通过后才能归档协议"))
        _check_agreement(site, kind, number, signed_on, valid_until)
        agreement = Agreement.objects.create(
            site=site, kind=kind, number=number, signed_on=signed_on, valid_until=valid_until, scan=scan
        )
        record("agreement.file", agreement, actor=actor, now=now, data={"kind": kind, "number": number})
        if site.state == "approved" and len(agreements_in_force(site)) == len(Agreement.Kind):
            move(site, "file_agreements", actor=actor, now=now, audience=site_people(site.organisation))
    return agreement


def terminate_agreement(*, agreement: Agreement, reason: str, actor: Actor, now: datetime) -> Agreement:
    """End an agreement; a live site is suspended with it until a new one is filed.

    Effects: agreement terminated, perhaps the site suspended, audit rows, notices.
    """
    with transaction.atomic():
        audience = site_people(agreement.site.organisation)
        move(agreement, "terminate", actor=actor, now=now, reason=reason, audience=audience)
        site = Site.objects.get(pk=agreement.site_id)
        if site.state == "live":
            move(site, "suspend", actor=actor, now=now, reason=reason, audience=audience)
    return agreement


def suspend_site(*, site: Site, reason: str, actor: Actor, now: datetime) -> Site:
    """No new registrations at this site for now. Effects: state suspended, audit row, notice."""
    return move(site, "suspend", actor=actor, now=now, reason=reason, audience=site_people(site.organisation))


def resume_site(*, site: Site, actor: Actor, now: datetime) -> Site:
    """Live again. Refusal ``agreements_missing`` unless both agreements are in force."""
    if len(agreements_in_force(site)) < len(Agreement.Kind):
        raise Refusal("agreements_missing", _("站点协议和考务协议须均在有效归档状态，才能恢复站点"))
    return move(site, "resume", actor=actor, now=now, audience=site_people(site.organisation))


def close_site(*, site: Site, reason: str, actor: Actor, now: datetime) -> Site:
    """End a site for good. Effects: state closed, audit row, notice."""
    return move(site, "close", actor=actor, now=now, reason=reason, audience=site_people(site.organisation))


def _check_agreement(site: Site, kind: str, number: str, signed_on: date, valid_until: date) -> None:
    if valid_until <= signed_on:
        raise Refusal("agreement_dates", _("协议有效期应晚于签署日期"))
    if kind in agreements_in_force(site):
        raise Refusal("agreement_filed", _("该类协议已归档；如需更换，请先终止原协议"))
    if Agreement.objects.filter(number=number).exists():
        raise Refusal("agreement_number", _("协议编号 {number} 已被使用，请核对"), number=number)


def _next_code() -> str:
    codes = Site.objects.select_for_update().values_list("code", flat=True)
    return f"{max((int(code) for code in codes if code.isdigit()), default=0) + 1:04d}"


def _awarding() -> Audience:
    awarding = awarding_organisation()
    return awarding_officers(awarding) if awarding else ()
