"""Exam plans and sittings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain.wording import said
from jinbang.accreditation.domain.zone import ZONE
from jinbang.core.calendars import TrainingDay
from jinbang.delivery.domain import sittings
from jinbang.exams.domain import plans as verbs
from jinbang.exams.domain import registrations
from jinbang.exams.domain.findings import planner_findings
from jinbang.exams.domain.windows import arrangement_window, registration_window, tickets_window
from jinbang.exams.models import ExamPlan, Sitting
from jinbang.exams.permissions import visible_plans, visible_registrations, visible_sittings
from jinbang.learning.models import TrainingSession
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page, initial_of
from jinbang.web.shell.labels import STATE_LABELS
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.words import window_text
from jinbang.web.staff.exams.forms import PlanForm, SittingAmendForm, SittingForm


def _plan_actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("plan.manage"):
        return []
    return [PageAction(_("新建考试计划"), reverse("plan_new"), "plus", primary=True)]


PLANS = ListSpec(
    key="exam_plans",
    title=_("考试计划"),
    queryset=lambda request: visible_plans(request.access),
    columns=[
        Column("name", _("计划名称"), sort="name"),
        Column("year", _("年度"), sort="year", kind="mono"),
        Column("certificate", _("证书"), "certificate_type.name", sort="certificate_type__name"),
        Column("rules", _("考试规则"), "rule_set"),
        Column("state", _("状态"), kind="state", machine="plan", sort="state"),
    ],
    search=["name", "certificate_type__name"],
    filters=[Filter("state", _("状态"), list(STATE_LABELS["plan"].items()))],
    default_order=["-year", "name"],
    row_url=lambda plan: reverse("plan", args=[plan.pk]),
    empty=Empty(_("还没有考试计划"), _("评价组织发布后会显示在这里。")),
    actions=_plan_actions,
)


def stages(sitting: Sitting, now: datetime) -> list[tuple[Any, str, Any]]:
    """The windows of a sitting for the eye: title, days, status."""
    rows = (
        (_("报名"), registration_window(sitting)),
        (_("考场编排"), arrangement_window(sitting)),
        (_("打印准考证"), tickets_window(sitting)),
    )
    return [(title, *window_text(window, now)) for title, window in rows]


@requires("plan.view")
def plan_list(request: OfficeRequest) -> HttpResponseBase:
    """Plans that the person may see."""
    return render_list(request, PLANS)


@requires("plan.view")
def plan(request: OfficeRequest, pk: int) -> HttpResponse:
    """One plan: its sittings, and to planners what they should look at in the calendar."""
    obj = scoped_get(visible_plans(request.access), pk)
    planner = request.access.can("plan.manage")
    held = list(obj.sittings.prefetch_related("subjects"))
    actions = []
    if planner and obj.state == "draft":
        actions.append(PageAction(_("添加场次"), reverse("sitting_new", args=[pk]), "plus", primary=True))
    context = {
        "title": obj.name,
        "subtitle": f"{obj.certificate_type} · {obj.year}",
        "state": obj.state,
        "machine": "plan",
        "page_actions": actions,
        "actions": event_actions(
            request, obj, organisation=obj.certificate_type.awarding, hide=["amend"],
            url=lambda event: reverse("plan_event", args=[pk, event]),
        ),
        "facts": rule_facts(obj),
        "sittings": [(sitting, stages(sitting, request.now)) for sitting in held],
        "findings": _findings(obj) if planner else [],
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "staff/plan.html", context)


def rule_facts(obj: ExamPlan) -> list[Fact]:
    """The rules in words."""
    rules = verbs.rules_of(obj)
    return [
        Fact(_("考试规则"), obj.rule_set),
        Fact(_("权重"), _("理论 {theory}% + 实操 {practical}%").format(**rules.weights)),
        Fact(_("合格线"), rules.pass_mark, "number"),
        Fact(_("时长"), _("理论 {theory} 分钟，实操 {practical} 分钟").format(**rules.durations_min)),
        Fact(
            _("入场与交卷"),
            _("开考前 {before} 分钟签到，开考 {late} 分钟后不得入场，{stay} 分钟内不得交卷").format(
                before=rules.sign_in_before_min, late=rules.late_after_min, stay=rules.min_stay_min
            ),
        ),
        Fact(_("准考证号格式"), rules.ticket_format, "mono"),
        Fact(_("阅卷方式"), rules.marking_mode, "mono"),
        Fact(_("每考场监考员人数"), rules.invigilators_per_room, "number"),
    ]


def _findings(obj: ExamPlan) -> list[tuple[str, str]]:
    days = TrainingSession.objects.filter(date__year=obj.year).select_related("term__programme")
    trainings = [TrainingDay(row.term.programme.name, row.term.topic, row.date) for row in days]
    tones = {"error": "danger", "warning": "warning", "note": "info"}
    return [(tones[finding.severity.value], said(finding.problem)) for finding in planner_findings(obj, trainings)]


@requires("plan.manage")
def plan_new(request: OfficeRequest) -> HttpResponse:
    """Draft a plan."""
    return form_page(
        request,
        PlanForm,
        lambda data: verbs.create_plan(**data, actor=request.actor, now=request.now),
        title=_("新建考试计划"),
        intro=_("保存后添加场次，核对日程提示，再发布。"),
        done=lambda made: reverse("plan", args=[made.pk]),
        cancel=reverse("plan_list"),
        initial={"year": request.now.astimezone(ZONE).year},
    )


_SITTING_EVENTS = {
    "open": (sittings.open_sitting, _("开考当天执行；之后监考安排归档，不能再撤销。")),
    "close": (sittings.close_sitting, _("全部考场结束后执行；之后才能核算和发布成绩。")),
    "cancel": (registrations.cancel_sitting, _("全部报名将退考，费用全额退回。")),
}
_PLAN_VERBS = {"publish": verbs.publish_plan, "cancel": verbs.cancel_plan, "archive": verbs.archive_plan}


@requires("plan.manage")
def plan_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Publish, cancel or archive a plan."""
    obj = scoped_get(visible_plans(request.access), pk)
    if event not in _PLAN_VERBS:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: _PLAN_VERBS[event](plan=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.certificate_type.awarding,
        done=reverse("plan", args=[pk]),
    )


