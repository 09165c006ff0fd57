"""Registrations: the list, registering in a batch, fees, withdrawal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.models import CertificateLevel, Site
from jinbang.core.errors import Refusal, RowErrors
from jinbang.exams.domain import fees, registrations
from jinbang.exams.models import Registration
from jinbang.exams.permissions import (
    visible_bookings,
    visible_candidates,
    visible_registrations,
    visible_sittings,
    visible_specials,
)
from jinbang.web.centre.exams.candidates import CANDIDATES
from jinbang.web.centre.exams.forms import RegistrationForm, WithdrawForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import add_refusal
from jinbang.web.shell.labels import STATE_LABELS
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import BulkAction, Column, Empty, Filter, ListSpec, PageAction, selection
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest


def sitting_choices(request: OfficeRequest) -> list[tuple[str, str]]:
    """Sittings for a filter."""
    return [(str(pk), name) for pk, name in visible_sittings(request.access).values_list("pk", "name")]


def _level_choices(request: OfficeRequest) -> list[tuple[str, str]]:
    return [(str(level.pk), str(level)) for level in CertificateLevel.objects.select_related("certificate_type")]


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("registration.create"):
        return []
    return [PageAction(_("报名"), reverse("registration_new"), "plus", primary=True)]


def _bulk(request: OfficeRequest) -> list[BulkAction]:
    shown = []
    if request.access.can("registration.confirm_fee"):
        shown.append(BulkAction(_("确认缴费"), reverse("registration_confirm"), "money"))
    if request.access.can("registration.withdraw"):
        shown.append(BulkAction(_("退考"), reverse("registration_withdraw"), "exit", grave=True))
    return shown


REGISTRATIONS = ListSpec(
    key="registrations",
    title=_("报考管理"),
    queryset=lambda request: visible_registrations(request.access).select_related(
        "candidate", "sitting", "level__certificate_type", "site", "school"
    ),
    columns=[
        Column("name", _("姓名"), "candidate.name", sort="candidate__name_sort"),
        Column("id_mask", _("证件号"), "candidate.id_mask", kind="mono"),
        Column("class_name", _("班级"), "candidate.class_name", sort="candidate__class_name"),
        Column("sitting", _("场次"), "sitting.name", sort="sitting__date"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("site", _("站点"), "site.name", sort="site__code"),
        Column("school", _("院校"), "school.name", sort="school__name", default=False),
        Column("ticket_number", _("准考证号"), kind="mono", sort="ticket_number"),
        Column("registered_at", _("报名时间"), kind="datetime", sort="registered_at", default=False),
        Column("state", _("状态"), kind="state", machine="registration", sort="state"),
    ],
    search=["candidate__name", "ticket_number", "candidate__student_number", "candidate__class_name"],
    search_hint=_("姓名、准考证号、学号、班级"),
    filters=[
        Filter("sitting", _("场次"), sitting_choices),
        Filter("level", _("级别"), _level_choices),
        Filter("state", _("状态"), list(STATE_LABELS["registration"].items())),
    ],
    default_order=["-sitting__date", "candidate__name_sort"],
    row_url=lambda row: reverse("registration", args=[row.pk]),
    empty=Empty(_("还没有报名"), _("在报名时间内选择考生、场次、级别和站点。")),
    actions=_actions,
    bulk=_bulk,
)


@requires("registration.view")
def registration_list(request: OfficeRequest) -> HttpResponseBase:
    """Registrations within reach."""
    return render_list(request, REGISTRATIONS)


def _choices(request: OfficeRequest) -> dict[str, Any]:
    """What may be chosen now: open sittings, live sites, candidates of schools in reach."""
    scope = request.access.scope("registration.create")
    open_now = visible_sittings(request.access).filter(
        state="scheduled", plan__state="published", registration_opens__lte=request.now
    )
    return {
        "sitting": open_now.order_by("date"),
        "level": CertificateLevel.objects.select_related("certificate_type"),
        "site": Site.objects.filter(state="live").order_by("code"),
        "candidates": visible_candidates(request.access).filter(scope.q("school")).order_by("name_sort"),
    }


@requires("registration.create")
def registration_new(request: OfficeRequest) -> HttpResponse:
    """Register a batch; candidates ticked in their list arrive already chosen."""
    choices = _choices(request)
    if request.method == "POST" and "sitting" in request.POST:
        form = RegistrationForm(request.POST, choices=choices)
        errors: Any = ()
        if form.is_valid():
            try:
                made = registrations.register(**form.cleaned_data, actor=request.actor, now=request.now)
            except RowErrors as refusal:
                errors = refusal.errors
                add_refusal(form, refusal)
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("已为 {count} 名考生报名").format(count=len(made)))
                return HttpResponseRedirect(
                    reverse("registration_list") + f"?sitting={form.cleaned_data['sitting'].pk}"
                )
        return _form(request, form, errors)
    return _form(request, RegistrationForm(initial=_initial(request, choices), choices=choices))


def _initial(request: OfficeRequest, choices: dict[str, Any]) -> dict[str, Any]:
    wanted = request.GET.get("sitting", "")
    sitting = wanted if wanted.isdigit() else choices["sitting"].first()
    return {"sitting": sitting, "candidates": _picked(request), "site": choices["site"].first()}


def _picked(request: OfficeRequest) -> list[str]:
    """Candidates ticked in the list; all that match, when all were ticked."""
    if request.POST.get("all") != "1":
        return request.POST.getlist("pk")
    return [str(pk) for pk in selection(request, CANDIDATES).values_list("pk", flat=True)]


def _form(request: OfficeRequest, form: RegistrationForm, errors: Any = ()) -> HttpResponse:
    context = {
        "form": form, "title": _("报名"), "submit": _("报名"), "cancel": reverse("registration_list"),
        "intro": _("费用随报名入账；报名截止前退考全额退费。"), "row_errors": errors,
    }  # fmt: skip
    return render(request, "centre/registration_new.html", context, status=422 if form.errors else 200)


@requires("registration.view")
def registration(request: OfficeRequest, pk: int) -> HttpResponse:
    """One registration: candidate, sitting, seat, fees, history."""
    obj = scoped_get(visible_registrations(request.access), pk)
    seated = obj.assignments.filter(arrangement__discarded_at__isnull=True, arrangement__frozen_at__isnull=False)
    seat = seated.select_related("seat__room").first()
    context = {
        "title": obj.candidate.name,
        "subtitle": obj.sitting,
        "state": obj.state,
        "machine": "registration",
        "page_actions": _special_actions(request, obj),
        "actions": event_actions(
            request, obj, organisation=obj.school, hide=["seat", "unseat"],
            url=lambda event: reverse("registration_event", args=[pk, event]),
        ),
        "facts": [
            Fact(_("考生"), obj.candidate, link=reverse("candidate", args=[obj.candidate_id])),
            Fact(_("场次"), obj.sitting, link=reverse("sitting", args=[obj.sitting_id])),
            Fact(_("级别"), obj.level.name),
            Fact(_("站点"), obj.site),
            Fact(_("院校"), obj.school),
            Fact(_("准考证号"), obj.ticket_number, "mono"),
            Fact(_("考场与座位"), f"{seat.seat.room.name} {seat.seat.number}" if seat else None),
            Fact(_("报名时间"), obj.registered_at, "datetime"),
            Fact(_("实操运行环境"), _("Python 与软件包清单"), link=reverse("toolchain_list")),
        ],
        "bookings": _bookings(request, obj),
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "centre/registration.html", context)


def _special_actions(request: OfficeRequest, obj: Registration) -> list[PageAction]:
    """To the special arrangement that there is, or to ask for one while seats are not frozen."""
    known = visible_specials(request.access).filter(registration=obj, state__in=["requested", "approved"]).first()
    if known is not None:
        return [PageAction(_("特殊安排"), reverse("special_arrangement", args=[known.pk]), "star")]
    if obj.state in {"registered", "confirmed"} and request.access.can("special_arrangement.request", obj.school):
        return [PageAction(_("申请特殊安排"), reverse("special_new", args=[obj.pk]), "star")]
    return []


def _bookings(request: OfficeRequest, obj: Registration) -> Any:
    if not request.access.can("ledger.view"):
        return []
    rows = visible_bookings(request.access).filter(registration=obj)
    return rows.prefetch_related("postings__account").order_by("booked_at", "pk")


_VERBS = {
    "confirm_fee": lambda row, actor, now: fees.confirm_fees(registrations=[row], actor=actor, now=now),
    "withdraw": lambda row, actor, now, reason="": registrations.withdraw(
        registrations=[row], actor=actor, now=now, reason=reason
    ),
}


@requires("registration.view")
def registration_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Confirm the fee of one, or withdraw it."""
    obj = scoped_get(visible_registrations(request.access), pk)
    if event not in _VERBS:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: _VERBS[event](obj, request.actor, request.now, **data),
        organisation=obj.school,
        done=reverse("registration", args=[pk]),
        explain=_("费用按规则退回。") if event == "withdraw" else "",
    )


