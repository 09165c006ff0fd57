"""Pages of the judge's queue and of results."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.content.models import FormEntry
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.scoring import item_id
from jinbang.exams.models import Sitting
from jinbang.grading.domain import queue, results
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import JudgeJob, JudgeVerdict, MarkingTask, Result
from jinbang.grading.permissions import visible_results
from jinbang.web.shell import words
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import attempted
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading import lists, work
from jinbang.web.staff.grading.forms import WorkerForm
from jinbang.web.templatetags.grading import plain


@requires("judge_job.view")
def job_list(request: OfficeRequest) -> HttpResponseBase:
    """The judge's queue."""
    return render_list(request, lists.JOBS)


@requires("judge_job.view")
def job(request: OfficeRequest, pk: int) -> HttpResponse:
    """One job: what was judged, by whom, and the verdict case by case."""
    obj = get_object_or_404(JudgeJob.objects.select_related("task", "worker", "attempt", "verdict"), pk=pk)
    return render(
        request,
        "staff/grading/job.html",
        {
            "title": _("判题作业 {key}").format(key=obj.key[:8]),
            "subtitle": obj.task.title,
            "state": obj.state,
            "machine": "judge_job",
            "chosen": work.judged(obj),
            "work": {"url": reverse("judge_job_work", args=[pk])},
            "shown_text": work.SHOWN_TEXT,
            "page_actions": [PageAction(_("作答与代码"), reverse("judge_job_work", args=[pk]), "copy")],
            "actions": event_actions(
                request,
                obj,
                organisation=None,
                url=lambda event: reverse("judge_job_event", args=[pk, event]),
                hide=("bury", "cancel"),
            ),
            "facts": [
                Fact(_("用途"), obj.get_kind_display()),
                Fact(_("准考证号"), obj.attempt.ticket_number if obj.attempt else None, "mono"),
                Fact(_("判题机"), obj.worker.name if obj.worker else None),
                Fact(_("阶段"), words.phase(obj.phase) if obj.state == "leased" else None),
                Fact(_("运行环境"), obj.toolchain, "mono"),
                Fact(_("失败次数"), obj.tries, "number"),
                Fact(_("最近失败"), obj.last_failure),
                Fact(_("任务摘要"), obj.task_digest, "mono"),
            ],
            "happenings": timeline(obj),
        },
    )


def job_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Put a buried job back into the queue."""
    obj = get_object_or_404(JudgeJob, pk=pk)
    if event != "requeue":
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda reason: queue.requeue(job=obj, reason=reason, actor=request.actor, now=request.now),
        organisation=None,
        done=reverse("judge_job", args=[pk]),
    )


@requires("judge_job.view")
def worker_list(request: OfficeRequest) -> HttpResponseBase:
    """Judge hosts."""
    return render_list(request, lists.WORKERS)


@requires("judge_job.requeue")
def worker_new(request: OfficeRequest) -> HttpResponse:
    """Register a judge host; its token is shown this once."""
    form = WorkerForm(request.POST or None)
    made = (
        attempted(form, lambda data: register_worker(name=data["name"], actor=request.actor, now=request.now))
        if request.method == "POST"
        else None
    )
    if made is not None:
        return render(request, "staff/grading/token.html", {"worker": made[0], "token": made[1]})
    page = {"form": form, "title": _("登记判题机"), "submit": _("登记"), "cancel": reverse("judge_worker_list")}
    return render(request, "shell/form.html", page)


@requires("result.view")
def result_list(request: OfficeRequest) -> HttpResponseBase:
    """Results that the person may see; schools see released ones."""
    return render_list(request, lists.RESULTS)


@requires("result.view")
def result(request: OfficeRequest, pk: int) -> HttpResponse:
    """One result, down to every mark it came from, with its earlier versions."""
    obj = scoped_get(visible_results(request.access), pk)
    registration = obj.registration
    versions = list(registration.results.order_by("-version"))
    may_appeal = obj.state == "released" and request.access.can("appeal.lodge", registration.school)
    return render(
        request,
        "staff/grading/result.html",
        {
            "title": f"{registration.candidate.name} · {registration.ticket_number}",
            "subtitle": registration.sitting,
            "state": obj.state,
            "machine": "result",
            "result": obj,
            "subjects": _subjects(request, obj),
            "versions": [row for row in versions if row.pk != obj.pk],
            "page_actions": (
                [PageAction(_("申请复核"), reverse("appeal_new", args=[pk]), "chat")] if may_appeal else []
            ),
            "facts": [
                Fact(_("院校"), registration.school),
                Fact(_("级别"), registration.level),
                Fact(_("理论"), plain(obj.theory)),
                Fact(_("实操"), plain(obj.practical)),
                Fact(_("综合"), plain(obj.composite)),
                Fact(_("结论"), obj.get_outcome_display()),
                Fact(_("规则"), obj.rule_set),
                Fact(_("版本"), obj.version, hint=words.cause(obj.cause)),
            ],
            "happenings": timeline(obj),
        },
    )


def _subjects(request: OfficeRequest, obj: Result) -> list[dict[str, Any]]:
    """The frozen subjects of a result; practical marks by the task's title, with a way to the verdict."""
    entries = FormEntry.objects.filter(form__paperset__attempts__registration=obj.registration_id).distinct()
    titles = {item_id(entry): entry.task.title for entry in entries.exclude(task=None).select_related("task")}
    links: dict[str, int] = {}
    if request.access.can("judge_job.view"):
        verdicts = JudgeVerdict.objects.filter(job__attempt__registration=obj.registration_id)
        links = {f"verdict {sha[:12]}": job for sha, job in verdicts.values_list("sha256", "job")}
    return [
        {
            **subject,
            "marks": [
                {**mark, "label": titles.get(mark["item"], mark["item"]), "job": links.get(mark["source"])}
                for mark in subject["marks"]
            ],
        }
        for subject in obj.detail["subjects"]
    ]


@requires("result.release")
def results_of_sittings(request: OfficeRequest) -> HttpResponse:
    """Sittings whose results can be computed or released."""
    sittings = Sitting.objects.filter(state__in=("closed", "released")).order_by("-date").select_related("plan")
    rows = [
        {
            "sitting": sitting,
            "seated": sitting.registrations.filter(state="seated").count(),
            "computed": Result.objects.filter(registration__sitting=sitting, state="computed").count(),
            "released": Result.objects.filter(registration__sitting=sitting, state="released").count(),
            "judging": JudgeJob.objects.filter(
                attempt__registration__sitting=sitting, state__in=("queued", "leased", "dead"), counts=True
            ).count(),
            "marking": MarkingTask.objects.filter(attempt__registration__sitting=sitting)
            .exclude(state="settled")
            .count(),
        }
        for sitting in sittings
    ]
    return render(request, "staff/grading/sittings.html", {"rows": rows, "title": _("合成与发布成绩")})


@requires("result.release")
def results_action(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    """Compute or release the results of a sitting."""
    sitting = get_object_or_404(Sitting, pk=pk)
    if request.method != "POST" or step not in ("compute", "release"):
        raise Http404
    try:
        if step == "compute":
            outcome = results.compute_results(sitting=sitting, actor=request.actor, now=request.now)
            text = _("新合成 {computed} 人，未变化 {unchanged} 人，待阅卷 {pending} 人").format(
                computed=outcome.computed, unchanged=outcome.unchanged, pending=len(outcome.pending)
            )
        else:
            count = results.release_results(sitting=sitting, actor=request.actor, now=request.now)
            text = _("已发布 {count} 人的成绩").format(count=count)
        messages.success(request, text)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("results_of_sittings"))