def _split(data: dict[str, Any]) -> dict[str, Any]:
    """The form's values as the verbs take them."""
    form = verbs.SittingForm(**{name: data[name] for name in verbs.SittingForm.__annotations__})
    return {"form": form, "starts": {"theory": data["theory"], "practical": data["practical"]}}


@requires("plan.manage")
def sitting_new(request: OfficeRequest, plan: int) -> HttpResponse:
    """Add a sitting to a draft plan."""
    obj = scoped_get(visible_plans(request.access), plan)
    levels = obj.certificate_type.levels.select_related("certificate_type")
    return form_page(
        request,
        SittingForm,
        lambda data: verbs.add_sitting(
            plan=obj, levels=data["levels"], actor=request.actor, now=request.now, **_split(data)
        ),
        title=_("添加场次"),
        done=lambda made: reverse("plan", args=[plan]),
        cancel=reverse("plan", args=[plan]),
        levels=levels,
        initial={"levels": list(levels)},
    )


@requires("sitting.view")
def sitting(request: OfficeRequest, pk: int) -> HttpResponse:
    """One sitting: windows with their status, subjects, levels, how many are registered."""
    obj = scoped_get(visible_sittings(request.access), pk)
    context = {
        "title": obj.name,
        "subtitle": obj.plan,
        "state": obj.state,
        "machine": "sitting",
        "page_actions": _sitting_actions(request, obj),
        "actions": [
            action
            for action in event_actions(
                request, obj, organisation=obj.plan.certificate_type.awarding,
                url=lambda event: reverse("sitting_event", args=[pk, event]),
            )
            if action.event in _SITTING_EVENTS
        ],
        "facts": [
            Fact(_("场次编号"), obj.code, "mono"),
            Fact(_("考试日期"), obj.date, "date"),
            Fact(_("开考级别"), obj.levels.values_list("name", flat=True), "tags"),
            *rule_facts(obj.plan),
        ],
        "stages": stages(obj, request.now),
        "subjects": obj.subjects.order_by("starts_at"),
        "counts": _counts(request, obj),
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "staff/sitting.html", context)


def _counts(request: OfficeRequest, obj: Sitting) -> list[tuple[Any, int]]:
    """Registrations by state, within reach."""
    if not request.access.can("registration.view"):
        return []
    states = list(visible_registrations(request.access).filter(sitting=obj).values_list("state", flat=True))
    return [(label, states.count(state)) for state, label in STATE_LABELS["registration"].items()]


def _sitting_actions(request: OfficeRequest, obj: Sitting) -> list[PageAction]:
    shown = []
    if request.access.can("registration.create") and registration_window(obj).is_open(request.now):
        shown.append(PageAction(_("报名"), reverse("registration_new") + f"?sitting={obj.pk}", "pen", primary=True))
    if request.access.can("registration.view"):
        shown.append(PageAction(_("报名名单"), reverse("registration_list") + f"?sitting={obj.pk}", "people"))
    if request.access.can("arrangement.view"):
        shown.append(PageAction(_("考场编排"), reverse("arrangement_list") + f"?sitting={obj.pk}", "seat"))
    if request.access.can("plan.manage"):
        shown.append(PageAction(_("变更场次"), reverse("sitting_edit", args=[obj.pk]), "edit"))
    return shown


@requires("plan.manage")
def sitting_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a sitting's windows and times; a published plan asks for a reason and tells the schools."""
    obj = scoped_get(visible_sittings(request.access), pk)
    starts = {row.subject: row.starts_at.astimezone(ZONE).time() for row in obj.subjects.all()}
    return form_page(
        request,
        SittingAmendForm,
        lambda data: verbs.amend_sitting(
            sitting=obj, reason=data["reason"], actor=request.actor, now=request.now, **_split(data)
        ),
        title=_("变更场次"),
        done=lambda _saved: reverse("sitting", args=[pk]),
        cancel=reverse("sitting", args=[pk]),
        levels=obj.levels.all(),
        initial={**initial_of(obj, verbs.SittingForm.__annotations__), **starts},
    )


@requires("sitting.view")
def sitting_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Open a sealed sitting on its day, close it after the last room, or call it off."""
    obj = scoped_get(visible_sittings(request.access), pk)
    if event not in _SITTING_EVENTS:
        raise Http404
    verb, explain = _SITTING_EVENTS[event]
    return event_page(
        request,
        obj,
        event,
        lambda **data: verb(sitting=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.plan.certificate_type.awarding,
        done=reverse("sitting", args=[pk]),
        explain=explain,
    )
