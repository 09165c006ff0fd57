"""Pages of misconduct cases."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.exams.models import Registration
from jinbang.grading.domain import misconduct as verbs
from jinbang.grading.models import MisconductCase
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading.forms import DecisionForm, ReportForm, StatementForm
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


@requires("misconduct.report")
def case_new(request: OfficeRequest) -> HttpResponse:
    """Report a candidate of a sitting, by ticket number."""
    may_see = request.access.can("misconduct.view")
    mine = Registration.objects.filter(
        request.access.scope("misconduct.report").q("site__organisation"), state="seated"
    ).select_related("sitting")

    def create(data: dict[str, Any]) -> MisconductCase:
        registration = mine.filter(ticket_number=data["ticket"].strip()).order_by("-sitting__date").first()
        if registration is None:
            raise Refusal("ticket_unknown", _("没有这个准考证号，请核对后再填"), field="ticket")
        attempt = registration.attempts.filter(sitting_subject__subject=data["subject"]).first()
        return verbs.report(
            registration=registration,
            attempt=attempt,
            kind=data["kind"],
            facts=data["facts"],
            actor=request.actor,
            now=request.now,
        )

    return form_page(
        request,
        ReportForm,
        create,
        title=_("上报违规"),
        intro=_("违纪作废一个科目，作弊作废本场全部科目；作出决定之前，成绩不变。"),
        done=lambda row: reverse("misconduct", args=[row.pk]) if may_see else reverse("home"),
        submit=_("上报"),
        cancel=reverse("misconduct_list") if may_see else reverse("home"),
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
