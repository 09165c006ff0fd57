"""Menu, waiting items and words of marking and results."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.exams.models import Sitting
from jinbang.grading.models import Appeal, JudgeJob, Marking, MarkingTask, MisconductCase, RegradeProposal
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

add_entry(Entry("grading", _("成绩"), "result_list", icon="chart", ability="result.view", order=10))
add_entry(Entry("grading", _("判题队列"), "judge_job_list", icon="practice", ability="judge_job.view", order=20))
add_entry(Entry("grading", _("人工阅卷"), "marking_list", icon="pen", ability="marking.view", order=30))
add_entry(Entry("grading", _("重判"), "regrade_list", icon="refresh", ability="regrade.view", order=40))
add_entry(Entry("grading", _("程序查重"), "similarity_list", icon="copy", ability="similarity.view", order=45))
add_entry(Entry("grading", _("成绩复核"), "appeal_list", icon="chat", ability="appeal.view", order=50))
add_entry(Entry("grading", _("违纪与作弊"), "misconduct_list", icon="gavel", ability="misconduct.view", order=60))
add_entry(Entry("grading", _("上报违规"), "misconduct_new", icon="pen", ability="misconduct.report", order=70))


@waiting_source
def grading_work(access: Access) -> list[WaitingItem]:
    """Buried jobs, answers to mark, disputes, regrades, appeals, cases, results to release."""
    found: list[WaitingItem] = []

    def add(ability: str, title: object, rows: object, url: str, urgency: str) -> None:
        if access.can(ability):
            found.append(WaitingItem(title, rows.count(), url, urgency))  # type: ignore[arg-type, attr-defined]

    jobs, tasks = reverse("judge_job_list"), reverse("marking_list")
    add("judge_job.requeue", _("判题失败待处理"), JudgeJob.objects.filter(state="dead"), jobs + "?state=dead", "danger")
    mine = Marking.objects.filter(marker=access.person, marked_at__isnull=True)
    add("marking.submit", _("待我评分的作答"), mine, tasks + "?state=allocated", "warning")
    disputed = MarkingTask.objects.filter(state="disputed")
    add("marking.adjudicate", _("待仲裁的作答"), disputed, tasks + "?state=disputed", "warning")
    regrades = RegradeProposal.objects.filter(state__in=("proposed", "half_approved"))
    add("regrade.first_approve", _("待批准的重判"), regrades, reverse("regrade_list"), "warning")
    appeals = Appeal.objects.filter(state__in=("lodged", "under_review"))
    add("appeal.accept", _("待处理的复核"), appeals, reverse("appeal_list"), "warning")
    cases = MisconductCase.objects.filter(state__in=("reported", "notified", "heard"))
    add("misconduct.decide", _("待处理的违纪"), cases, reverse("misconduct_list"), "warning")
    closed = Sitting.objects.filter(state="closed")
    add("result.release", _("待发布成绩的考试"), closed, reverse("results_of_sittings"), "info")
    return found


name_actions(
    {
        "sitting.compute_results": ("合成成绩", "Computed the results"),
        "judge_worker.register": ("登记判题机", "Registered the judge host"),
        "judge_worker.retire": ("停用判题机", "Retired the judge host"),
        "similarity.check": ("程序查重", "Compared the programs"),
        "misconduct.report": ("报告违纪", "Reported misconduct"),
        "marking.give": ("分给阅卷员", "Given to a marker"),
        "marking.mark": ("提交评分", "Handed in a mark"),
        "appeal.lodge": ("申请复核", "Lodged an appeal"),
        "regrade.propose": ("提出重判", "Proposed a regrade"),
        "regrade.assess": ("计算重判影响", "Worked out the effects of the regrade"),
    }
)
