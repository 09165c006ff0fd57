"""Photos of candidates: shown to those who may see the person, uploaded singly or as a zip."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files
from jinbang.exams.domain import photos as verbs
from jinbang.exams.domain.photo_rules import photo_rules
from jinbang.exams.models import Candidate
from jinbang.exams.permissions import visible_candidates
from jinbang.web.centre.exams.candidates import importing_schools
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import ReasonForm, attempted, form_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file

_WHAT = _("竖版证件照，宽高比 5:7 至 3:4，JPEG 或 PNG，至少 180×240 像素。")


class PhotoForm(forms.Form):
    """One photo."""

    file = forms.FileField(
        label=_("照片"), help_text=_WHAT, widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"})
    )


class PhotoZipForm(forms.Form):
    """Many photos and whose they are."""

    school = forms.ModelChoiceField(Organisation.objects.none(), label=_("院校"))
    file = forms.FileField(
        label=_("照片压缩包"), widget=forms.FileInput(attrs={"accept": ".zip"}),
        help_text=_(".zip，一次不超过 1000 张；每个文件以考生的证件号或学号命名，如 20200001.jpg。"),
    )  # fmt: skip

    def __init__(self, *args: Any, schools: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools


def _editable(request: OfficeRequest, pk: int) -> Candidate:
    obj = scoped_get(visible_candidates(request.access), pk)
    request.access.require("candidate.import", obj.school)
    return obj


@requires("candidate.view")
def candidate_photo(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """The photo itself; nobody but the person's browser may keep it."""
    obj = scoped_get(visible_candidates(request.access).select_related("photo"), pk)
    if obj.photo is None:
        raise Http404
    response = send_file(
        request, files.open(obj.photo), name=obj.photo.name, content_type=obj.photo.content_type, inline=True
    )
    response["Cache-Control"] = "private, max-age=300"
    return response


@requires("candidate.import")
def candidate_photo_upload(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give one candidate a photo."""
    obj = _editable(request, pk)

    def take(data: dict[str, Any]) -> Candidate:
        content = data["file"].read(photo_rules().max_bytes + 1)
        return verbs.set_photo(candidate=obj, data=content, actor=request.actor, now=request.now)

    return form_page(
        request,
        PhotoForm,
        take,
        title=_("上传照片：{name}").format(name=obj.name),
        intro=_("照片印在准考证上，供监考员核对身份；保存期满自动删除。"),
        submit=_("上传"),
        success=_("照片已保存"),
        done=lambda _saved: reverse("candidate", args=[pk]),
        cancel=reverse("candidate", args=[pk]),
    )


@requires("candidate.import")
def candidate_photo_remove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Erase a candidate's photo."""
    obj = _editable(request, pk)
    return form_page(
        request,
        ReasonForm,
        lambda data: verbs.remove_photo(candidate=obj, actor=request.actor, now=request.now, **data),
        title=_("删除照片：{name}").format(name=obj.name),
        submit=_("删除"),
        success=_("照片已删除"),
        done=lambda _saved: reverse("candidate", args=[pk]),
        cancel=reverse("candidate", args=[pk]),
    )


@requires("candidate.import")
def photo_import(request: OfficeRequest) -> HttpResponse:
    """Many photos at once; what was wrong with which file is said below the form."""
    schools = importing_schools(request)
    form = PhotoZipForm(
        request.POST or None, request.FILES or None, schools=schools, initial={"school": schools.first()}
    )
    report = attempted(form, lambda data: _take_in(request, data)) if request.method == "POST" else None
    context = {
        "title": _("批量上传照片"), "intro": _WHAT, "submit": _("上传"), "cancel": reverse("candidate_list"),
        "form": form, "report": report,
        "without": visible_candidates(request.access).filter(school__in=schools, photo__isnull=True).count(),
    }  # fmt: skip
    return render(request, "centre/photos.html", context, status=422 if form.errors else 200)


def _take_in(request: OfficeRequest, data: dict[str, Any]) -> verbs.PhotoReport:
    rules = photo_rules()
    if data["file"].size > rules.max_zip_bytes:
        raise Refusal(
            "zip_too_large", _("压缩包超过 {most} MB，请分批上传"), most=rules.max_zip_bytes >> 20, field="file"
        )
    return verbs.import_photos(school=data["school"], archive=data["file"], actor=request.actor, now=request.now)
