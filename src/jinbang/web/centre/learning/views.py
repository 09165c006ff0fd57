"""Pages of training, mock practice, resources and support."""

from __future__ import annotations

import io
import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jinbang.accounts.models import Person, Role
from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.models import CertificateLevel
from jinbang.core.errors import Refusal
from jinbang.learning.domain import practice, resources, support, training
from jinbang.learning.models import (
    Enrolment,
    PracticeRun,
    Resource,
    SupportRequest,
    TeacherLink,
    TrainingSession,
    TrainingTerm,
)
from jinbang.web.centre.learning.lists import ENROLMENTS, REQUESTS, RESOURCES, RUNS, STUDENTS, TERMS
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file
from jinbang.web.templatetags.grading import points


@requires("training.view")
def term_list(request: OfficeRequest) -> HttpResponseBase:
    """Every training term."""
    return render_list(request, TERMS)


@requires("training.view")
def term(request: OfficeRequest, pk: int) -> HttpResponse:
    """One term with its days."""
    obj = get_object_or_404(TrainingTerm.objects.select_related("programme"), pk=pk)
    own = obj.enrolments.filter(person=request.access.person).exclude(state="withdrawn").first()
    page_actions = []
    if own is None and request.access.can("training_enrolment.enrol") and request.now <= obj.enrolment_closes:
        page_actions.append(PageAction(_("报名"), reverse("training_enrol", args=[pk]), "check", primary=True))
    if request.access.can("training.manage"):
        page_actions.append(PageAction(_("学员与学时"), reverse("enrolment_list") + f"?term={pk}", "people"))
    return render(
        request,
        "centre/learning/term.html",
        {
            "title": obj.topic,
            "subtitle": f"{obj.programme} · {_('第 {n} 期').format(n=obj.ordinal)}",
            "page_actions": page_actions,
            "enrolment": own,
            "days": obj.sessions.order_by("date"),
            "earned": training.hours_earned(own) if own else 0,
            "total": training.hours_of(obj),
            "facts": [
                Fact(_("学时"), training.hours_of(obj)),
                Fact(_("名额"), obj.capacity, "number"),
                Fact(_("已报名"), obj.enrolments.exclude(state="withdrawn").count(), "number"),
                Fact(_("报名截止"), obj.enrolment_closes, "datetime"),
            ],
            "actions": (
                event_actions(
                    request,
                    own,
                    organisation=None,
                    url=lambda event: reverse("enrolment_event", args=[own.pk, event]),
                    hide=("complete",),
                )
                if own
                else []
            ),
        },
    )


class EmptyForm(forms.Form):
    """Nothing to fill in."""


@requires("training_enrolment.enrol")
def training_enrol(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a place in a term."""
    obj = get_object_or_404(TrainingTerm.objects.select_related("programme"), pk=pk)
    return form_page(
        request,
        EmptyForm,
        lambda data: training.enrol(term=obj, person=request.access.person, actor=request.actor, now=request.now),
        title=_("报名：{topic}").format(topic=obj.topic),
        intro=_("培训日与其他已报名的培训冲突时，系统会指出冲突日期。"),
        done=lambda row: reverse("training_term", args=[pk]),
        success=_("报名成功"),
        submit=_("确认报名"),
        cancel=reverse("training_term", args=[pk]),
    )


def enrolment_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Withdraw from a term."""
    own = Enrolment.objects.filter(person=request.access.person)
    rows = Enrolment.objects.all() if request.access.can("training.manage") else own
    obj = scoped_get(rows, pk)
    if event != "withdraw":
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda: training.withdraw(enrolment=obj, actor=request.actor, now=request.now),
        organisation=None,
        done=reverse("training_term", args=[obj.term_id]),
    )


@requires("training.manage")
def enrolment_list(request: OfficeRequest) -> HttpResponseBase:
    """Who has a place, with hours."""
    return render_list(request, ENROLMENTS)


