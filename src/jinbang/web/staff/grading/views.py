"""Pages of the judge's queue, marking and results."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.exams.models import Sitting
from jinbang.grading.domain import appeals, marking, queue, regrade, results
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import Appeal, JudgeJob, Marking, MarkingTask, RegradeProposal, Result
from jinbang.judge.verdict import from_json
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import attempted, form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.grading import lists
from jinbang.web.staff.grading.forms import (
    AdjudicateForm,
    AllocateForm,
    AppealForm,
    DecisionForm,
    MarkForm,
    RegradeForm,
    WorkerForm,
)

APPEAL_WINDOW = timedelta(days=15)


@requires("judge_job.view")
def job_list(request: OfficeRequest) -> HttpResponseBase:
    """The judge's queue."""
    return render_list(request, lists.JOBS)


@requires("judge_job.view")
def job(request: OfficeRequest, pk: int) -> HttpResponse:
    """One job: what was judged, by whom, and the verdict case by case."""
    obj = get_object_or_404(JudgeJob.objects.select_related("task", "worker", "attempt", "verdict"), pk=pk)
    verdict = getattr(obj, "verdict", None)
    return render(
        request,
        "staff/grading/job.html",
        {
            "title": _("判题作业 {key}").format(key=obj.key[:8]),
            "subtitle": obj.task.title,
            "state": obj.state,
            "machine": "judge_job",
            "verdict": verdict,
            "cases": from_json(verdict.canonical.encode()).cases if verdict else (),
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
                Fact(_("判题机"), obj.worker),
                Fact(_("运行环境"), obj.toolchain, "mono"),
                Fact(_("失败次数"), obj.tries, "number"),
                Fact(_("最近失败"), obj.last_failure),
                Fact(_("任务摘要"), obj.task_digest, "mono"),
                Fact(_("作答摘要"), obj.submission_digest, "mono"),
                Fact(_("环境摘要"), verdict.toolchain_digest if verdict else None, "mono"),
                Fact(_("判定摘要"), verdict.sha256 if verdict else None, "mono"),
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
    obj = scoped_get(lists.RESULTS.queryset(request), pk)
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
            "versions": [row for row in versions if row.pk != obj.pk],
            "page_actions": (
                [PageAction(_("申请复核"), reverse("appeal_new", args=[pk]), "chat")] if may_appeal else []
            ),
            "facts": [
                Fact(_("院校"), registration.school),
                Fact(_("级别"), registration.level),
                Fact(_("理论"), obj.theory),
                Fact(_("实操"), obj.practical),
                Fact(_("综合"), obj.composite),
                Fact(_("结论"), obj.get_outcome_display()),
                Fact(_("规则"), obj.rule_set),
                Fact(_("版本"), obj.version),
            ],
            "happenings": timeline(obj),
        },
    )


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
    jobs = JudgeJob.objects.filter(attempt=obj.attempt_id, item=obj.item, counts=True).select_related("task")
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
            "job": jobs.first(),
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
                Fact(_("满分"), obj.max_points),
                Fact(_("阅卷方式"), obj.mode, "mono"),
                Fact(_("双评阈值"), obj.threshold),
                Fact(_("定分"), obj.settled_points),
            ],
            "happenings": timeline(obj) if leader else [],
        },
    )


@requires("marking.allocate")
def marking_allocate(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give an answer to a marker."""
    obj = get_object_or_404(MarkingTask.objects.select_related("attempt__registration"), pk=pk)
    return form_page(
        request,
        AllocateForm,
        lambda data: marking.allocate(task=obj, actor=request.actor, now=request.now, **data),
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
        lambda data: marking.submit(marking=row, actor=request.actor, now=request.now, **data),
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
        lambda **data: marking.adjudicate(task=obj, actor=request.actor, now=request.now, **data),
        organisation=None,
        done=reverse("marking_task", args=[pk]),
        form_class=AdjudicateForm,
    )


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
        lambda data: regrade.propose(actor=request.actor, now=request.now, **data),
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
        regrade.assess(proposal=obj, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(reverse("regrade", args=[pk]))


def regrade_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Approve (two people), reject or apply a proposal."""
    obj = get_object_or_404(RegradeProposal.objects.select_related("sitting__plan__rule_set"), pk=pk)
    common: dict[str, Any] = {"proposal": obj, "actor": request.actor, "now": request.now}

    def verb(reason: str = "") -> object:
        if event == "apply":
            return regrade.apply(**common)
        if event == "reject":
            return regrade.reject(reason=reason, **common)
        return regrade.approve(person=request.access.person, **common)

    if event not in ("first_approve", "second_approve", "reject", "apply"):
        raise Http404
    return event_page(request, obj, event, verb, organisation=None, done=reverse("regrade", args=[pk]))


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
    obj = scoped_get(lists.RESULTS.queryset(request), pk)
    return form_page(
        request,
        AppealForm,
        lambda data: appeals.lodge(
            result=obj, grounds=data["grounds"], window=APPEAL_WINDOW, actor=request.actor, now=request.now
        ),
        title=_("申请复核"),
        intro=_("成绩发布后 {days} 天内可以申请。").format(days=APPEAL_WINDOW.days),
        done=lambda row: reverse("appeal", args=[row.pk]),
        submit=_("提交申请"),
        cancel=reverse("result", args=[pk]),
    )


def appeal_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Accept, uphold or dismiss."""
    obj: Appeal = scoped_get(lists.APPEALS.queryset(request), pk)
    common: dict[str, Any] = {"appeal": obj, "actor": request.actor, "now": request.now}

    def verb(decision: str = "") -> object:
        if event == "accept":
            return appeals.accept(**common)
        return appeals.answer(upheld=event == "uphold", decision=decision, **common)

    if event not in ("accept", "uphold", "dismiss"):
        raise Http404
    form_class = None if event == "accept" else DecisionForm
    return event_page(
        request,
        obj,
        event,
        verb,
        organisation=obj.result.registration.school,
        done=reverse("appeal", args=[pk]),
        form_class=form_class,
    )
