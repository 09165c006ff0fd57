"""Lists of practical practice."""

from __future__ import annotations

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.content.models import PracticalTask
from jinbang.grading.models import JudgeJob
from jinbang.learning.domain import programs
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction, model_choices
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.words import judged
from jinbang.web.templatetags.grading import points


def program_tasks(request: OfficeRequest) -> QuerySet[PracticalTask]:
    """Tasks that are open for practice."""
    return programs.practice_tasks().select_related("level__certificate_type", "package")


TASKS = ListSpec(
    key="programs",
    title=_("实操练习"),
    intro=_("选一个任务，下载材料，写好程序后运行；只运行考生可见的测试点，不计入任何考试。"),
    queryset=program_tasks,
    columns=[
        Column("title", _("任务"), sort="title"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("files", _("提交文件"), "file_names", kind="tags"),
        Column("toolchain", _("运行环境"), sort="toolchain", kind="mono"),
        Column("added", _("发布时间"), "added_at", kind="datetime", sort="added_at", default=False),
    ],
    search=["title", "slug"],
    filters=[Filter("level", _("级别"), model_choices(lambda request: CertificateLevel.objects.all()))],
    default_order=["level__rank", "title"],
    row_url=lambda task: reverse("program", args=[task.pk]),
    empty=Empty(_("还没有开放练习的实操任务"), _("命题人员上传任务包时选“可用于模拟练习”，任务就会出现在这里。")),
    actions=lambda request: [PageAction(_("运行环境"), reverse("toolchain_list"), "gear")],
)


def _student_runs(request: OfficeRequest) -> QuerySet[JudgeJob]:
    owner = Person.objects.filter(pk=Cast(Substr(OuterRef("practice_key"), len("person:") + 1), IntegerField()))
    runs = programs.runs_of(Person.objects.filter(teachers__teacher=request.access.person))
    return runs.annotate(student=Subquery(owner.values("name")))


STUDENT_RUNS = ListSpec(
    key="student-programs",
    title=_("学生的程序运行"),
    intro=_("已关联的学生在实操练习中的每一次运行。"),
    queryset=_student_runs,
    columns=[
        Column("at", _("时间"), "queued_at", kind="datetime", sort="queued_at"),
        Column("student", _("学生"), sort="student"),
        Column("task", _("任务"), "task.title", sort="task__title"),
        Column("level", _("级别"), "task.level.name", sort="task__level__rank"),
        Column("outcome", _("判定"), lambda run: judged(run.verdict.outcome) if hasattr(run, "verdict") else None),
        Column(
            "points",
            _("可见测试点得分"),
            lambda run: (
                f"{points(run.verdict.points)} / {points(run.verdict.max_points)}" if hasattr(run, "verdict") else None
            ),
            kind="number",
            sort="verdict__points",
        ),
        Column("state", _("状态"), kind="state", machine="judge_job", sort="state"),
    ],
    search=["task__title", "student"],
    default_order=["-queued_at"],
    row_url=lambda run: reverse("program_run", args=[run.pk]),
    empty=Empty(_("学生还没有运行过程序"), _("关联的学生在“实操练习”中运行程序后，会出现在这里。")),
    actions=lambda request: [PageAction(_("学生练习情况"), reverse("student_list"), "people")],
)