class AttendanceForm(forms.Form):
    """Hours of one person on one day."""

    session = forms.ModelChoiceField(label=gettext_lazy("培训日"), queryset=TrainingSession.objects.none())
    hours = forms.IntegerField(label=gettext_lazy("学时"), min_value=0)

    def __init__(self, *args: Any, term: TrainingTerm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = term.sessions.order_by("date")
        self.fields["session"].label_from_instance = lambda day: f"{day.date}（{day.hours}）"


@requires("training.manage")
def attendance(request: OfficeRequest, pk: int) -> HttpResponse:
    """Record hours attended."""
    obj = get_object_or_404(Enrolment.objects.select_related("term__programme", "person"), pk=pk)
    return form_page(
        request,
        AttendanceForm,
        lambda data: training.record_attendance(enrolment=obj, actor=request.actor, now=request.now, **data),
        title=_("登记学时：{name}").format(name=obj.person.name),
        intro=str(obj.term),
        done=lambda row: reverse("enrolment_list") + f"?term={obj.term_id}",
        cancel=reverse("enrolment_list"),
        term=obj.term,
    )


@requires("practice.sit")
def practice_list(request: OfficeRequest) -> HttpResponseBase:
    """The person's own practices."""
    return render_list(request, RUNS)


@requires("practice.sit")
def practice_start(request: OfficeRequest, level: int) -> HttpResponse:
    """Draw a new practice."""
    chosen = get_object_or_404(CertificateLevel, pk=level)
    if request.method != "POST":
        raise Http404
    try:
        run = practice.start_practice(
            student=request.access.person,
            level=chosen,
            seed=secrets.randbits(31),
            actor=request.actor,
            now=request.now,
        )
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("practice_choose"))
    return HttpResponseRedirect(reverse("practice", args=[run.pk]))


@requires("practice.sit")
def practice_choose(request: OfficeRequest) -> HttpResponse:
    """Choose a level to practise."""
    levels = CertificateLevel.objects.select_related("certificate_type").order_by("certificate_type", "rank")
    rows = [(level, practice.practice_items(level).count()) for level in levels]
    return render(request, "centre/learning/practice_choose.html", {"rows": rows, "title": _("模拟练习")})


@requires("practice.sit")
def practice_run(request: OfficeRequest, pk: int) -> HttpResponse:
    """Answer a practice; once finished, see every item explained."""
    run = scoped_get(PracticeRun.objects.filter(student=request.access.person).select_related("level"), pk)
    if request.method == "POST":
        answers = {key.removeprefix("item-"): request.POST.getlist(key) for key in request.POST if key[:5] == "item-"}
        try:
            practice.finish_practice(run=run, answers=answers, actor=request.actor, now=request.now)
        except Refusal as refusal:
            messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("practice", args=[pk]))
    rows = [
        {"version": version, "mark": mark, "given": run.answers.get(str(version.pk), [])}
        for version, mark in practice.marked(run)
    ]
    page = {
        "run": run,
        "rows": rows,
        "title": _("模拟练习"),
        "score": "" if run.score is None else points(run.score),
        "right": sum(row["mark"].outcome == "right" for row in rows),
    }
    return render(request, "centre/learning/practice.html", page)


@requires("practice.oversee")
def student_list(request: OfficeRequest) -> HttpResponseBase:
    """The teacher's students: how often they practised and how well."""
    return render_list(request, STUDENTS)


class LinkForm(forms.Form):
    """Which student's practice the teacher follows."""

    username = forms.CharField(
        label=gettext_lazy("学生账号"), max_length=150, help_text=gettext_lazy("学生的用户名，须与教师同属一所院校。")
    )


@requires("practice.oversee")
def student_link(request: OfficeRequest) -> HttpResponse:
    """Follow one more student of the own school."""
    teacher = request.access.person

    def link(data: dict[str, Any]) -> TeacherLink:
        students = Person.objects.filter(grants__role=Role.STUDENT, home_organisation=teacher.home_organisation_id)
        student = students.filter(username=data["username"].strip()).first()
        if student is None:
            raise Refusal("student_unknown", _("没有这个学生账号，请核对用户名"), field="username")
        return practice.link_student(teacher=teacher, student=student, actor=request.actor, now=request.now)

    return form_page(
        request,
        LinkForm,
        link,
        title=_("关联学生"),
        done=lambda row: reverse("student_list"),
        success=_("已关联"),
        cancel=reverse("student_list"),
    )


@requires("resource.view")
def resource_list(request: OfficeRequest) -> HttpResponseBase:
    """Textbooks, courseware, source code, answer keys."""
    return render_list(request, RESOURCES)


