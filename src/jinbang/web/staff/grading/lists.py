"""Lists of marking and results."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.exams.models import Sitting
from jinbang.grading.models import Appeal, JudgeJob, JudgeWorker, MisconductCase, RegradeProposal, Result
from jinbang.grading.permissions import visible_results
from jinbang.grading.queries.submissions import readable_tasks
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction, model_choices, state_choices
from jinbang.web.shell.words import judged, mode, phase
from jinbang.web.templatetags.grading import plain, points

SITTINGS = model_choices(lambda request: Sitting.objects.order_by("-date"))

JOBS = ListSpec(
    key="judge-jobs",
    title=_("判题队列"),
    intro=_("考试作答优先于练习；判题机失去联系时作业自动交还，三次失败后转为待处理，绝不记 0 分。"),
    queryset=lambda request: JudgeJob.objects.select_related("task", "worker", "verdict", "attempt"),
    columns=[
        Column("key", _("作业"), lambda job: job.key[:8], kind="mono"),
        Column("kind", _("用途"), "get_kind_display", sort="priority"),
        Column("ticket", _("准考证号"), "attempt.ticket_number", kind="mono"),
        Column("task", _("任务"), "task.title", sort="task__title"),
        Column("outcome", _("判定"), lambda job: judged(job.verdict.outcome) if hasattr(job, "verdict") else None),
        Column(
            "points",
            _("得分"),
            lambda job: points(job.verdict.points) if hasattr(job, "verdict") else None,
            kind="number",
        ),
        Column("worker", _("判题机"), "worker.name", sort="worker__name"),
        Column("phase", _("阶段"), lambda job: phase(job.phase), default=False),
        Column("tries", _("失败次数"), sort="tries", kind="number", default=False),
        Column("queued", _("入队时间"), "queued_at", kind="datetime", sort="queued_at"),
        Column("state", _("状态"), kind="state", machine="judge_job", sort="state"),
    ],
    search=["key__startswith", "task__title", "attempt__ticket_number__startswith"],
    filters=[
        Filter("state", _("状态"), state_choices("judge_job")),
        Filter("kind", _("用途"), JudgeJob.Kind.choices),
    ],
    default_order=["-queued_at"],
    row_url=lambda job: reverse("judge_job", args=[job.pk]),
    empty=Empty(_("队列是空的"), _("考生交卷或提交练习后，作业会出现在这里。")),
    actions=lambda request: [PageAction(_("判题机"), reverse("judge_worker_list"), "gear")],
    refresh_s=5,
)

WORKERS = ListSpec(
    key="judge-workers",
    title=_("判题机"),
    intro=_("判题机凭令牌从本系统领取作业，不接触数据库；令牌只在登记时显示一次。"),
    queryset=lambda request: JudgeWorker.objects.all(),
    columns=[
        Column("name", _("名称"), sort="name"),
        Column("is_active", _("启用"), kind="flag", sort="is_active"),
        Column("last_seen", _("最近联系"), "last_seen_at", kind="datetime", sort="last_seen_at"),
        Column("profiles", _("运行环境"), lambda worker: sorted(worker.profiles), kind="tags"),
        Column("ok", _("自检通过"), lambda worker: bool(worker.probe.get("ok")), kind="flag"),
        Column("withdrawn", _("退出原因"), "withdrawn_reason"),
    ],
    search=["name"],
    default_order=["name"],
    empty=Empty(_("还没有判题机"), _("登记一台判题机，用得到的令牌在该机器上运行 jinbang judge worker。")),
    actions=lambda request: (
        [PageAction(_("登记判题机"), reverse("judge_worker_new"), "plus", primary=True)]
        if request.access.can("judge_job.requeue")
        else []
    ),
)


RESULTS = ListSpec(
    key="results",
    title=_("成绩"),
    intro=_("每个成绩都能展开到每一分的来源；更正产生新版本，旧版本保留。"),
    queryset=lambda request: visible_results(request.access),
    columns=[
        Column("ticket", _("准考证号"), "registration.ticket_number", sort="registration__ticket_number", kind="mono"),
        Column("name", _("姓名"), "registration.candidate.name", sort="registration__candidate__name_sort"),
        Column("school", _("院校"), "registration.school.name", sort="registration__school__name"),
        Column("level", _("级别"), "registration.level.name", sort="registration__level__rank"),
        Column("theory", _("理论"), lambda row: plain(row.theory), sort="theory", kind="number"),
        Column("practical", _("实操"), lambda row: plain(row.practical), sort="practical", kind="number"),
        Column("composite", _("综合"), lambda row: plain(row.composite), sort="composite", kind="number"),
        Column("outcome", _("结论"), "get_outcome_display", sort="outcome"),
        Column("version", _("版本"), sort="version", kind="number", default=False),
        Column("state", _("状态"), kind="state", machine="result", sort="state"),
    ],
    search=["registration__ticket_number__startswith", "registration__candidate__name", "registration__school__name"],
    filters=[
        Filter("sitting", _("考试"), SITTINGS, "registration__sitting"),
        Filter("outcome", _("结论"), Result.Outcome.choices),
        Filter("state", _("状态"), state_choices("result")),
    ],
    default_order=["registration__ticket_number"],
    row_url=lambda result: reverse("result", args=[result.pk]),
    empty=Empty(_("还没有成绩"), _("考试结束、阅卷完成后，在考试页面合成成绩。")),
    actions=lambda request: (
        [PageAction(_("合成与发布"), reverse("results_of_sittings"), "check", primary=True)]
        if request.access.can("result.release")
        else []
    ),
)

MARKING = ListSpec(
    key="marking",
    title=_("人工阅卷"),
    queryset=lambda request: readable_tasks(request.access).select_related("attempt__sitting_subject__sitting"),
    columns=[
        Column("id", _("密号"), lambda task: f"M{task.pk:06d}", sort="pk", kind="mono"),
        Column("sitting", _("考试"), "attempt.sitting_subject.sitting.name"),
        Column("part", _("评分点"), sort="part"),
        Column("max_points", _("满分"), lambda task: points(task.max_points), kind="number"),
        Column("mode", _("阅卷方式"), lambda task: mode(task.mode), sort="mode"),
        Column("settled", _("定分"), lambda task: plain(task.settled_points), kind="number"),
        Column("state", _("状态"), kind="state", machine="marking", sort="state"),
    ],
    search=["part"],
    filters=[Filter("state", _("状态"), state_choices("marking"))],
    default_order=["pk"],
    row_url=lambda task: reverse("marking_task", args=[task.pk]),
    empty=Empty(_("没有需要人工评分的作答"), _("任务中由人评分的评分点会在机器判题后出现在这里。")),
)


def changed(proposal: RegradeProposal) -> int:
    """How many composites a regrade would change."""
    return sum(effect["before"] != effect["after"] for effect in proposal.effects)


REGRADES = ListSpec(
    key="regrades",
    title=_("重判"),
    intro=_("改动测试点或限制后先试判全部作答，列出谁的分数变化、谁越过合格线；两人批准后才生效。"),
    queryset=lambda request: RegradeProposal.objects.select_related("sitting", "new_task"),
    columns=[
        Column("task", _("任务"), "new_task.title"),
        Column("sitting", _("考试"), "sitting.name"),
        Column("by", _("提出人"), "proposed_by"),
        Column("at", _("提出时间"), "proposed_at", kind="datetime", sort="proposed_at"),
        Column("changed", _("分数变化"), lambda row: changed(row) if row.effects else None, kind="number"),
        Column(
            "crossing",
            _("越过合格线"),
            lambda row: sum(effect["crosses"] for effect in row.effects) if row.effects else None,
            kind="number",
        ),
        Column("state", _("状态"), kind="state", machine="regrade", sort="state"),
    ],
    search=["new_task__title", "reason"],
    filters=[Filter("state", _("状态"), state_choices("regrade"))],
    default_order=["-proposed_at"],
    row_url=lambda row: reverse("regrade", args=[row.pk]),
    empty=Empty(_("没有重判提议"), _("测试点有误时，由阅卷组长提出。")),
    actions=lambda request: (
        [PageAction(_("提出重判"), reverse("regrade_new"), "plus", primary=True)]
        if request.access.can("regrade.propose")
        else []
    ),
)

MISCONDUCT = ListSpec(
    key="misconduct",
    title=_("违纪与作弊"),
    queryset=lambda request: MisconductCase.objects.filter(
        request.access.scope("misconduct.view").q("registration__site__organisation")
    ).select_related("registration__candidate", "registration__sitting"),
    columns=[
        Column("ticket", _("准考证号"), "registration.ticket_number", kind="mono"),
        Column("name", _("姓名"), "registration.candidate.name"),
        Column("sitting", _("考试"), "registration.sitting.name"),
        Column("kind", _("性质"), "get_kind_display", sort="kind"),
        Column("by", _("报告人"), "reported_by"),
        Column("at", _("报告时间"), "reported_at", kind="datetime", sort="reported_at"),
        Column("state", _("状态"), kind="state", machine="misconduct", sort="state"),
    ],
    search=["registration__ticket_number__startswith", "registration__candidate__name", "facts"],
    filters=[
        Filter("state", _("状态"), state_choices("misconduct")),
        Filter("kind", _("性质"), MisconductCase.Kind.choices),
    ],
    default_order=["-reported_at"],
    row_url=lambda case: reverse("misconduct", args=[case.pk]),
    empty=Empty(_("没有违纪记录"), _("监考员在考场发现违规后上报，考务管理员依程序处理。")),
    actions=lambda request: (
        [PageAction(_("上报违规"), reverse("misconduct_new"), "plus", primary=True)]
        if request.access.can("misconduct.report")
        else []
    ),
)

APPEALS = ListSpec(
    key="appeals",
    title=_("成绩复核"),
    queryset=lambda request: Appeal.objects.filter(
        request.access.scope("appeal.view").q("result__registration__school")
    ).select_related("result__registration__candidate", "result__registration__sitting"),
    columns=[
        Column("ticket", _("准考证号"), "result.registration.ticket_number", kind="mono"),
        Column("name", _("姓名"), "result.registration.candidate.name"),
        Column("sitting", _("考试"), "result.registration.sitting.name"),
        Column("composite", _("原综合成绩"), lambda row: plain(row.result.composite), kind="number"),
        Column("at", _("申请时间"), "lodged_at", kind="datetime", sort="lodged_at"),
        Column("state", _("状态"), kind="state", machine="appeal", sort="state"),
    ],
    search=["result__registration__ticket_number__startswith", "result__registration__candidate__name"],
    filters=[Filter("state", _("状态"), state_choices("appeal"))],
    default_order=["-lodged_at"],
    row_url=lambda appeal: reverse("appeal", args=[appeal.pk]),
    empty=Empty(_("没有复核申请"), _("成绩发布后，院校可在成绩页面为考生申请复核。")),
)
