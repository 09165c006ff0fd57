"""Pages of marking by people. Nothing on them says whose answer it is."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.documents.domain import files as documents
from jinbang.grading.domain import marking as verbs
from jinbang.grading.models import JudgeJob, Marking, MarkingTask
from jinbang.judge.uploads import unpack
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading import lists, words
from jinbang.web.staff.grading.forms import AdjudicateForm, AllocateForm, MarkForm
from jinbang.web.templatetags.grading import plain, points


@requires("marking.view")
def marking_list(request: OfficeRequest) -> HttpResponseBase:
    """Answers that people mark."""
    return render_list(request, lists.MARKING)


@requires("marking.view")
def marking_task(request: OfficeRequest, pk: int) -> HttpResponse:
    """One answer to be marked. Nothing on the page says whose it is."""
    obj = get_object_or_404(MarkingTask, pk=pk)
    own = obj.markings.filter(marker=request.access.person).first()
    leader = request.access.can("marking.adjudicate")
    jobs = JudgeJob.objects.filter(attempt=obj.attempt_id, item=obj.item, counts=True)
    job = jobs.select_related("task", "submission").first()
    page_actions = []
    if own is not None and own.marked_at is None:
        page_actions.append(PageAction(_("评分"), reverse("marking_mark", args=[own.pk]), "pen", primary=True))
    if leader and obj.state in ("waiting", "allocated"):
        page_actions.append(PageAction(_("分配阅卷员"), reverse("marking_allocate", args=[pk]), "people"))
    return render(
        request,
        "staff/grading/marking.html",
        {
            "title": _("作答 M{number:06d}").format(number=obj.pk),
            "subtitle": obj.part,
            "state": obj.state,
            "machine": "marking",
            "job": job,
            "files": _files(job),
            "markings": obj.markings.select_related("marker").order_by("round") if leader else [own] if own else [],
            "page_actions": page_actions,
            "actions": event_actions(
                request,
                obj,
                organisation=None,
                url=lambda event: reverse("marking_event", args=[pk, event]),
                hide=("allocate", "release", "submit", "dispute", "settle", "reopen"),
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


def _files(job: JudgeJob | None) -> list[dict[str, str]]:
    """What the candidate handed in, to be read by the marker; nothing in it is run."""
    if job is None:
        return []
    found = unpack(documents.read(job.submission))
    return [{"name": name, "text": found[name].decode("utf-8", "replace")} for name in sorted(found)]


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
    """The leader decides a disputed answer."""
    obj = get_object_or_404(MarkingTask, pk=pk)
    if event != "adjudicate":
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: verbs.adjudicate(task=obj, actor=request.actor, now=request.now, **data),
        organisation=None,
        done=reverse("marking_task", args=[pk]),
        form_class=AdjudicateForm,
    )