def _chosen(request: OfficeRequest, ability: str) -> list[Registration]:
    """The ticked rows that the person may act on; rows beyond reach are not there."""
    rows = selection(request, REGISTRATIONS).filter(request.access.scope(ability).q("school"))
    return list(rows)


@requires("registration.confirm_fee")
@require_POST
def confirm(request: OfficeRequest) -> HttpResponse:
    """The fees of the ticked rows have come in."""
    try:
        rows = _chosen(request, "registration.confirm_fee")
        count = fees.confirm_fees(registrations=rows, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已确认 {count} 人缴费").format(count=count))
    return HttpResponseRedirect(reverse("registration_list"))


@requires("registration.withdraw")
@require_POST
def withdraw(request: OfficeRequest) -> HttpResponse:
    """Withdraw the ticked rows: a page that says who and asks why, then the deed."""
    rows = _chosen(request, "registration.withdraw")
    form = WithdrawForm(request.POST if "confirm" in request.POST else None)
    if form.is_valid():
        try:
            registrations.withdraw(
                registrations=rows, actor=request.actor, now=request.now, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已退考 {count} 人").format(count=len(rows)))
            return HttpResponseRedirect(reverse("registration_list"))
    context = {"form": form, "rows": rows, "title": _("退考"), "cancel": reverse("registration_list")}
    return render(request, "centre/withdraw.html", context, status=422 if form.errors else 200)