@requires("resource.view")
def resource_download(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Fetch a resource; the download is noted."""
    obj = get_object_or_404(Resource.objects.select_related("file"), pk=pk)
    try:
        data = resources.download(resource=obj, person=request.access.person, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("resource_list"))
    return send_file(request, io.BytesIO(data), name=obj.file.name, content_type=obj.file.content_type)


class ResourceForm(forms.Form):
    """A file for the shelf."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=Resource.Kind.choices)
    title = forms.CharField(label=gettext_lazy("标题"), max_length=120)
    summary = forms.CharField(label=gettext_lazy("简介"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    level = forms.ModelChoiceField(
        label=gettext_lazy("级别"), required=False, queryset=CertificateLevel.objects.select_related("certificate_type")
    )
    file = forms.FileField(label=gettext_lazy("文件"), help_text=gettext_lazy("不超过 20 MB。"))
    teachers_only = forms.BooleanField(
        label=gettext_lazy("仅供教师"), required=False, help_text=gettext_lazy("习题答案等不向学生开放。")
    )


@requires("resource.manage")
def resource_new(request: OfficeRequest) -> HttpResponse:
    """Publish a resource."""

    def publish(data: dict[str, Any]) -> Resource:
        file = data.pop("file")
        return resources.publish_resource(
            data=file.read(),
            file_name=file.name,
            content_type=file.content_type or "application/octet-stream",
            actor=request.actor,
            now=request.now,
            **data,
        )

    return form_page(
        request,
        ResourceForm,
        publish,
        title=_("发布资源"),
        done=lambda row: reverse("resource_list"),
        submit=_("发布"),
        cancel=reverse("resource_list"),
    )


@requires("support_request.view")
def request_list(request: OfficeRequest) -> HttpResponseBase:
    """Questions of the schools that the person covers, or that were put to them."""
    return render_list(request, REQUESTS)


@requires("support_request.view")
def support_request(request: OfficeRequest, pk: int) -> HttpResponse:
    """One question and its answer."""
    obj: SupportRequest = scoped_get(REQUESTS.queryset(request), pk)
    return render(
        request,
        "shell/detail.html",
        {
            "title": obj.subject,
            "subtitle": obj.school,
            "state": obj.state,
            "machine": "support_request",
            "actions": event_actions(
                request,
                obj,
                organisation=obj.school,
                url=lambda event: reverse("support_event", args=[pk, event]),
            ),
            "facts": [
                Fact(_("问题"), obj.question),
                Fact(_("提问人"), obj.asked_by),
                Fact(_("联系人"), obj.contact),
                Fact(_("提问时间"), obj.asked_at, "datetime"),
                Fact(_("答复"), obj.answer),
                Fact(_("答复时间"), obj.answered_at, "datetime"),
            ],
            "happenings": timeline(obj),
        },
    )


class QuestionForm(forms.Form):
    """A question to the region's contact."""

    subject = forms.CharField(label=gettext_lazy("标题"), max_length=120)
    question = forms.CharField(label=gettext_lazy("问题"), widget=forms.Textarea(attrs={"rows": 5}))


class AnswerForm(forms.Form):
    """An answer."""

    text = forms.CharField(label=gettext_lazy("答复"), widget=forms.Textarea(attrs={"rows": 5}))


@requires("support_request.ask")
def support_new(request: OfficeRequest) -> HttpResponse:
    """Ask the contact of the person's region."""
    school = request.access.person.home_organisation
    if school is None:
        messages.warning(request, _("您的账号没有所属院校，请联系管理员"))
        return HttpResponseRedirect(reverse("support_list"))
    return form_page(
        request,
        QuestionForm,
        lambda data: support.ask(
            school=school, asked_by=request.access.person, actor=request.actor, now=request.now, **data
        ),
        title=_("提问"),
        intro=_("问题会转给您所在区域的联系人。"),
        done=lambda row: reverse("support_request", args=[row.pk]),
        success=_("已提交"),
        submit=_("提交"),
        cancel=reverse("support_list"),
    )


def support_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Answer, reopen or close."""
    obj: SupportRequest = scoped_get(REQUESTS.queryset(request), pk)
    verbs: dict[str, Any] = {"answer": support.answer, "reopen": support.reopen, "close": support.close}
    if event not in verbs:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: verbs[event](request=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.school,
        done=reverse("support_request", args=[pk]),
        form_class=AnswerForm if event == "answer" else None,
    )
