"""Declaration plans: the list that everybody reads, and their making by the authorities."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain import declarations as verbs
from jinbang.accreditation.models import DeclarationPlan
from jinbang.accreditation.permissions import visible_applications, visible_declarations
from jinbang.core.timing import WindowStatus
from jinbang.web.centre.accreditation.forms import DeclarationAmendForm, DeclarationForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.labels import state_label
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest

STATUS = {WindowStatus.UPCOMING: _("未开始"), WindowStatus.OPEN: _("进行中"), WindowStatus.CLOSED: _("已截止")}


def status_label(plan: DeclarationPlan, request: OfficeRequest) -> Any:
    """The word for the plan's status now; its state where the clock does not matter."""
    status = verbs.status_of(plan, request.now)
    return STATUS[status] if status else state_label("declaration", plan.state)


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("declaration.manage"):
        return []
    return [PageAction(_("新建申报计划"), reverse("declaration_new"), "plus", primary=True)]


def declaration_spec(request: OfficeRequest) -> ListSpec:
    """The list; its status column depends on the clock of this request."""
    return ListSpec(
        key="declarations",
        title=_("申报计划"),
        intro=_("各省自行发布；没有发布或已过申报时间的，不能提交申报。"),
        queryset=lambda request: visible_declarations(request.access),
        columns=[
            Column("year", _("申报年度"), sort="year", kind="mono"),
            Column("batch", _("申报批次")),
            Column("authority", _("所属省厅"), "authority.name", sort="authority__name"),
            Column("opens_at", _("开始时间"), sort="opens_at", kind="datetime"),
            Column("closes_at", _("截止时间"), sort="closes_at", kind="datetime"),
            Column("status", _("状态"), lambda plan: status_label(plan, request)),
            Column("by_major", _("是否要求按专业填报"), "by_major_required", kind="flag"),
            Column("city", _("是否需要地市级教育局审批"), "city_approval_required", kind="flag"),
            Column("scope", _("开放证书范围"), "get_certificate_scope_display"),
            Column("state", _("发布状态"), kind="state", machine="declaration", sort="state", default=False),
        ],
        search=["authority__name", "batch"],
        search_hint=_("省厅、批次"),
        filters=[
            Filter(
                "state", _("发布状态"), [("draft", _("草稿")), ("published", _("已发布")), ("withdrawn", _("已撤回"))]
            )
        ],
        default_order=["-year", "opens_at"],
        row_url=lambda plan: reverse("declaration", args=[plan.pk]),
        row_tone=lambda plan: "" if verbs.status_of(plan, request.now) is WindowStatus.OPEN else "muted",
        empty=Empty(_("还没有申报计划"), _("省级教育行政部门发布后会显示在这里。")),
        actions=_actions,
    )


@requires("declaration.view")
def declaration_list(request: OfficeRequest) -> HttpResponseBase:
    """Plans that concern the person; exports as the seed's batch export does."""
    return render_list(request, declaration_spec(request))


@requires("declaration.view")
def declaration(request: OfficeRequest, pk: int) -> HttpResponse:
    """One plan with its switches, and what may be done under it."""
    plan = scoped_get(visible_declarations(request.access), pk)
    apply = reverse("pilot_application_new") + f"?plan={pk}"
    actions = [PageAction(_("立即申报"), apply, "pen", primary=True)] if _may_apply(request, plan) else []
    listed = [str(level) for level in plan.listed_levels.select_related("certificate_type")]
    context = {
        "title": plan,
        "subtitle": status_label(plan, request),
        "state": plan.state,
        "machine": "declaration",
        "page_actions": actions,
        "actions": event_actions(
            request, plan, organisation=plan.authority, url=lambda event: reverse("declaration_event", args=[pk, event])
        ),
        "facts": [
            Fact(_("申报时间"), f"{_local(plan.opens_at)} ~ {_local(plan.closes_at)}", "mono"),
            Fact(_("状态"), status_label(plan, request)),
            Fact(_("要求按专业填报"), plan.by_major_required, "flag"),
            Fact(_("需要地市级教育局审批"), plan.city_approval_required, "flag"),
            Fact(_("开放证书范围"), "、".join(listed) or plan.get_certificate_scope_display()),
            Fact(
                _("申报数"), visible_applications(request.access).filter(plan=plan).count(), "number",
                link=reverse("pilot_application_list") + f"?q={plan.authority.name}",
            ),
        ],
        "happenings": timeline(plan),
    }  # fmt: skip
    return render(request, "shell/detail.html", context)


def _may_apply(request: OfficeRequest, plan: DeclarationPlan) -> bool:
    return request.access.can("pilot_application.edit") and verbs.status_of(plan, request.now) is WindowStatus.OPEN


def _local(moment: Any) -> str:
    return moment.astimezone(verbs.ZONE).strftime("%Y-%m-%d %H:%M")


@requires("declaration.manage")
def declaration_new(request: OfficeRequest) -> HttpResponse:
    """Draft a plan."""
    scope = request.access.scope("declaration.manage")
    authorities = Organisation.objects.filter(scope.q(), kind=Organisation.Kind.PROVINCE, is_active=True)
    return form_page(
        request,
        DeclarationForm,
        lambda data: verbs.create_declaration(**data, actor=request.actor, now=request.now),
        title=_("新建申报计划"),
        intro=_("保存后为草稿，发布后院校才能看到。"),
        done=lambda plan: reverse("declaration", args=[plan.pk]),
        cancel=reverse("declaration_list"),
        authorities=authorities,
        initial={"year": request.now.astimezone(verbs.ZONE).year, "authority": authorities.first()},
    )


_VERBS = {
    "publish": verbs.publish_declaration,
    "amend": verbs.amend_declaration,
    "withdraw": verbs.withdraw_declaration,
}


@requires("declaration.manage")
def declaration_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Publish, amend or withdraw a plan."""
    plan = scoped_get(visible_declarations(request.access), pk)
    if event not in _VERBS:
        raise Http404
    names = ("opens_at", "closes_at", "by_major_required", "city_approval_required")
    return event_page(
        request,
        plan,
        event,
        lambda **data: _VERBS[event](plan=plan, actor=request.actor, now=request.now, **data),
        organisation=plan.authority,
        done=reverse("declaration", args=[pk]),
        form_class=DeclarationAmendForm if event == "amend" else None,
        initial={name: getattr(plan, name) for name in names} if event == "amend" else None,
        explain=_("辖区内的院校会收到通知。"),
    )
