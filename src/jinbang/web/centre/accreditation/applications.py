"""Pilot applications: filled in by schools, decided by cities and provinces."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain import applications as verbs
from jinbang.accreditation.domain.wording import said
from jinbang.accreditation.models import PilotApplication, PilotAttachment
from jinbang.accreditation.permissions import visible_applications, visible_declarations
from jinbang.documents.domain import files
from jinbang.web.centre.accreditation.declarations import status_label
from jinbang.web.centre.accreditation.forms import ApprovalForm, FileForm, PilotForm, PilotStartForm, decision_initial
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import as_upload, form_page, initial_of
from jinbang.web.shell.labels import STATE_LABELS
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest

STATES = [(state, label) for state, label in STATE_LABELS["pilot_application"].items()]


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("pilot_application.edit"):
        return []
    return [PageAction(_("立即申报"), reverse("pilot_application_new"), "plus", primary=True)]


APPLICATIONS = ListSpec(
    key="pilot_applications",
    title=_("试点申报"),
    queryset=lambda request: visible_applications(request.access),
    columns=[
        Column("school", _("院校"), "school.name", sort="school__name"),
        Column("level", _("证书与级别"), sort=("level__certificate_type__name", "level__rank")),
        Column("plan", _("申报计划"), sort="plan__year"),
        Column("applied", _("申请人数"), "people_applied", kind="number", sort="people_applied"),
        Column("approved", _("批准人数"), "people_approved", kind="number"),
        Column("number", _("批准文号"), "approval_number", kind="mono", sort="approval_number"),
        Column("submitted", _("提交时间"), "submitted_at", kind="datetime", sort="submitted_at"),
        Column("state", _("状态"), kind="state", machine="pilot_application", sort="state"),
    ],
    search=["school__name", "approval_number", "plan__authority__name"],
    search_hint=_("院校、文号、省厅"),
    filters=[Filter("state", _("状态"), STATES)],
    default_order=["-created_at"],
    row_url=lambda row: reverse("pilot_application", args=[row.pk]),
    empty=Empty(_("还没有试点申报"), _("在申报时间内选择本省的申报计划，填写并提交。")),
    actions=_actions,
)


@requires("pilot_application.view")
def application_list(request: OfficeRequest) -> HttpResponseBase:
    """Applications within reach."""
    return render_list(request, APPLICATIONS)


@requires("pilot_application.edit")
def application_new(request: OfficeRequest) -> HttpResponse:
    """Start an application under an open plan."""
    schools = Organisation.objects.filter(
        request.access.scope("pilot_application.edit").q(), kind=Organisation.Kind.SCHOOL
    )
    plans = visible_declarations(request.access).filter(
        state="published", opens_at__lte=request.now, closes_at__gte=request.now
    )
    wanted = request.GET.get("plan", "")
    chosen = plans.filter(pk=wanted).first() if wanted.isdigit() else plans.first()
    return form_page(
        request,
        PilotStartForm,
        lambda data: _create(request, data),
        title=_("申报证书试点"),
        intro=_("保存后为草稿；补充佐证材料后提交。找不到本校时，请联系省级或地市级教育行政部门在院校总库中添加。"),
        done=lambda made: reverse("pilot_application", args=[made.pk]),
        cancel=reverse("pilot_application_list"),
        plans=plans,
        schools=schools,
        initial={"plan": chosen, "school": schools.first()},
    )


def _stated(data: dict[str, Any]) -> verbs.ApplicationForm:
    return verbs.ApplicationForm(**{name: data[name] for name in verbs.ApplicationForm.__annotations__})


def _create(request: OfficeRequest, data: dict[str, Any]) -> PilotApplication:
    return verbs.create_application(
        plan=data["plan"], school=data["school"], level=data["level"], form=_stated(data), majors=data["majors"],
        actor=request.actor, now=request.now,
    )  # fmt: skip


@requires("pilot_application.view")
def application(request: OfficeRequest, pk: int) -> HttpResponse:
    """One application: figures, majors, files, what is still missing, decisions, history."""
    obj = scoped_get(visible_applications(request.access), pk)
    editable = obj.state == "draft" and request.access.can("pilot_application.edit", obj.school)
    context = {
        "title": obj.school.name,
        "subtitle": obj.level,
        "state": obj.state,
        "machine": "pilot_application",
        "page_actions": _edit_actions(obj) if editable else [],
        "actions": event_actions(
            request, obj, organisation=obj.school, hide=_hidden_submit(obj),
            url=lambda event: reverse("pilot_application_event", args=[pk, event]),
        ),
        "facts": _facts(request, obj),
        "editable": editable,
        "application": obj,
        "majors": obj.majors.select_related("major").order_by("major__catalogue_year", "major__code"),
        "attachments": obj.attachments.select_related("file").order_by("pk"),
        "missing": [said(problem) for problem in verbs.shortcomings(obj)] if obj.state == "draft" else [],
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "centre/application.html", context)


def _edit_actions(obj: PilotApplication) -> list[PageAction]:
    return [
        PageAction(_("修改"), reverse("pilot_application_edit", args=[obj.pk]), "edit"),
        PageAction(_("上传佐证材料"), reverse("pilot_attachment_new", args=[obj.pk]), "upload"),
    ]


def _hidden_submit(obj: PilotApplication) -> list[str]:
    """Two events mean "submit"; the verb chooses, so one button is enough."""
    return ["submit_to_province"] if obj.state == "draft" else []


def _facts(request: OfficeRequest, obj: PilotApplication) -> list[Fact]:
    return [
        Fact(_("申报年度"), obj.plan.year, "mono"),
        Fact(
            _("申报计划"),
            obj.plan,
            link=reverse("declaration", args=[obj.plan_id]),
            hint=status_label(obj.plan, request),
        ),
        Fact(_("申请总培训人数"), obj.people_applied, "number"),
        Fact(_("批准总培训人数"), obj.people_approved, "number"),
        Fact(_("批准文号"), obj.approval_number, "mono"),
        Fact(_("连续招生年数"), obj.recruiting_years, "number"),
        Fact(_("教育培训经验年数"), obj.experience_years, "number"),
        Fact(_("培训团队人数"), obj.trainers, "number"),
        Fact(_("行业企业兼职教师"), obj.industry_trainers, "number"),
        Fact(_("“双师型”教师占比（%）"), obj.double_qualified_percent, "number"),
        Fact(_("可同时考核人数"), obj.place_capacity, "number"),
        Fact(_("师资情况"), obj.staffing),
        Fact(_("场地情况"), obj.place),
    ]


def _editable(request: OfficeRequest, pk: int) -> PilotApplication:
    obj = scoped_get(visible_applications(request.access), pk)
    request.access.require("pilot_application.edit", obj.school)
    return obj


@requires("pilot_application.edit")
def application_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    obj = _editable(request, pk)
    names = verbs.ApplicationForm.__annotations__
    return form_page(
        request,
        PilotForm,
        lambda data: verbs.save_application(
            application=obj, form=_stated(data), majors=data["majors"], actor=request.actor, now=request.now
        ),
        title=_("修改申报"),
        done=lambda _saved: reverse("pilot_application", args=[pk]),
        cancel=reverse("pilot_application", args=[pk]),
        initial={**initial_of(obj, names), "majors": list(obj.majors.values_list("major", flat=True))},
    )


@requires("pilot_application.edit")
def attachment_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """Upload a supporting file."""
    obj = _editable(request, pk)

    def store(data: dict[str, Any]) -> PilotAttachment:
        file = files.store(**as_upload(data["file"], request.now), organisation=obj.school, actor=request.actor)
        return verbs.attach_file(application=obj, file=file, title=data["title"], actor=request.actor, now=request.now)

    return form_page(
        request,
        FileForm,
        store,
        title=_("上传佐证材料"),
        submit=_("上传"),
        done=lambda _made: reverse("pilot_application", args=[pk]),
        cancel=reverse("pilot_application", args=[pk]),
    )


@requires("pilot_application.edit")
@require_POST
def attachment_remove(request: OfficeRequest, pk: int, attachment: int) -> HttpResponse:
    """Take a supporting file off a draft."""
    obj = _editable(request, pk)
    verbs.detach_file(attachment=scoped_get(obj.attachments.all(), attachment), actor=request.actor, now=request.now)
    return HttpResponseRedirect(reverse("pilot_application", args=[pk]))


_VERBS = {
    "submit": verbs.submit_application,
    "submit_to_province": verbs.submit_application,
    "withdraw": verbs.withdraw_application,
    "discard": verbs.discard_application,
    "city_approve": verbs.city_approve,
    "return": verbs.return_application,
    "reject": verbs.reject_application,
    "approve": verbs.approve_application,
    "revoke": verbs.revoke_application,
}


@requires("pilot_application.view")
def application_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Submit, decide, take back."""
    obj = scoped_get(visible_applications(request.access), pk)
    if event not in _VERBS:
        raise Http404
    approving = event == "approve"
    return event_page(
        request,
        obj,
        event,
        lambda **data: _VERBS[event](application=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.school,
        done=reverse("pilot_application", args=[pk]),
        form_class=ApprovalForm if approving else None,
        initial=decision_initial(obj, verbs.suggested_approval_number(obj)) if approving else None,
    )
