"""Pilot applications: written by the school, approved by city (where switched on) and province."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.declarations import require_open
from jinbang.accreditation.domain.eligibility import Figures, eligibility
from jinbang.accreditation.domain.wording import refuse_if_any
from jinbang.accreditation.models import (
    ApplicationMajor,
    CertificateLevel,
    DeclarationPlan,
    Major,
    PilotApplication,
    PilotAttachment,
)
from jinbang.accreditation.queries.audience import managers, officers
from jinbang.accreditation.queries.authorities import city_of
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.core.problems import Problem
from jinbang.documents.models import StoredFile


@dataclass(frozen=True)
class ApplicationForm:
    """What the school fills in; names are those of :class:`PilotApplication`."""

    people_applied: int
    recruiting_years: int
    experience_years: int
    trainers: int
    industry_trainers: int
    double_qualified_percent: int
    place_capacity: int
    staffing: str = ""
    place: str = ""


def create_application(
    *,
    plan: DeclarationPlan,
    school: Organisation,
    level: CertificateLevel,
    form: ApplicationForm,
    majors: Collection[Major] = (),
    actor: Actor,
    now: datetime,
) -> PilotApplication:
    """Start an application under an open plan.

    Effects: a ``PilotApplication`` in draft with its majors, an audit row. Refusals: those of
    ``require_open``, ``application_exists``, ``trainers_within``.
    """
    require_open(plan, school, level, now)
    _check_form(form)
    with transaction.atomic():
        live = PilotApplication.objects.exclude(state="discarded")
        if live.filter(plan=plan, school=school, level=level).exists():
            raise Refusal("application_exists", _("本计划下已有{level}的申报，请打开原申报继续"), level=str(level))
        application = PilotApplication.objects.create(
            plan=plan, school=school, level=level, created_at=now, **asdict(form)
        )
        _set_majors(application, majors)
        record("pilot_application.create", application, actor=actor, now=now)
    return application


def save_application(
    *,
    application: PilotApplication,
    form: ApplicationForm,
    majors: Collection[Major],
    actor: Actor,
    now: datetime,
) -> PilotApplication:
    """Change a draft. Effects: its fields and majors, an audit row. Refusals: ``not_a_draft``, ``trainers_within``."""
    _check_form(form)
    with transaction.atomic():
        application = _locked_draft(application)
        for name, value in asdict(form).items():
            setattr(application, name, value)
        application.save(update_fields=list(asdict(form)))
        _set_majors(application, majors)
        record("pilot_application.save", application, actor=actor, now=now, data=asdict(form))
    return application


def attach_file(
    *, application: PilotApplication, file: StoredFile, title: str, actor: Actor, now: datetime
) -> PilotAttachment:
    """Add a supporting file to a draft. Effects: a ``PilotAttachment``, an audit row. Refusal: ``not_a_draft``."""
    with transaction.atomic():
        application = _locked_draft(application)
        attachment = PilotAttachment.objects.create(application=application, file=file, title=title)
        record("pilot_application.attach", application, actor=actor, now=now, data={"file": file.sha256})
    return attachment


def detach_file(*, attachment: PilotAttachment, actor: Actor, now: datetime) -> None:
    """Take a supporting file off a draft; the stored bytes stay. Refusal: ``not_a_draft``."""
    with transaction.atomic():
        application = _locked_draft(attachment.application)
        record("pilot_application.detach", application, actor=actor, now=now, data={"title": attachment.title})
        attachment.delete()


def shortcomings(application: PilotApplication) -> list[Problem]:
    """Conditions that the application does not meet; the form shows them before submission."""
    figures = Figures(
        licensed=bool(application.school.licence_number),
        recruiting_years=application.recruiting_years,
        experience_years=application.experience_years,
        trainers=application.trainers,
        industry_trainers=application.industry_trainers,
        double_qualified_percent=application.double_qualified_percent,
        place_capacity=application.place_capacity,
        people_applied=application.people_applied,
        majors=application.majors.count(),
        attachments=application.attachments.count(),
    )
    return eligibility(figures, by_major=application.plan.by_major_required)


def submit_application(*, application: PilotApplication, actor: Actor, now: datetime) -> PilotApplication:
    """Hand in a draft while the window is open.

    Effects: state city_review (where the plan asks for the city and the school has one) or province_review,
    ``submitted_at``, audit row, notice to the reviewing authority. Refusals: those of ``require_open``,
    ``not_eligible`` naming every unmet condition.
    """
    with transaction.atomic():
        application = _locked_draft(application)
        require_open(application.plan, application.school, application.level, now)
        refuse_if_any("not_eligible", _("申报条件未满足"), shortcomings(application))
        city = city_of(application.school) if application.plan.city_approval_required else None
        application.submitted_at = now
        application.save(update_fields=["submitted_at"])
        event = "submit" if city else "submit_to_province"
        return move(application, event, actor=actor, now=now, audience=officers(city or application.plan.authority))


def withdraw_application(*, application: PilotApplication, actor: Actor, now: datetime) -> PilotApplication:
    """Take a submitted application back to draft, as long as nobody decided."""
    return move(application, "withdraw", actor=actor, now=now)


def discard_application(*, application: PilotApplication, actor: Actor, now: datetime) -> PilotApplication:
    """Give a draft up; another may be started under the same plan."""
    return move(application, "discard", actor=actor, now=now)


def city_approve(*, application: PilotApplication, actor: Actor, now: datetime) -> PilotApplication:
    """The city's consent. Effects: state province_review, audit row, notice to the province."""
    return move(application, "city_approve", actor=actor, now=now, audience=officers(application.plan.authority))


