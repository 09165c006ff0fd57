"""Pages of similar programs: checks, pairs, one pair side by side over the seats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jinbang.accounts.domain.operations import begin_operation
from jinbang.accounts.models import Operation
from jinbang.content.models import PracticalTask
from jinbang.exams.models import Sitting
from jinbang.grading.domain import misconduct
from jinbang.grading.models import JudgeJob, MisconductCase, SimilarityCheck, SimilarPair
from jinbang.grading.queries.similarity import room_grid
from jinbang.grading.queries.submissions import counting_jobs, submitted_files
from jinbang.grading.tasks import check_similarity
from jinbang.web.shell.access import requires
from jinbang.web.shell.code import code_files
from jinbang.web.shell.details import Fact
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction, model_choices
from jinbang.web.shell.requests import OfficeRequest

CHECKS = ListSpec(
    key="similarity",
    title=gettext_lazy("程序查重"),
    intro=gettext_lazy("比较同一场考试、同一任务的全部作答。相似只是查看的理由，由人比对代码和座位后判断。"),
    queryset=lambda request: SimilarityCheck.objects.select_related("sitting", "task").annotate(
        found=Count("pairs"), neighbours=Count("pairs", filter=Q(pairs__distance=1))
    ),
    columns=[
        Column("task", gettext_lazy("任务"), "task.title", sort="task__title"),
        Column("sitting", gettext_lazy("考试"), "sitting.name", sort="sitting__date"),
        Column("submissions", gettext_lazy("作答份数"), kind="number", sort="submissions"),
        Column("found", gettext_lazy("相似对数"), kind="number", sort="found"),
        Column("neighbours", gettext_lazy("其中邻座"), kind="number", sort="neighbours"),
        Column("at", gettext_lazy("查重时间"), "checked_at", kind="datetime", sort="checked_at"),
        Column("by", gettext_lazy("查重人"), "checked_by", default=False),
    ],
    search=["task__title", "sitting__name"],
    filters=[
        Filter("sitting", gettext_lazy("考试"), model_choices(lambda request: Sitting.objects.order_by("-date"))),
    ],
    default_order=["-checked_at"],
    row_url=lambda check: reverse("similarity_pairs", args=[check.pk]),
    empty=Empty(gettext_lazy("还没有查重"), gettext_lazy("考试结束、作答进入判题队列后，可以按任务查重。")),
    actions=lambda request: [PageAction(gettext_lazy("开始查重"), reverse("similarity_new"), "search", primary=True)],
)


def _apart(pair: SimilarPair) -> str:
    if pair.distance is None:
        return _("不同考场")
    return _("邻座") if pair.distance == 1 else str(_("相隔 {n}")).format(n=pair.distance)


def pairs_spec(check: SimilarityCheck) -> ListSpec:
    """The pairs of one check, best first."""
    return ListSpec(
        key="similar-pairs",
        title=str(_("{task}：{n} 份作答")).format(task=check.task.title, n=check.submissions),
        intro=_("分值是较短的一份中与另一份相同的比例。座位是考试时的实际座位，换座的以新座位为准。"),
        queryset=lambda request: SimilarPair.objects.filter(check_run=check).select_related(
            "first__attempt__seat__room", "second__attempt__seat__room"
        ),
        columns=[
            Column("score", _("相似度"), kind="number", sort="score"),
            Column("first", _("甲"), "first.attempt.ticket_number", kind="mono"),
            Column("first_seat", _("甲座位"), lambda pair: str(pair.first.attempt.seat)),
            Column("second", _("乙"), "second.attempt.ticket_number", kind="mono"),
            Column("second_seat", _("乙座位"), lambda pair: str(pair.second.attempt.seat)),
            Column("apart", _("距离"), _apart, sort="distance"),
            Column("regions", _("相同片段"), lambda pair: len(pair.regions), kind="number"),
            Column("shared", _("相同指纹"), kind="number", sort="shared", default=False),
        ],
        search=["first__attempt__ticket_number__startswith", "second__attempt__ticket_number__startswith"],
        filters=[Filter("distance", _("距离"), [("1", _("邻座")), ("2", str(_("相隔 {n}")).format(n=2))])],
        default_order=["-score"],
        row_url=lambda pair: reverse("similar_pair", args=[pair.pk]),
        empty=Empty(_("没有相似的程序"), _("没有两份作答达到下限。")),
    )


class CheckForm(forms.Form):
    """Which task of which sitting."""

    sitting = forms.ModelChoiceField(
        label=gettext_lazy("考试"), queryset=Sitting.objects.filter(state__in=("closed", "released")).order_by("-date")
    )
    task = forms.ModelChoiceField(
        label=gettext_lazy("任务"),
        queryset=PracticalTask.objects.order_by("slug", "-added_at"),
        help_text=gettext_lazy("同一任务的各个版本一起比较；下发的起始代码和材料不计。"),
    )


@requires("similarity.view")
def check_list(request: OfficeRequest) -> HttpResponseBase:
    """Checks made so far."""
    return render_list(request, CHECKS)


@requires("similarity.view")
def check_new(request: OfficeRequest) -> HttpResponse:
    """Compare the programs of a sitting's task; the comparing runs in the background."""

    def begin(data: dict[str, Any]) -> Operation:
        sitting, task = data["sitting"], data["task"]
        total = counting_jobs(sitting, task).count()
        title = str(_("查重：{task}")).format(task=task.title)
        operation = begin_operation(person=request.access.person, title=title, now=request.now, total=total)
        check_similarity.enqueue(sitting.pk, task.pk, asdict(request.actor), str(operation.key))
        return operation

    return form_page(
        request,
        CheckForm,
        begin,
        title=_("开始查重"),
        done=lambda operation: reverse("operation", args=[operation.key]),
        success=_("已开始查重"),
        submit=_("开始查重"),
        cancel=reverse("similarity_list"),
    )


