"""Pages of regrades."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.core.errors import Refusal
from jinbang.grading.domain import regrade as verbs
from jinbang.grading.models import RegradeProposal
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading import lists
from jinbang.web.staff.grading.forms import RegradeForm


@requires("regrade.view")
def regrade_list(request: OfficeRequest) -> HttpResponseBase:
    """Regrade proposals."""
    return render_list(request, lists.REGRADES)


@requires("regrade.view")
def regrade_detail(request: OfficeRequest, pk: int) -> HttpResponse:
    """One proposal: who changes, who crosses the pass line."""
    obj = get_object_or_404(RegradeProposal.objects.select_related("sitting", "old_task", "new_task"), pk=pk)
    return render(
        request,
        "staff/grading/regrade.html",
        {
            "title": _("重判：{task}").format(task=obj.new_task.title if obj.new_task else ""),
            "subtitle": obj.sitting,
            "state": obj.state,
            "machine": "regrade",
            "effects": sorted(obj.effects, key=lambda row: (not row["crosses"], row["ticket"])),
            "changed": lists.changed(obj),
            "crossing": sum(row["crosses"] for row in obj.effects),
            "running": verbs.running(obj),
            "assess_url": reverse("regrade_assess", args=[pk]) if obj.state == "proposed" else "",
            "actions": event_actions(
                request, obj, organisation=None, url=lambda event: reverse("regrade_event", args=[pk, event])
            ),
            "facts": [
                Fact(_("理由"), obj.reason),
                Fact(_("提出人"), obj.proposed_by),
                Fact(_("提出时间"), obj.proposed_at, "datetime"),
                Fact(_("第一批准人"), obj.first_approver),
                Fact(_("第二批准人"), obj.second_approver),
            ],
            "happenings": timeline(obj),
        },
    )


@requires("regrade.propose")
def regrade_new(request: OfficeRequest) -> HttpResponse:
    """Propose a regrade: every submission is judged again, nothing counts yet."""
    return form_page(
        request,
        RegradeForm,
        lambda data: verbs.propose(actor=request.actor, now=request.now, **data),
        title=_("提出重判"),
        intro=_("系统会用新版本试判全部作答；批准之前，成绩不变。"),
        done=lambda row: reverse("regrade", args=[row.pk]),
        submit=_("开始试判"),
        cancel=reverse("regrade_list"),
    )


@requires("regrade.view")
def regrade_assess(request: OfficeRequest, pk: int) -> HttpResponse:
    """Work out the effects once every trial verdict is in."""
    obj = get_object_or_404(RegradeProposal.objects.select_related("sitting__plan__rule_set"), pk=pk)
    if request.method != "POST":
        raise Http404
    try:
        verbs.assess(proposal=obj, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(reverse("regrade", args=[pk]))


def regrade_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Approve (two people), reject or apply a proposal."""
    obj = get_object_or_404(RegradeProposal.objects.select_related("sitting__plan__rule_set"), pk=pk)
    common: dict[str, Any] = {"proposal": obj, "actor": request.actor, "now": request.now}

    def verb(reason: str = "") -> object:
        if event == "apply":
            return verbs.apply(**common)
        if event == "reject":
            return verbs.reject(reason=reason, **common)
        return verbs.approve(person=request.access.person, **common)

    if event not in ("first_approve", "second_approve", "reject", "apply"):
        raise Http404
    return event_page(request, obj, event, verb, organisation=None, done=reverse("regrade", args=[pk]))
