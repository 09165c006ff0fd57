"""Pages of the item bank: items, forms, practical tasks."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accreditation.models import CertificateLevel
from jinbang.content.domain import forms as form_verbs
from jinbang.content.domain.items import add_item, current_version, retire_item, review_item, revise_item, submit_item
from jinbang.content.domain.tasks import add_task
from jinbang.content.domain.transfer import Bank, ImportOutcome, export_bank, import_bank, parse_bank
from jinbang.content.models import Form, Item, PracticalTask
from jinbang.content.models.form import Subject
from jinbang.core.errors import Refusal, RowErrors
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.content.forms import BankForm, NewItemForm, ReviewForm, TaskForm, WordingForm, initial_of
from jinbang.web.staff.content.lists import FORMS, ITEMS, TASKS
from jinbang.web.templatetags.grading import points

SHOWN_FAULTS = 12


@requires("item.view")
def item_list(request: OfficeRequest) -> HttpResponseBase:
    """Every item of the bank."""
    return render_list(request, ITEMS)


@requires("item.view")
def item(request: OfficeRequest, pk: int) -> HttpResponse:
    """One item as a candidate sees it, with its key, versions and history."""
    obj = get_object_or_404(Item.objects.select_related("level__certificate_type", "skill_point", "author"), pk=pk)
    versions = list(obj.versions.order_by("-number"))
    editable = request.access.can("item.edit") and obj.state in ("draft", "accepted")
    return render(
        request,
        "staff/content/item.html",
        {
            "title": obj.code,
            "subtitle": obj.get_kind_display(),
            "state": obj.state,
            "machine": "item",
            "version": versions[0],
            "older": versions[1:],
            "true_false": obj.kind == Item.Kind.TRUE_FALSE,
            "page_actions": [PageAction(_("修改"), reverse("item_edit", args=[pk]), "edit")] if editable else [],
            "actions": event_actions(
                request,
                obj,
                organisation=None,
                url=lambda event: reverse("item_event", args=[pk, event]),
                hide=("revise",),
            ),
            "facts": [
                Fact(_("级别"), obj.level),
                Fact(_("技能点"), obj.skill_point),
                Fact(_("难度"), versions[0].difficulty, hint=_("预计答对比例")),
                Fact(_("用途"), _("公开练习") if obj.for_practice else _("考试")),
                Fact(_("命题员"), obj.author),
                Fact(_("版本"), versions[0].number),
            ],
            "happenings": timeline(obj),
        },
    )


@requires("item.edit")
def item_new(request: OfficeRequest) -> HttpResponse:
    """Write a new item."""

    def create(data: dict[str, Any]) -> Item:
        return add_item(
            code=data["code"],
            level=data["skill_point"].level,
            skill_point=data["skill_point"],
            wording=_wording(NewItemForm, request, data["kind"]),
            for_practice=data["for_practice"],
            author=request.access.person,
            actor=request.actor,
            now=request.now,
        )

    return form_page(
        request,
        NewItemForm,
        create,
        title=_("新建试题"),
        done=lambda obj: reverse("item", args=[obj.pk]),
        cancel=reverse("item_list"),
    )


def _wording(form_class: type[WordingForm], request: OfficeRequest, kind: str) -> Any:
    form = form_class(request.POST)
    form.is_valid()
    return form.wording(kind)


@requires("item.edit")
def item_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give an item a new wording: a new version, to be reviewed again."""
    obj = get_object_or_404(Item, pk=pk)

    def revise(data: dict[str, Any]) -> Item:
        wording = _wording(WordingForm, request, obj.kind)
        revise_item(item=obj, wording=wording, actor=request.actor, now=request.now)
        return obj

    return form_page(
        request,
        WordingForm,
        revise,
        title=_("修改试题 {code}").format(code=obj.code),
        intro=_("保存后成为新版本，需要重新审核；已经组进试卷的版本不变。"),
        done=lambda changed: reverse("item", args=[changed.pk]),
        cancel=reverse("item", args=[pk]),
        initial=initial_of(current_version(obj)),
    )