@requires("similarity.view")
def pair_list(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """The pairs of a check; ``?export=xlsx`` gives them as a sheet."""
    check = get_object_or_404(SimilarityCheck.objects.select_related("task"), pk=pk)
    return render_list(request, pairs_spec(check))


def _pair(pk: int) -> SimilarPair:
    rows = SimilarPair.objects.select_related(
        "check_run__task",
        "check_run__sitting",
        "first__submission",
        "second__submission",
        "first__attempt__seat__room",
        "second__attempt__seat__room",
        "first__attempt__registration__site__organisation",
        "second__attempt__registration__site__organisation",
    )
    return get_object_or_404(rows, pk=pk)


@requires("similarity.view")
def pair_page(request: OfficeRequest, pk: int) -> HttpResponse:
    """Two programs side by side, and where their authors sat among everybody else's pairs."""
    pair = _pair(pk)
    seats = [pair.first.attempt.seat, pair.second.attempt.seat]
    rooms = {seat.room_id: seat.room for seat in seats}
    return render(
        request,
        "staff/grading/similar_pair.html",
        {
            "title": str(_("相似度 {score}")).format(score=pair.score),
            "subtitle": pair.check_run,
            "pair": pair,
            "regions": pair.regions,
            "first_files": _marked(pair.first, pair.regions, "first"),
            "second_files": _marked(pair.second, pair.regions, "second"),
            "rooms": [(room, room_grid(pair.check_run, room)) for room in rooms.values()],
            "page_actions": _reports(request, pair),
            "facts": [
                Fact(_("甲"), f"{pair.first.attempt.ticket_number} · {seats[0]}", "mono"),
                Fact(_("乙"), f"{pair.second.attempt.ticket_number} · {seats[1]}", "mono"),
                Fact(_("距离"), _apart(pair)),
                Fact(_("作答份数"), pair.check_run.submissions, "number"),
            ],
        },
    )


def _marked(job: JudgeJob, regions: list[dict[str, Any]], side: str) -> object:
    marks = [(region[f"{side}_file"], *region[f"{side}_lines"]) for region in regions]
    return code_files(submitted_files(job), marks, side="A" if side == "first" else "B")


def _reports(request: OfficeRequest, pair: SimilarPair) -> list[PageAction]:
    sides = (("first", pair.first, _("报告甲")), ("second", pair.second, _("报告乙")))
    return [
        PageAction(label, reverse("similar_pair_report", args=[pair.pk, side]), "gavel")
        for side, job, label in sides
        if request.access.can("misconduct.report", job.attempt.registration.site.organisation)
    ]


class ReportForm(forms.Form):
    """A case against one of the two."""

    kind = forms.ChoiceField(label=gettext_lazy("性质"), choices=MisconductCase.Kind.choices, initial="cheating")
    facts = forms.CharField(
        label=gettext_lazy("事实"),
        help_text=gettext_lazy("写明比对了哪些片段、两人座位和为何不可能是巧合。相似度本身不是事实。"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@requires("misconduct.report")
def pair_report(request: OfficeRequest, pk: int, side: str) -> HttpResponse:
    """Open a misconduct case against one author of a pair."""
    request.access.require("similarity.view")
    pair = _pair(pk)
    if side not in ("first", "second"):
        raise Http404
    job = pair.first if side == "first" else pair.second
    request.access.require("misconduct.report", job.attempt.registration.site.organisation)

    def report(data: dict[str, Any]) -> MisconductCase:
        return misconduct.report(
            registration=job.attempt.registration,
            attempt=job.attempt,
            kind=data["kind"],
            facts=data["facts"],
            actor=request.actor,
            now=request.now,
        )

    return form_page(
        request,
        ReportForm,
        report,
        title=str(_("报告 {ticket}")).format(ticket=job.attempt.ticket_number),
        done=_after_report(request, pair),
        success=_("已报告"),
        submit=_("报告"),
        cancel=reverse("similar_pair", args=[pk]),
        initial={"kind": "cheating", "facts": _opening(pair)},
    )


def _after_report(request: OfficeRequest, pair: SimilarPair) -> Callable[[MisconductCase], str]:
    if request.access.can("misconduct.view"):
        return lambda case: reverse("misconduct", args=[case.pk])
    return lambda case: reverse("similar_pair", args=[pair.pk])


def _opening(pair: SimilarPair) -> str:
    text = _(
        "实操任务“{task}”：{first}（{first_seat}）与 {second}（{second_seat}）的程序相似度 {score}，相同片段 {n} 处。"
    )
    return str(text).format(
        task=pair.check_run.task.title,
        first=pair.first.attempt.ticket_number,
        first_seat=pair.first.attempt.seat,
        second=pair.second.attempt.ticket_number,
        second_seat=pair.second.attempt.seat,
        score=pair.score,
        n=len(pair.regions),
    )
