"""Candidates: the list, one of them, and the import of a sheet in two steps (look, then take in)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.personal_data import open_id_number
from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files
from jinbang.documents.models import StoredFile
from jinbang.documents.permissions import visible_files
from jinbang.exams.domain.candidate_imports import import_candidates, preview_import
from jinbang.exams.domain.candidate_template import candidate_template
from jinbang.exams.models import Candidate
from jinbang.exams.permissions import visible_candidates, visible_imports, visible_registrations
from jinbang.web.centre.exams.forms import ImportForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.forms import ReasonForm, as_upload, form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import BulkAction, Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import XLSX, send_file


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("candidate.import"):
        return []
    return [
        PageAction(_("导入记录"), reverse("candidate_import_list"), "history"),
        PageAction(_("批量上传照片"), reverse("photo_import"), "camera"),
        PageAction(_("导入考生"), reverse("candidate_import"), "upload", primary=True),
    ]


def _bulk(request: OfficeRequest) -> list[BulkAction]:
    if not request.access.can("registration.create"):
        return []
    return [BulkAction(_("为所选考生报名"), reverse("registration_new"), "pen")]


def _by_photo(rows: QuerySet[Candidate], value: str) -> QuerySet[Candidate]:
    return rows.filter(photo__isnull=value == "no")


CANDIDATES = ListSpec(
    key="candidates",
    title=_("考生管理"),
    queryset=lambda request: visible_candidates(request.access),
    columns=[
        Column("name", _("姓名"), sort="name_sort"),
        Column("id_mask", _("证件号"), kind="mono"),
        Column("sex", _("性别"), "get_sex_display"),
        Column("student_number", _("学号"), sort="student_number", kind="mono"),
        Column("class_name", _("班级"), sort=("class_name", "name_sort")),
        Column("department", _("院系"), sort="department", default=False),
        Column("major_name", _("专业"), sort="major_name", default=False),
        Column("school", _("院校"), "school.name", sort="school__name"),
        Column("photo", _("照片"), lambda row: row.photo_id is not None, kind="flag"),
        Column("special_needs", _("特殊需求"), default=False),
        Column("created_at", _("登记时间"), kind="datetime", sort="created_at", default=False),
    ],
    search=["name", "student_number", "class_name", "school__name"],
    search_hint=_("姓名、学号、班级、院校"),
    filters=[Filter("photo", _("照片"), [("yes", _("有照片")), ("no", _("无照片"))], _by_photo)],
    default_order=["name_sort"],
    row_url=lambda row: reverse("candidate", args=[row.pk]),
    empty=Empty(_("还没有考生"), _("下载模板，填好后导入。")),
    actions=_actions,
    bulk=_bulk,
)

IMPORTS = ListSpec(
    key="candidate_imports",
    title=_("导入记录"),
    queryset=lambda request: visible_imports(request.access),
    columns=[
        Column("at", _("时间"), kind="datetime", sort="at"),
        Column("school", _("院校"), "school.name", sort="school__name"),
        Column("file", _("文件"), "file.name", link=lambda row: reverse("stored_file", args=[row.file_id])),
        Column("rows", _("行数"), kind="number"),
        Column("created", _("新增"), kind="number"),
        Column("updated", _("更新"), kind="number"),
        Column("warnings", _("提示"), lambda row: len(row.warnings), kind="number"),
        Column("by", _("操作人")),
    ],
    search=["school__name", "file__name"],
    default_order=["-at"],
    empty=Empty(_("还没有导入过")),
)


@requires("candidate.view")
def candidate_list(request: OfficeRequest) -> HttpResponseBase:
    """Candidates within reach."""
    return render_list(request, CANDIDATES)


@requires("candidate.import")
def import_list(request: OfficeRequest) -> HttpResponseBase:
    """Sheets taken in."""
    return render_list(request, IMPORTS)


@requires("candidate.view")
def candidate(request: OfficeRequest, pk: int) -> HttpResponse:
    """One candidate with their registrations."""
    obj = scoped_get(visible_candidates(request.access), pk)
    actions = []
    if request.access.can("personal_data.open", obj.school):
        actions.append(PageAction(_("查看完整证件号"), reverse("candidate_id_number", args=[pk]), "eye"))
    if request.access.can("candidate.import", obj.school):
        actions.append(PageAction(_("上传照片"), reverse("candidate_photo_upload", args=[pk]), "camera"))
        if obj.photo_id:
            actions.append(PageAction(_("删除照片"), reverse("candidate_photo_remove", args=[pk]), "trash"))
    context = {
        "title": obj.name,
        "candidate": obj,
        "subtitle": obj.school,
        "page_actions": actions,
        "facts": [
            Fact(_("证件类型"), obj.get_document_kind_display()),
            Fact(_("证件号"), obj.id_mask, "mono"),
            Fact(_("性别"), obj.get_sex_display()),
            Fact(_("出生日期"), obj.born, "date"),
            Fact(_("学号"), obj.student_number, "mono"),
            Fact(_("院系"), obj.department),
            Fact(_("专业"), obj.major_name),
            Fact(_("班级"), obj.class_name),
            Fact(_("特殊需求"), obj.special_needs),
            Fact(_("登记时间"), obj.created_at, "datetime"),
        ],
        "registrations": visible_registrations(request.access).filter(candidate=obj).order_by("-sitting__date")
        if request.access.can("registration.view")
        else [],
        "happenings": timeline(obj),
    }
    return render(request, "centre/candidate.html", context)


@requires("personal_data.open")
def candidate_id_number(request: OfficeRequest, pk: int) -> HttpResponse:
    """The whole identity number, for a stated reason that is logged."""
    obj = scoped_get(visible_candidates(request.access), pk)
    request.access.require("personal_data.open", obj.school)
    form = ReasonForm(request.POST or None)
    page: dict[str, Any] = {"title": _("查看完整证件号"), "candidate": obj, "form": form}
    if request.method == "POST" and form.is_valid():
        page["number"] = open_id_number(
            obj=obj, number_hash=obj.id_hash, ciphertext=obj.id_cipher, actor=request.actor, now=request.now,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
    return render(request, "centre/id_number.html", page)


@requires("candidate.import")
def template_file(request: OfficeRequest) -> HttpResponseBase:
    """The sheet to fill in."""
    return send_file(request, BytesIO(candidate_template()), name="考生信息模板.xlsx", content_type=XLSX)


def importing_schools(request: OfficeRequest) -> Any:
    """Schools whose candidates the person may take in."""
    return Organisation.objects.filter(
        request.access.scope("candidate.import").q(), kind=Organisation.Kind.SCHOOL, is_active=True
    )


@requires("candidate.import")
def candidate_import(request: OfficeRequest) -> HttpResponse:
    """First step: upload; the sheet is kept and judged, nothing is stored of its rows."""
    schools = importing_schools(request)

    def keep(data: dict[str, Any]) -> StoredFile:
        stored = files.store(
            **as_upload(data["file"], request.now), organisation=data["school"], ability="candidate.import",
            actor=request.actor,
        )  # fmt: skip
        preview_import(school=data["school"], file=stored, now=request.now)
        return stored

    return form_page(
        request,
        ImportForm,
        keep,
        title=_("导入考生"),
        intro=_("上传后先检查并预览；确认后才写入。"),
        submit=_("上传并检查"),
        success=_("已上传，请核对检查结果"),
        done=lambda stored: reverse("candidate_import_preview", args=[stored.pk]),
        cancel=reverse("candidate_list"),
        template="centre/import.html",
        schools=schools,
        initial={"school": schools.first()},
    )


def _sheet(request: OfficeRequest, pk: int) -> StoredFile:
    stored = scoped_get(visible_files(request.access).select_related("organisation"), pk)
    request.access.require("candidate.import", stored.organisation)
    return stored


@requires("candidate.import")
def import_preview(request: OfficeRequest, pk: int) -> HttpResponse:
    """What the import would do: counts, every fault with row and remedy, the first rows."""
    stored = _sheet(request, pk)
    try:
        preview = preview_import(school=stored.organisation, file=stored, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("candidate_import"))
    context = {
        "title": _("核对导入"),
        "file": stored,
        "preview": preview,
        "sample": (*preview.create, *preview.update)[:20],
    }
    return render(request, "centre/import_preview.html", context, status=422 if preview.errors else 200)


@requires("candidate.import")
@require_POST
def import_confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    """Second step: take the sheet in, all of it or nothing."""
    stored = _sheet(request, pk)
    try:
        made = import_candidates(school=stored.organisation, file=stored, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("candidate_import_preview", args=[pk]))
    messages.success(
        request, _("已导入 {rows} 人：新增 {created}，更新 {updated}").format(
            rows=made.rows, created=made.created, updated=made.updated
        ),
    )  # fmt: skip
    return HttpResponseRedirect(reverse("candidate_list"))
