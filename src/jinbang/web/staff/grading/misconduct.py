"""Pages of misconduct cases."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.grading.domain import misconduct as verbs
from jinbang.grading.models import MisconductCase
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading.forms import DecisionForm, StatementForm
from jinbang.web.staff.grading.lists import MISCONDUCT

FORMS = {"record_statement": StatementForm, "decide": DecisionForm}


@requires("misconduct.view")
def case_list(request: OfficeRequest) -> HttpResponseBase:
    """Cases that the person may see."""
    return render_list(request, MISCONDUCT)


@requires("misconduct.view")
def case(request: OfficeRequest, pk: int) -> HttpResponse:
    """One case: facts, statement, decision, history."""
    obj: MisconductCase = scoped_get(MISCONDUCT.queryset(request), pk)
    return render(
        request,
        "shell/detail.html",
        {
            "title": f"{obj.get_kind_display()} · {obj.registration.candidate.name}",
            "subtitle": obj.registration.sitting,
            "state": obj.state,
            "machine": "misconduct",
            "actions": event_actions(
                request,
                obj,
                organisation=obj.registration.site.organisation,
                url=lambda event: reverse("misconduct_event", args=[pk, event]),
            ),
            "facts": [
                Fact(_("准考证号"), obj.registration.ticket_number, "mono"),
                Fact(_("事实"), obj.facts),
                Fact(_("考生陈述"), obj.statement),
                Fact(_("处理决定"), obj.decision),
                Fact(_("报告人"), obj.reported_by),
                Fact(_("报告时间"), obj.reported_at, "datetime"),
            ],
            "happenings": timeline(obj),
        },
    )


def case_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Take a case one step on."""
    obj: MisconductCase = scoped_get(MISCONDUCT.queryset(request), pk)
    common: dict[str, Any] = {"case": obj, "actor": request.actor, "now": request.now}
    actions: dict[str, Any] = {
        "notify_candidate": lambda: verbs.notify_candidate(**common),
        "record_statement": lambda statement: verbs.record_statement(statement=statement, **common),
        "decide": lambda decision: verbs.decide(decision=decision, **common),
        "drop": lambda reason: verbs.drop(reason=reason, **common),
        "appeal": lambda reason: verbs.appeal_decision(reason=reason, **common),
        "confirm": lambda reason: verbs.answer_appeal(uphold=False, reason=reason, **common),
        "overturn": lambda reason: verbs.answer_appeal(uphold=True, reason=reason, **common),
    }
    if event not in actions:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        actions[event],
        organisation=obj.registration.site.organisation,
        done=reverse("misconduct", args=[pk]),
        form_class=FORMS.get(event),
    )
