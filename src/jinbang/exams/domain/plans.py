"""Exam plans and their sittings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.domain.wording import refuse_if_any
from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.calendars import Severity, slots_of_one_person
from jinbang.core.errors import Refusal
from jinbang.core.numbering import number_format
from jinbang.core.timing import Window
from jinbang.exams.domain.findings import calendar_of, findings_of
from jinbang.exams.domain.rules import Rules, rules_of
from jinbang.exams.models import ExamPlan, Registration, RuleSet, Sitting, SittingSubject
from jinbang.exams.queries.audience import concerned


@dataclass(frozen=True)
class SittingForm:
    """A sitting as planners write it: printed window ends (23:59 runs through that minute), starts by subject."""

    name: str
    date: date
    registration_opens: datetime
    registration_closes: datetime
    arrangement_opens: datetime
    arrangement_closes: datetime
    tickets_open: datetime
    tickets_close: datetime


def create_plan(
    *, certificate_type: CertificateType, year: int, name: str, rule_set: RuleSet, actor: Actor, now: datetime
) -> ExamPlan:
    """Draft a plan. Effects: an ``ExamPlan``, an audit row. Refusal: ``plan_exists``."""
    with transaction.atomic():
        if ExamPlan.objects.filter(certificate_type=certificate_type, year=year, name=name).exists():
            raise Refusal("plan_exists", _("{year} 年已有同名考试计划，请换一个名称"), year=year)
        plan = ExamPlan.objects.create(certificate_type=certificate_type, year=year, name=name, rule_set=rule_set)
        record("plan.create", plan, actor=actor, now=now, data={"rule_set": str(rule_set)})
    return plan


def add_sitting(
    *,
    plan: ExamPlan,
    form: SittingForm,
    starts: Mapping[str, time],
    levels: Collection[CertificateLevel],
    code: str = "",
    actor: Actor,
    now: datetime,
) -> Sitting:
    """Add the next sitting to a plan that is not published; ``starts`` are wall-clock times by subject.

    Effects: a ``Sitting`` with its subjects (lengths from the plan's rules) and levels, an audit row. The code
    is year and the next free number (``2203``) unless given; the ticket number carries it.
    Refusals: ``plan_published``, ``sitting_code``, ``sitting_levels``, ``sitting_windows``, ``subjects_overlap``.
    """
    if plan.state != "draft":
        raise Refusal("plan_published", _("计划已发布，不能再增加场次；请另建计划"))
    _check_form(form)
    rules = rules_of(plan)
    with transaction.atomic():
        ordinal = (plan.sittings.order_by("-ordinal").values_list("ordinal", flat=True).first() or 0) + 1
        code = code or _free_code(plan.year, ordinal)
        _check_code(code, rules)
        _check_levels(plan, levels)
        sitting = Sitting.objects.create(plan=plan, ordinal=ordinal, code=code, **asdict(form))
        sitting.levels.set(levels)
        _set_subjects(sitting, starts, rules)
        record("sitting.create", sitting, actor=actor, now=now, data=asdict(form))
    return sitting


def publish_plan(*, plan: ExamPlan, actor: Actor, now: datetime) -> ExamPlan:
    """Make a plan public. Findings that are errors stop it; warnings were shown to the planner.

    Effects: state published, audit row, notice to schools. Refusals: ``no_sitting``, ``calendar_errors``.
    """
    if not plan.sittings.exists():
        raise Refusal("no_sitting", _("计划还没有场次，请先添加"))
    _refuse_errors(plan)
    return move(plan, "publish", actor=actor, now=now, audience=concerned(plan))


def amend_sitting(
    *,
    sitting: Sitting,
    form: SittingForm,
    starts: Mapping[str, time],
    reason: str,
    actor: Actor,
    now: datetime,
) -> Sitting:
    """Change a sitting's windows or times; in a published plan with a reason, and not once papers are sealed.

    Effects: the sitting and its subjects, an audit row with old and new values, for a published plan a notice.
    Refusals: ``sitting_fixed``, ``date_fixed`` (tickets were numbered), those of ``add_sitting``, ``calendar_errors``.
    """
    _check_form(form)
    with transaction.atomic():
        sitting = Sitting.objects.select_for_update(of=("self",)).select_related("plan__rule_set").get(pk=sitting.pk)
        _require_changeable(sitting, form)
        changed = {k: [getattr(sitting, k), v] for k, v in asdict(form).items() if getattr(sitting, k) != v}
        for name, value in asdict(form).items():
            setattr(sitting, name, value)
        sitting.save(update_fields=list(asdict(form)))
        _set_subjects(sitting, starts, rules_of(sitting.plan))
        record("sitting.amend", sitting, actor=actor, now=now, reason=reason, data=changed)
        if sitting.plan.state == "published":
            _refuse_errors(sitting.plan)
            move(
                sitting.plan, "amend", actor=actor, now=now, reason=reason, data={"sitting": sitting.code, **changed},
                audience=concerned(sitting.plan),
            )  # fmt: skip
    return sitting


def cancel_plan(*, plan: ExamPlan, reason: str, actor: Actor, now: datetime) -> ExamPlan:
    """Call a plan off. Refusal ``sittings_in_use`` if a sitting has registrations: cancel those first."""
    used = Registration.objects.filter(sitting__plan=plan).exclude(state="withdrawn").exists()
    if used:
        raise Refusal("sittings_in_use", _("计划下的场次已有报名，请先逐场取消并退费"))
    return move(plan, "cancel", actor=actor, now=now, reason=reason, audience=concerned(plan))


def archive_plan(*, plan: ExamPlan, actor: Actor, now: datetime) -> ExamPlan:
    """Put a finished plan away. Refusal ``sittings_open`` while a sitting is neither released nor cancelled."""
    if plan.sittings.exclude(state__in=["released", "cancelled"]).exists():
        raise Refusal("sittings_open", _("还有场次未发布成绩或未取消，不能归档"))
    return move(plan, "archive", actor=actor, now=now)


def _require_changeable(sitting: Sitting, form: SittingForm) -> None:
    if sitting.state not in {"scheduled", "arranged"}:
        raise Refusal("sitting_fixed", _("试卷已封存或考试已进行，不能再修改场次"))
    if sitting.state == "arranged" and sitting.date != form.date:
        raise Refusal("date_fixed", _("考场编排已冻结，改期前请先撤销编排"))


def _check_form(form: SittingForm) -> None:
    pairs = (
        (form.registration_opens, form.registration_closes),
        (form.arrangement_opens, form.arrangement_closes),
        (form.tickets_open, form.tickets_close),
    )
    if any(closes <= opens for opens, closes in pairs):
        raise Refusal("sitting_windows", _("报名、编排、打印准考证的截止时间都应晚于开始时间"))


def _free_code(year: int, ordinal: int) -> str:
    taken = set(Sitting.objects.values_list("code", flat=True))
    numbers = (f"{year % 100:02d}{number:02d}" for number in range(ordinal, 100))
    return next(code for code in numbers if code not in taken)


def _check_code(code: str, rules: Rules) -> None:
    width = next(f.width for f in number_format(rules.ticket_format).fields if f.name == "sitting")
    if not code.isdigit() or len(code) > width:
        raise Refusal("sitting_code", _("场次编号应为不超过 {width} 位的数字（写入准考证号）"), width=width)
    if Sitting.objects.filter(code=code).exists():
        raise Refusal("sitting_code", _("场次编号 {code} 已被使用，请换一个"), code=code)


def _check_levels(plan: ExamPlan, levels: Collection[CertificateLevel]) -> None:
    if not levels or any(level.certificate_type_id != plan.certificate_type_id for level in levels):
        raise Refusal("sitting_levels", _("请至少选择一个级别，且须属于本计划的证书"))


def _set_subjects(sitting: Sitting, starts: Mapping[str, time], rules: Rules) -> None:
    if set(starts) != set(rules.durations_min):
        raise Refusal("sitting_subjects", _("请填写理论和实操两科的开考时间"))
    for subject, start in starts.items():
        SittingSubject.objects.update_or_create(
            sitting=sitting,
            subject=subject,
            defaults={
                "starts_at": datetime.combine(sitting.date, start, ZONE),
                "minutes": rules.durations_min[subject],
            },
        )
    clashes = slots_of_one_person([(s.get_subject_display(), subject_window(s)) for s in sitting.subjects.all()])
    refuse_if_any("subjects_overlap", _("两科时间重叠"), [clash.problem for clash in clashes])


def subject_window(subject: SittingSubject) -> Window:
    """From the start of a subject to its planned end."""
    return Window(subject.starts_at, subject.starts_at + timedelta(minutes=subject.minutes))


def _refuse_errors(plan: ExamPlan) -> None:
    sittings: Sequence[Any] = list(plan.sittings.prefetch_related("subjects"))
    found = findings_of([calendar_of(sitting) for sitting in sittings])
    errors = [finding.problem for finding in found if finding.severity is Severity.ERROR]
    refuse_if_any("calendar_errors", _("日程有误，须先改正"), errors)