def item_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Submit, accept, return or retire an item."""
    obj = get_object_or_404(Item, pk=pk)
    common: dict[str, Any] = {"item": obj, "actor": request.actor, "now": request.now}

    def verb(reason: str = "") -> object:
        if event == "submit":
            return submit_item(**common)
        if event == "retire":
            return retire_item(reason=reason, **common)
        return review_item(reviewer=request.access.person, accepted=event == "accept", comment=reason, **common)

    if event not in ("submit", "retire", "accept", "return"):
        raise Http404
    form_class = ReviewForm if event in ("accept", "return") else None
    done = reverse("item", args=[pk])
    return event_page(request, obj, event, verb, organisation=None, done=done, form_class=form_class)


@requires("item.edit")
def item_import(request: OfficeRequest) -> HttpResponse:
    """Take in a bank file; every fault is named and nothing half-done stays."""

    def take_in(data: dict[str, Any]) -> ImportOutcome:
        try:
            text = data["file"].read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refusal("encoding", _("文件不是 UTF-8 文本，请另存为 UTF-8"), field="file") from error
        return import_bank(
            bank=_parsed(text),
            level=data["level"],
            author=request.access.person,
            reviewer=None,
            actor=request.actor,
            now=request.now,
        )

    return form_page(
        request,
        BankForm,
        take_in,
        title=_("导入题库"),
        intro=_("新题号会新建，内容有变的会成为新版本，没有变化的不动。导入的试题仍需审核。"),
        done=lambda outcome: reverse("item_list"),
        submit=_("导入"),
        cancel=reverse("item_list"),
    )


def _parsed(text: str) -> Bank:
    """The bank in ``text``; its faults, the first dozen of them, as one refusal that names items."""
    try:
        return parse_bank(text)
    except RowErrors as errors:
        faults = [
            _("第 {row} 题 {code}：{fault}").format(row=fault.row, code=fault.value, fault=fault.message)
            for fault in errors.errors[:SHOWN_FAULTS]
        ]
        raise Refusal("bank_faults", "；".join([str(errors), *faults]), field="file") from errors


@requires("item.view")
def item_export(request: OfficeRequest, level: int) -> HttpResponse:
    """A level's whole bank as a file."""
    chosen = get_object_or_404(CertificateLevel.objects.select_related("certificate_type"), pk=level)
    response = HttpResponse(export_bank(chosen), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="items-{chosen.code}.toml"'
    return response


@requires("form.view")
def form_list(request: OfficeRequest) -> HttpResponseBase:
    """Every form."""
    return render_list(request, FORMS)


@requires("form.view")
def form(request: OfficeRequest, pk: int) -> HttpResponse:
    """One form with its entries."""
    obj = get_object_or_404(Form.objects.select_related("level__certificate_type"), pk=pk)
    entries = list(obj.entries.select_related("item_version__item__skill_point", "task"))
    return render(
        request,
        "staff/content/form.html",
        {
            "title": obj.code,
            "subtitle": f"{obj.level} · {obj.get_subject_display()}",
            "state": obj.state,
            "machine": "form",
            "entries": entries,
            "theory": obj.subject == Subject.THEORY,
            "may_see_items": request.access.can("item.view"),
            "actions": event_actions(
                request, obj, organisation=None, url=lambda event: reverse("form_event", args=[pk, event])
            ),
            "facts": [
                Fact(_("题数"), len(entries)),
                Fact(_("总分"), points(sum(entry.points for entry in entries))),
                Fact(_("题序随机"), obj.shuffle_items, "flag"),
                Fact(_("选项随机"), obj.shuffle_options, "flag"),
                Fact(_("组卷时间"), obj.created_at, "datetime"),
            ],
            "happenings": timeline(obj),
        },
    )


FORM_VERBS = {
    "submit": form_verbs.submit_form,
    "approve": form_verbs.approve_form,
    "return": form_verbs.return_form,
    "retire": form_verbs.retire_form,
}


def form_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Submit, approve, return or retire a form."""
    obj = get_object_or_404(Form, pk=pk)
    if event not in FORM_VERBS:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: FORM_VERBS[event](form=obj, actor=request.actor, now=request.now, **data),
        organisation=None,
        done=reverse("form", args=[pk]),
    )


@requires("form.view")
def task_list(request: OfficeRequest) -> HttpResponseBase:
    """Every practical task."""
    return render_list(request, TASKS)


@requires("form.view")
def task(request: OfficeRequest, pk: int) -> HttpResponse:
    """One practical task: statement, what is handed in, where it runs."""
    obj = get_object_or_404(PracticalTask.objects.select_related("level__certificate_type", "package"), pk=pk)
    return render(
        request,
        "staff/content/task.html",
        {
            "title": obj.title,
            "subtitle": obj.level,
            "statement": obj.statement,
            "facts": [
                Fact(_("代号"), obj.slug, "mono"),
                Fact(_("运行环境"), obj.toolchain, "mono", link=reverse("toolchain", args=[obj.toolchain])),
                Fact(_("总分"), points(obj.total_points)),
                Fact(_("提交文件"), obj.file_names, "tags"),
                Fact(_("内容摘要"), obj.digest, "mono"),
                Fact(_("任务包大小"), filesizeformat(obj.package.size)),
                Fact(_("入库时间"), obj.added_at, "datetime"),
            ],
            "happenings": timeline(obj),
        },
    )


@requires("form.assemble")
def task_new(request: OfficeRequest) -> HttpResponse:
    """Take in a task package."""

    def take_in(data: dict[str, Any]) -> PracticalTask:
        return add_task(
            package=data["package"].read(),
            certificate_type=data["certificate_type"],
            for_practice=data["for_practice"],
            actor=request.actor,
            now=request.now,
        )

    return form_page(
        request,
        TaskForm,
        take_in,
        title=_("上传任务包"),
        intro=_("任务包先在命令行用 jinbang judge lint 检查：参考答案须得满分，每个错误答案须得到约定的判定。"),
        done=lambda obj: reverse("task", args=[obj.pk]),
        submit=_("上传"),
        cancel=reverse("task_list"),
    )
