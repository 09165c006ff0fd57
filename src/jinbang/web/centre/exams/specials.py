"""Special arrangements: asked for on a registration, decided, withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import scoped_get
from jinbang.documents.domain import files
from jinbang.exams.domain import special_arrangements as verbs
from jinbang.exams.models import SpecialArrangement
from jinbang.exams.permissions import visible_registrations, visible_specials
from jinbang.web.centre.exams.registrations import sitting_choices
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import as_upload, form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, state_choices
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest

EVIDENCE_ABILITY = "special_arrangement.view"


def in_words(extra_minutes: int, accessible: bool, separate: bool) -> list[str]:
    """What is granted, in words."""
    words = [str(_("每科延长 {n} 分钟").format(n=extra_minutes))] if extra_minutes else []
    words += [str(_("无障碍座位"))] if accessible else []
    return [*words, str(_("单独考场"))] if separate else words


def _of(row: SpecialArrangement) -> list[str]:
    return in_words(row.extra_minutes, row.accessible, row.separate)


SPECIALS = ListSpec(
    key="special_arrangements",
    title=_("特殊安排"),
    queryset=lambda request: visible_specials(request.access),
    columns=[
        Column("name", _("姓名"), "registration.candidate.name", sort="registration__candidate__name_sort"),
        Column("sitting", _("场次"), "registration.sitting.name", sort="registration__sitting__date"),
        Column("site", _("站点"), "registration.site.name", sort="registration__site__code"),
        Column("school", _("院校"), "registration.school.name", sort="registration__school__name", default=False),
        Column("what", _("安排"), _of, kind="tags"),
        Column("requested_at", _("申请时间"), kind="datetime", sort="requested_at"),
        Column("state", _("状态"), kind="state", machine="special_arrangement", sort="state"),
    ],
    search=["registration__candidate__name", "registration__ticket_number", "registration__school__name"],
    search_hint=_("姓名、准考证号、院校"),
    filters=[
        Filter("sitting", _("场次"), sitting_choices, "registration__sitting"),
        Filter("state", _("状态"), state_choices("special_arrangement")),
    ],
    default_order=["-requested_at"],
    row_url=lambda row: reverse("special_arrangement", args=[row.pk]),
    empty=Empty(_("还没有特殊安排"), _("需要延长时间、无障碍座位或单独考场的考生，在其报名页面申请。")),
)


class SpecialForm(forms.Form):
    """What is asked for, and why."""

    extra_minutes = forms.IntegerField(
        label=_("每科延长（分钟）"), min_value=0, max_value=verbs.MOST_EXTRA_MIN, initial=0
    )
    accessible = forms.BooleanField(label=_("无障碍座位"), required=False)
    separate = forms.BooleanField(label=_("单独考场"), required=False, help_text=_("站点须有标为单独考场的考场。"))
    grounds = forms.CharField(
        label=_("申请依据"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("只有本校管理员和考务管理员能看到。"),
    )  # fmt: skip
    file = forms.FileField(label=_("证明材料"), required=False, help_text=_("如残疾人证、医院证明；不超过 20 MB。"))


@requires("special_arrangement.view")
def special_list(request: OfficeRequest) -> HttpResponseBase:
    """Special arrangements within reach."""
    return render_list(request, SPECIALS)


@requires("special_arrangement.view")
def special(request: OfficeRequest, pk: int) -> HttpResponse:
    """One of them, with its grounds."""
    obj = scoped_get(visible_specials(request.access), pk)
    row = obj.registration
    evidence = reverse("stored_file", args=[obj.evidence_id]) if obj.evidence_id else ""
    context = {
        "title": row.candidate.name,
        "subtitle": row.sitting,
        "state": obj.state,
        "machine": "special_arrangement",
        "actions": event_actions(
            request, obj, organisation=row.school, url=lambda event: reverse("special_event", args=[pk, event])
        ),
        "facts": [
            Fact(_("报名"), row.level.name, link=reverse("registration", args=[row.pk])),
            Fact(_("站点"), row.site),
            Fact(_("院校"), row.school),
            Fact(_("安排"), _of(obj), "tags"),
            Fact(_("申请依据"), obj.grounds),
            Fact(_("证明材料"), obj.evidence, link=evidence),
            Fact(_("申请人"), obj.requested_by),
            Fact(_("申请时间"), obj.requested_at, "datetime"),
        ],
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "shell/detail.html", context)


@requires("special_arrangement.request")
def special_new(request: OfficeRequest, registration: int) -> HttpResponse:
    """Ask on behalf of a registered candidate."""
    row = scoped_get(visible_registrations(request.access), registration)
    request.access.require("special_arrangement.request", row.school)

    def ask(data: dict[str, Any]) -> SpecialArrangement:
        file = data.pop("file")
        evidence = (
            files.store(
                **as_upload(file, request.now), organisation=row.school, ability=EVIDENCE_ABILITY, actor=request.actor
            )
            if file
            else None
        )
        return verbs.request_special(registration=row, evidence=evidence, actor=request.actor, now=request.now, **data)

    return form_page(
        request,
        SpecialForm,
        ask,
        title=_("申请特殊安排：{name}").format(name=row.candidate.name),
        intro=_("由考务管理员审批；编排座位时优先满足，延长的时间在考试时自动生效。"),
        submit=_("提交审批"),
        success=_("已提交，等待审批"),
        done=lambda made: reverse("special_arrangement", args=[made.pk]),
        cancel=reverse("registration", args=[row.pk]),
    )


@requires("special_arrangement.view")
def special_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Approve, reject, withdraw."""
    obj = scoped_get(visible_specials(request.access), pk)
    chosen: dict[str, Any] = {
        "approve": verbs.approve_special, "reject": verbs.reject_special, "withdraw": verbs.withdraw_special,
    }  # fmt: skip
    if event not in chosen:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: chosen[event](special=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.registration.school,
        done=reverse("special_arrangement", args=[pk]),
    )
