"""Pages of appeals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.grading.domain import appeals as verbs
from jinbang.grading.models import Appeal
from jinbang.grading.permissions import visible_results
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading import lists
from jinbang.web.staff.grading.forms import AppealForm, DecisionForm

APPEAL_WINDOW = timedelta(days=15)


@requires("appeal.view")
def appeal_list(request: OfficeRequest) -> HttpResponseBase:
    """Appeals."""
    return render_list(request, lists.APPEALS)


@requires("appeal.view")
def appeal(request: OfficeRequest, pk: int) -> HttpResponse:
    """One appeal."""
    obj: Appeal = scoped_get(lists.APPEALS.queryset(request), pk)
    return render(
        request,
        "shell/detail.html",
        {
            "title": _("成绩复核"),
            "subtitle": obj.result,
            "state": obj.state,
            "machine": "appeal",
            "actions": event_actions(
                request,
                obj,
                organisation=obj.result.registration.school,
                url=lambda event: reverse("appeal_event", args=[pk, event]),
            ),
            "facts": [
                Fact(_("成绩"), obj.result.composite, link=reverse("result", args=[obj.result_id])),
                Fact(_("申请理由"), obj.grounds),
                Fact(_("申请时间"), obj.lodged_at, "datetime"),
                Fact(_("答复"), obj.decision),
            ],
            "happenings": timeline(obj),
        },
    )


@requires("appeal.lodge")
def appeal_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """Lodge an appeal for a candidate."""
    obj = scoped_get(visible_results(request.access), pk)
    return form_page(
        request,
        AppealForm,
        lambda data: verbs.lodge(
            result=obj, grounds=data["grounds"], window=APPEAL_WINDOW, actor=request.actor, now=request.now
        ),
        title=_("申请复核"),
        intro=_("成绩发布后 {days} 天内可以申请。").format(days=APPEAL_WINDOW.days),
        done=lambda row: reverse("appeal", args=[row.pk]),
        submit=_("提交申请"),
        cancel=reverse("result", args=[pk]),
    )


def appeal_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Accept, uphold, dismiss or withdraw."""
    obj: Appeal = scoped_get(lists.APPEALS.queryset(request), pk)
    common: dict[str, Any] = {"appeal": obj, "actor": request.actor, "now": request.now}

    def verb(decision: str = "") -> object:
        if event == "accept":
            return verbs.accept(**common)
        if event == "withdraw":
            return verbs.withdraw(**common)
        return verbs.answer(upheld=event == "uphold", decision=decision, **common)

    if event not in ("accept", "uphold", "dismiss", "withdraw"):
        raise Http404
    form_class = DecisionForm if event in ("uphold", "dismiss") else None
    return event_page(
        request,
        obj,
        event,
        verb,
        organisation=obj.result.registration.school,
        done=reverse("appeal", args=[pk]),
        form_class=form_class,
    )
