"""Lists of training, practice, resources and support."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet, Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.models import CertificateLevel
from jinbang.learning.domain.practice import students_of
from jinbang.learning.models import (
    Enrolment,
    PracticeRun,
    Resource,
    SupportRequest,
    TrainingProgramme,
    TrainingTerm,
)
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction, model_choices, state_choices
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.templatetags.grading import plain

TERMS = ListSpec(
    key="training-terms",
    title=_("师资培训"),
    queryset=lambda request: (
        TrainingTerm.objects.select_related("programme")
        .prefetch_related("sessions")
        .annotate(places=Count("enrolments", filter=~Q(enrolments__state="withdrawn"), distinct=True))
    ),
    columns=[
        Column("topic", _("主题"), sort="topic"),
        Column("programme", _("项目"), "programme.name", sort=("programme", "ordinal")),
        Column("ordinal", _("期数"), kind="number"),
        Column("days", _("培训日"), lambda term: [f"{day.date:%m-%d}" for day in term.sessions.all()], kind="tags"),
        Column("hours", _("学时"), lambda term: sum(day.hours for day in term.sessions.all()), kind="number"),
        Column("places", _("已报名"), kind="number", sort="places"),
        Column("closes", _("报名截止"), "enrolment_closes", kind="datetime", sort="enrolment_closes"),
    ],
    search=["topic", "programme__name"],
    filters=[Filter("programme", _("项目"), model_choices(lambda request: TrainingProgramme.objects.all()))],
    default_order=["programme", "ordinal"],
    row_url=lambda term: reverse("training_term", args=[term.pk]),
    empty=Empty(_("还没有培训安排")),
)

ENROLMENTS = ListSpec(
    key="enrolments",
    title=_("学员与学时"),
    queryset=lambda request: Enrolment.objects.select_related("person__home_organisation", "term__programme").annotate(
        earned=Sum("attendance__hours")
    ),
    columns=[
        Column("person", _("学员"), "person.name", sort="person__name"),
        Column("school", _("单位"), "person.home_organisation.name", sort="person__home_organisation__name"),
        Column("term", _("培训"), lambda row: str(row.term)),
        Column("earned", _("已修学时"), lambda row: row.earned or 0, kind="number"),
        Column("state", _("状态"), kind="state", machine="training_enrolment", sort="state"),
    ],
    search=["person__name", "person__home_organisation__name"],
    filters=[
        Filter("term", _("培训"), model_choices(lambda request: TrainingTerm.objects.select_related("programme"))),
        Filter("state", _("状态"), state_choices("training_enrolment")),
    ],
    default_order=["term", "person__name"],
    row_url=lambda row: reverse("attendance", args=[row.pk]),
    empty=Empty(_("还没有人报名")),
)

RUNS = ListSpec(
    key="practice",
    title=_("我的模拟练习"),
    queryset=lambda request: PracticeRun.objects.filter(student=request.access.person).select_related("level"),
    columns=[
        Column("started", _("开始时间"), "started_at", kind="datetime", sort="started_at"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("items", _("题数"), lambda run: len(run.items), kind="number"),
        Column("finished", _("交卷时间"), "finished_at", kind="datetime", sort="finished_at"),
        Column(
            "score",
            _("成绩"),
            lambda run: plain(run.score),
            kind="number",
            sort="score",
        ),
    ],
    filters=[Filter("level", _("级别"), model_choices(lambda request: CertificateLevel.objects.all()))],
    default_order=["-started_at"],
    row_url=lambda run: reverse("practice", args=[run.pk]),
    empty=Empty(
        _("还没有练习记录"),
        _("选择级别，系统随机抽题，交卷后立即给出成绩和解析。"),
        PageAction(_("开始练习"), "/centre/practice/new/", primary=True),
    ),
    actions=lambda request: [PageAction(_("开始练习"), reverse("practice_choose"), "play", primary=True)],
)

STUDENTS = ListSpec(
    key="students",
    title=_("学生练习情况"),
    queryset=lambda request: students_of(request.access.person),
    columns=[
        Column("name", _("学生"), sort="name"),
        Column("practices", _("练习次数"), kind="number", sort="practices"),
        Column("best", _("最高分"), lambda row: plain(row.best), kind="number", sort="best"),
        Column("mean", _("平均分"), lambda row: plain(row.mean and round(row.mean, 1)), kind="number"),
        Column("last", _("最近练习"), "last", kind="datetime", sort="last"),
    ],
    search=["name", "username"],
    default_order=["name"],
    empty=Empty(_("还没有关联的学生"), _("关联学生账号后，可以看到他们的练习次数和成绩。")),
    actions=lambda request: [
        PageAction(_("学生的程序运行"), reverse("student_runs"), "play"),
        PageAction(_("关联学生"), reverse("student_link"), "plus", primary=True),
    ],
)


def _shelf(request: OfficeRequest) -> QuerySet[Resource]:
    rows = Resource.objects.filter(published_at__isnull=False).select_related("file", "level")
    roles = set(request.access.roles)
    return rows if roles - {"student"} else rows.filter(teachers_only=False)


RESOURCES = ListSpec(
    key="resources",
    title=_("教学资源"),
    queryset=lambda request: _shelf(request).annotate(fetched=Count("downloads")),
    columns=[
        Column("title", _("标题"), sort="title"),
        Column("kind", _("类别"), "get_kind_display", sort="kind"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("summary", _("简介")),
        Column("size", _("大小"), lambda row: filesizeformat(row.file.size)),
        Column("fetched", _("下载次数"), kind="number", sort="fetched"),
        Column("published", _("发布时间"), "published_at", kind="datetime", sort="published_at"),
    ],
    search=["title", "summary"],
    filters=[
        Filter("kind", _("类别"), Resource.Kind.choices),
        Filter("level", _("级别"), model_choices(lambda request: CertificateLevel.objects.all())),
    ],
    default_order=["kind", "title"],
    row_url=lambda resource: reverse("resource_download", args=[resource.pk]),
    empty=Empty(_("还没有资源")),
    actions=lambda request: (
        [PageAction(_("发布资源"), reverse("resource_new"), "plus", primary=True)]
        if request.access.can("resource.manage")
        else []
    ),
)


def _requests(request: OfficeRequest) -> QuerySet[SupportRequest]:
    """Questions asked by or put to the person, and but for support agents those of the schools they cover."""
    person = request.access.person
    visible = Q(contact=person) | Q(asked_by=person)
    if set(request.access.roles) != {"support_agent"}:
        visible |= request.access.scope("support_request.view").q("school")
    return SupportRequest.objects.filter(visible).select_related("school", "asked_by", "contact")


REQUESTS = ListSpec(
    key="support",
    title=_("问题与答复"),
    queryset=_requests,
    columns=[
        Column("subject", _("标题"), sort="subject"),
        Column("school", _("院校"), "school.name", sort="school__name"),
        Column("contact", _("联系人"), "contact.name", sort="contact__name"),
        Column("asked", _("提问时间"), "asked_at", kind="datetime", sort="asked_at"),
        Column("answered", _("答复时间"), "answered_at", kind="datetime", sort="answered_at"),
        Column("state", _("状态"), kind="state", machine="support_request", sort="state"),
    ],
    search=["subject", "question", "school__name"],
    filters=[Filter("state", _("状态"), state_choices("support_request"))],
    default_order=["-asked_at"],
    row_url=lambda row: reverse("support_request", args=[row.pk]),
    empty=Empty(_("没有问题"), _("提问会转给所在区域的联系人。")),
    actions=lambda request: (
        [PageAction(_("提问"), reverse("support_new"), "plus", primary=True)]
        if request.access.can("support_request.ask")
        else []
    ),
)