def return_application(*, application: PilotApplication, reason: str, actor: Actor, now: datetime) -> PilotApplication:
    """Back to the school for correction, with the reason. Effects: state draft, audit row, notice to the school."""
    return move(application, "return", actor=actor, now=now, reason=reason, audience=managers(application.school))


def reject_application(*, application: PilotApplication, reason: str, actor: Actor, now: datetime) -> PilotApplication:
    """A final no under this plan, with the reason. Effects: state rejected, audit row, notice to the school."""
    return move(application, "reject", actor=actor, now=now, reason=reason, audience=managers(application.school))


def approve_application(
    *, application: PilotApplication, people_approved: int, approval_number: str, actor: Actor, now: datetime
) -> PilotApplication:
    """The province's approval.

    Effects: state approved, the number and the people approved, audit row, notice to the school. Refusals:
    ``approval_number_missing``, ``approval_number_taken``, ``people_approved`` (1 to the number applied for).
    """
    number = approval_number.strip()
    if not number:
        raise Refusal("approval_number_missing", _("请填写批准文号"))
    with transaction.atomic():
        application = _locked(application)
        if not 1 <= people_approved <= application.people_applied:
            raise Refusal(
                "people_approved", _("批准人数应在 1 至申请人数 {applied} 之间"), applied=application.people_applied
            )
        if PilotApplication.objects.filter(approval_number=number).exclude(pk=application.pk).exists():
            raise Refusal("approval_number_taken", _("批准文号 {number} 已被使用，请换一个"), number=number)
        application.people_approved, application.approval_number = people_approved, number
        application.save(update_fields=["people_approved", "approval_number"])
        return move(
            application, "approve", actor=actor, now=now, audience=managers(application.school),
            data={"people_approved": people_approved, "approval_number": number},
        )  # fmt: skip


def revoke_application(*, application: PilotApplication, reason: str, actor: Actor, now: datetime) -> PilotApplication:
    """Withdraw an approval given; the number stays on record. Effects: state revoked, audit row, notice."""
    return move(application, "revoke", actor=actor, now=now, reason=reason, audience=managers(application.school))


def suggested_approval_number(application: PilotApplication) -> str:
    """The next free number of the plan's authority and year, such as ``2022-14-0007``; a proposal for the form."""
    prefix = f"{application.plan.year}-{application.plan.authority.region or application.plan.authority.code}-"
    taken = PilotApplication.objects.filter(approval_number__startswith=prefix)
    serials = [
        int(n[len(prefix) :]) for n in taken.values_list("approval_number", flat=True) if n[len(prefix) :].isdigit()
    ]
    return f"{prefix}{max(serials, default=0) + 1:04d}"


def _check_form(form: ApplicationForm) -> None:
    if form.industry_trainers > form.trainers:
        raise Refusal("trainers_within", _("行业企业兼职教师人数不能多于培训团队人数"))


def _locked(application: PilotApplication) -> PilotApplication:
    rows = PilotApplication.objects.select_for_update(of=("self",))
    return rows.select_related("plan__authority", "school", "level__certificate_type").get(pk=application.pk)


def _locked_draft(application: PilotApplication) -> PilotApplication:
    locked = _locked(application)
    if locked.state != "draft":
        raise Refusal("not_a_draft", _("申报已提交，不能修改；如需修改请先撤回"))
    return locked


def _set_majors(application: PilotApplication, majors: Collection[Major]) -> None:
    application.majors.all().delete()
    ApplicationMajor.objects.bulk_create(
        [ApplicationMajor(application=application, major=major) for major in dict.fromkeys(majors)]
    )
