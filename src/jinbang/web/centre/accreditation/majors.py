"""The catalogue of majors and requests to add to it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain import major_additions as verbs
from jinbang.accreditation.domain.catalogue import CATALOGUE_YEARS
from jinbang.accreditation.models import Major
from jinbang.accreditation.permissions import visible_major_additions
from jinbang.web.centre.accreditation.forms import MajorForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.labels import STATE_LABELS
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("major_addition.request"):
        return []
    return [PageAction(_("申请新增专业"), reverse("major_addition_new"), "plus", primary=True)]


MAJORS = ListSpec(
    key="majors",
    title=_("专业目录"),
    intro=_("代码须与目录版本一起看：软件技术在 2004、2015、2021 版中分别是 590108、610205、510203。"),
    queryset=lambda request: Major.objects.all(),
    columns=[
        Column("code", _("专业代码"), sort="code", kind="mono"),
        Column("name", _("专业名称"), sort="name"),
        Column("year", _("目录版本"), "catalogue_year", sort="catalogue_year", kind="mono"),
        Column("tier", _("层次"), lambda major: dict(Organisation.Tier.choices).get(major.tier, major.tier)),
    ],
    search=["code", "name"],
    filters=[
        Filter("catalogue_year", _("目录版本"), [(str(year), str(year)) for year in CATALOGUE_YEARS]),
        Filter("tier", _("层次"), Organisation.Tier.choices[1:]),
    ],
    default_order=["-catalogue_year", "code"],
    empty=Empty(_("目录是空的")),
    actions=_actions,
)

ADDITIONS = ListSpec(
    key="major_additions",
    title=_("专业新增"),
    intro=_("审核需要 1 至 2 个工作日。"),
    queryset=lambda request: visible_major_additions(request.access),
    columns=[
        Column("code", _("专业代码"), sort="code", kind="mono"),
        Column("name", _("专业名称"), sort="name"),
        Column("year", _("目录版本"), "catalogue_year", sort="catalogue_year", kind="mono"),
        Column("school", _("院校"), "school.name", sort="school__name"),
        Column("requested", _("申请时间"), "requested_at", kind="datetime", sort="requested_at"),
        Column("due", _("应答复时间"), "due_at", kind="datetime", sort="due_at"),
        Column("urgent", _("加急"), lambda row: bool(row.urgent_reason), kind="flag"),
        Column("state", _("状态"), kind="state", machine="major_addition", sort="state"),
    ],
    search=["code", "name", "school__name"],
    filters=[Filter("state", _("状态"), list(STATE_LABELS["major_addition"].items()))],
    default_order=["-requested_at"],
    row_url=lambda row: reverse("major_addition", args=[row.pk]),
    empty=Empty(_("没有新增专业的申请"), _("申报时找不到对应专业，可以在这里申请。")),
    actions=_actions,
)


@requires("declaration.view")
def major_list(request: OfficeRequest) -> HttpResponseBase:
    """All majors of all catalogues."""
    return render_list(request, MAJORS)


@requires("major_addition.view")
def addition_list(request: OfficeRequest) -> HttpResponseBase:
    """Requests within reach."""
    return render_list(request, ADDITIONS)


@requires("major_addition.request")
def addition_new(request: OfficeRequest) -> HttpResponse:
    """Ask for a major."""
    schools = Organisation.objects.filter(
        request.access.scope("major_addition.request").q(), kind=Organisation.Kind.SCHOOL
    )
    return form_page(
        request,
        MajorForm,
        lambda data: verbs.request_major(**data, actor=request.actor, now=request.now),
        title=_("申请新增专业"),
        done=lambda made: reverse("major_addition", args=[made.pk]),
        success=_("已提交，请等待审核"),
        submit=_("提交"),
        cancel=reverse("major_addition_list"),
        schools=schools,
        initial={"school": schools.first(), "catalogue_year": CATALOGUE_YEARS[-1]},
    )


@requires("major_addition.view")
def addition(request: OfficeRequest, pk: int) -> HttpResponse:
    """One request."""
    obj = scoped_get(visible_major_additions(request.access), pk)
    overdue = _("已超过应答复时间") if verbs.is_overdue(obj, request.now) else ""
    context = {
        "title": obj,
        "subtitle": obj.school,
        "state": obj.state,
        "machine": "major_addition",
        "actions": event_actions(
            request, obj, organisation=obj.school, url=lambda event: reverse("major_addition_event", args=[pk, event])
        ),
        "facts": [
            Fact(_("层次"), dict(Organisation.Tier.choices).get(obj.tier, obj.tier)),
            Fact(_("申请时间"), obj.requested_at, "datetime"),
            Fact(_("应答复时间"), obj.due_at, "datetime", hint=overdue),
            Fact(_("加急说明"), obj.urgent_reason),
        ],
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "shell/detail.html", context)


_VERBS = {"approve": verbs.approve_major, "reject": verbs.reject_major, "withdraw": verbs.withdraw_major}


@requires("major_addition.view")
def addition_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Approve, reject or withdraw a request."""
    obj = scoped_get(visible_major_additions(request.access), pk)
    if event not in _VERBS:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: _VERBS[event](addition=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.school,
        done=reverse("major_addition", args=[pk]),
    )
