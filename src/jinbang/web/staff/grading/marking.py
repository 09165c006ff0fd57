"""Pages of marking by people. Nothing on them says whose answer it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.grading.domain import marking as verbs
from jinbang.grading.models import Marking, MarkingTask
from jinbang.grading.queries.submissions import readable_tasks
from jinbang.web.shell import words
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading import lists, work
from jinbang.web.staff.grading.forms import AdjudicateForm, AllocateForm, MarkForm, ReopenForm
from jinbang.web.templatetags.grading import plain, points


@requires("marking.view")
def marking_list(request: OfficeRequest) -> HttpResponseBase:
    """Answers that people mark."""
    return render_list(request, lists.MARKING)


@requires("marking.view")
def marking_task(request: OfficeRequest, pk: int) -> HttpResponse:
    """One answer to be marked, with what the judge said. Nothing on the page says whose it is."""
    obj = scoped_get(readable_tasks(request.access), pk)
    own = obj.markings.filter(marker=request.access.person).first()
    leader = request.access.can("marking.adjudicate")
    mine = own is not None and own.marked_at is None and obj.state == "allocated"
    return render(
        request,
        "staff/grading/marking.html",
        {
            "title": _("作答 M{number:06d}").format(number=obj.pk),
            "subtitle": obj.part,
            "state": obj.state,
            "machine": "marking",
            **_work(request, obj),
            "mark_form": MarkForm() if mine else None,
            "mark_url": reverse("marking_mark", args=[own.pk]) if mine else "",
            "markings": obj.markings.select_related("marker").order_by("round") if leader else [own] if own else [],
            "page_actions": _page_actions(obj, leader, mine),
            "actions": event_actions(
                request,
                obj,
                organisation=None,
                url=lambda event: reverse("marking_event", args=[pk, event]),
                hide=("allocate", "release", "submit", "dispute", "settle"),
            ),
            "facts": [
                Fact(_("满分"), points(obj.max_points)),
                Fact(_("阅卷方式"), words.mode(obj.mode)),
                Fact(_("双评阈值"), points(obj.threshold) if obj.mode != "1" else None),
                Fact(_("定分"), plain(obj.settled_points)),
            ],
            "happenings": timeline(obj) if leader else [],
        },
    )


def _page_actions(obj: MarkingTask, leader: bool, mine: bool) -> list[PageAction]:
    actions = [PageAction(_("评分"), "#marks", "pen", primary=True)] if mine else []
    if leader and obj.state in ("waiting", "allocated"):
        actions.append(PageAction(_("分配阅卷员"), reverse("marking_allocate", args=[obj.pk]), "people"))
    return actions


def _work(request: OfficeRequest, obj: MarkingTask) -> dict[str, Any]:
    """What the candidate handed in and what the judge said of it; nothing while nothing is judged."""
    try:
        return work.work_context(request, work.of_marking(request, obj.pk))
    except Http404:
        return {"work": None}


@requires("marking.allocate")
def marking_allocate(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give an answer to a marker."""
    obj = get_object_or_404(MarkingTask.objects.select_related("attempt__registration"), pk=pk)
    return form_page(
        request,
        AllocateForm,
        lambda data: verbs.allocate(task=obj, actor=request.actor, now=request.now, **data),
        title=_("分配阅卷员"),
        done=lambda row: reverse("marking_task", args=[pk]),
        cancel=reverse("marking_task", args=[pk]),
    )


@requires("marking.submit")
def marking_mark(request: OfficeRequest, pk: int) -> HttpResponse:
    """Mark an answer that was allocated to the person."""
    row = scoped_get(Marking.objects.filter(marker=request.access.person).select_related("task"), pk)
    return form_page(
        request,
        MarkForm,
        lambda data: verbs.submit(marking=row, actor=request.actor, now=request.now, **data),
        title=_("评分（满分 {full}）").format(full=row.task.max_points),
        intro=row.task.part,
        done=lambda task: reverse("marking_task", args=[task.pk]),
        cancel=reverse("marking_task", args=[row.task_id]),
    )


def marking_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """The leader decides a disputed answer, or gives a settled one back to be marked again."""
    obj = get_object_or_404(MarkingTask, pk=pk)
    events: dict[str, tuple[Callable[..., object], Any]] = {
        "adjudicate": (verbs.adjudicate, AdjudicateForm),
        "reopen": (verbs.reopen, partial(ReopenForm, task=obj)),
    }
    if event not in events:
        raise Http404
    verb, form_class = events[event]
    return event_page(
        request,
        obj,
        event,
        lambda **data: verb(task=obj, actor=request.actor, now=request.now, **data),
        organisation=None,
        done=reverse("marking_task", args=[pk]),
        form_class=form_class,
    )
