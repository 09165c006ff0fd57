"""Exam sites: requirements, application, agreements, readiness."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain import readiness as checks
from jinbang.accreditation.domain import requirements
from jinbang.accreditation.domain import sites as verbs
from jinbang.accreditation.domain.wording import said
from jinbang.accreditation.models import Agreement, CertificateLevel, Site, WhitelistEntry
from jinbang.accreditation.permissions import visible_agreements, visible_sites
from jinbang.accreditation.queries.sites import rooms_with_counts
from jinbang.documents.domain import files
from jinbang.web.centre.accreditation.forms import AgreementForm, SiteDataForm, SiteStartForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.forms import as_upload, form_page, initial_of
from jinbang.web.shell.labels import STATE_LABELS
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest

_FIXED = frozenset({"under_review", "rejected", "closed"})


def _actions(request: OfficeRequest) -> list[PageAction]:
    shown = [PageAction(_("建设要求"), reverse("site_requirements"), "book")]
    if request.access.can("site.edit"):
        shown.append(PageAction(_("申请站点"), reverse("site_new"), "plus", primary=True))
    return shown


SITES = ListSpec(
    key="sites",
    title=_("考核站点"),
    queryset=lambda request: visible_sites(request.access),
    columns=[
        Column("code", _("编号"), sort="code", kind="mono"),
        Column("name", _("名称"), sort="name"),
        Column("school", _("院校"), "organisation.name", sort="organisation__name"),
        Column("address", _("地址"), default=False),
        Column("contact", _("联系人"), "contact_name", default=False),
        Column("created", _("申请时间"), "created_at", kind="datetime", sort="created_at"),
        Column("state", _("状态"), kind="state", machine="site", sort="state"),
    ],
    search=["code", "name", "organisation__name"],
    search_hint=_("编号、名称、院校"),
    filters=[Filter("state", _("状态"), list(STATE_LABELS["site"].items()))],
    default_order=["code"],
    row_url=lambda site: reverse("site", args=[site.pk]),
    empty=Empty(_("还没有考核站点"), _("先看建设要求，再申请站点、设置考场和考位。")),
    actions=_actions,
)


@requires("site.view")
def site_list(request: OfficeRequest) -> HttpResponseBase:
    """Sites within reach."""
    return render_list(request, SITES)


@requires("site.view")
def site_requirements(request: OfficeRequest) -> HttpResponse:
    """What a site must have: rooms, cameras, machines, software, whitelist."""
    levels = CertificateLevel.objects.select_related("certificate_type").prefetch_related("software")
    entries = WhitelistEntry.objects.select_related("certificate_type")
    context = {
        "title": _("考核站点建设要求"),
        "levels": levels,
        "entries": entries,
        "hosts": sorted({entry.host for entry in entries if entry.kind == WhitelistEntry.Kind.PATH}),
        "least": requirements.site_requirements(),
        "machines": requirements.site_requirements().machines["en" if get_language() == "en" else "zh"],
    }
    return render(request, "centre/requirements.html", context)


@requires("site.view")
def site(request: OfficeRequest, pk: int) -> HttpResponse:
    """One site: data, rooms, readiness, agreements, history."""
    obj = scoped_get(visible_sites(request.access), pk)
    editable = request.access.can("site.edit", obj.organisation) and obj.state not in _FIXED
    context = {
        "title": obj.name,
        "subtitle": f"{obj.code} · {obj.organisation}",
        "state": obj.state,
        "machine": "site",
        "page_actions": _page_actions(request, obj, editable),
        "actions": event_actions(
            request, obj, organisation=obj.organisation, hide=["file_agreements"],
            url=lambda event: reverse("site_event", args=[pk, event]),
        ),
        "facts": _facts(obj),
        "site": obj,
        "editable": editable,
        "rooms": rooms_with_counts(obj),
        "checks": [(check.title, said(check.problem) if check.problem else "") for check in checks.readiness(obj)],
        "agreements": obj.agreements.select_related("scan").order_by("signed_on", "pk"),
        "may_terminate": request.access.can("agreement.terminate", obj.organisation),
        "happenings": timeline(obj),
    }  # fmt: skip
    return render(request, "centre/site.html", context)


def _page_actions(request: OfficeRequest, obj: Site, editable: bool) -> list[PageAction]:
    shown = []
    if editable:
        shown.append(PageAction(_("修改"), reverse("site_edit", args=[obj.pk]), "edit"))
        shown.append(PageAction(_("添加考场"), reverse("site_room_new", args=[obj.pk]), "plus"))
    filing = request.access.can("site.file_agreements", obj.organisation)
    if filing and obj.state in {"approved", "live", "suspended"}:
        shown.append(PageAction(_("归档协议"), reverse("agreement_new", args=[obj.pk]), "archive", primary=True))
    return shown


def _facts(obj: Site) -> list[Fact]:
    configs = {"minimum": _("达到最低配置"), "recommended": _("达到建议配置")}
    return [
        Fact(_("地址"), obj.address),
        Fact(_("联系人"), f"{obj.contact_name} {obj.contact_phone}"),
        Fact(_("限网设备型号"), obj.router_model),
        Fact(_("白名单已确认"), obj.whitelist_confirmed, "flag"),
        Fact(_("考生机配置"), configs.get(obj.machine_config, obj.machine_config)),
        Fact(_("补充说明"), obj.statement),
    ]


def _stated(data: dict[str, Any]) -> verbs.SiteForm:
    return verbs.SiteForm(**{name: data[name] for name in verbs.SiteForm.__annotations__})


@requires("site.edit")
def site_new(request: OfficeRequest) -> HttpResponse:
    """Start a site application."""
    schools = Organisation.objects.filter(request.access.scope("site.edit").q(), kind=Organisation.Kind.SCHOOL)
    return form_page(
        request,
        SiteStartForm,
        lambda data: verbs.create_site(
            organisation=data["organisation"], form=_stated(data), actor=request.actor, now=request.now
        ),
        title=_("申请考核站点"),
        intro=_("保存后添加考场和摄像头，齐备后提交审批。"),
        done=lambda made: reverse("site", args=[made.pk]),
        cancel=reverse("site_list"),
        schools=schools,
        initial={"organisation": schools.first()},
    )


@requires("site.edit")
def site_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a site's data."""
    obj = scoped_get(visible_sites(request.access), pk)
    request.access.require("site.edit", obj.organisation)
    return form_page(
        request,
        SiteDataForm,
        lambda data: verbs.save_site(site=obj, form=_stated(data), actor=request.actor, now=request.now),
        title=_("修改站点资料"),
        done=lambda _saved: reverse("site", args=[pk]),
        cancel=reverse("site", args=[pk]),
        initial=initial_of(obj, verbs.SiteForm.__annotations__),
    )


_VERBS = {
    "submit": verbs.submit_site,
    "withdraw": verbs.withdraw_site,
    "return": verbs.return_site,
    "reject": verbs.reject_site,
    "approve": verbs.approve_site,
    "suspend": verbs.suspend_site,
    "resume": verbs.resume_site,
    "close": verbs.close_site,
}


@requires("site.view")
def site_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Submit, decide, suspend, resume, close."""
    obj = scoped_get(visible_sites(request.access), pk)
    if event not in _VERBS:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: _VERBS[event](site=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.organisation,
        done=reverse("site", args=[pk]),
    )


@requires("site.file_agreements")
def agreement_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """File the scan of a signed agreement; the second one makes the site live."""
    obj = scoped_get(visible_sites(request.access), pk)
    request.access.require("site.file_agreements", obj.organisation)

    def file_it(data: dict[str, Any]) -> Agreement:
        scan = files.store(
            **as_upload(data.pop("scan"), request.now), organisation=obj.organisation, actor=request.actor,
            keep_until=data["valid_until"],
        )  # fmt: skip
        return verbs.file_agreement(site=obj, scan=scan, actor=request.actor, now=request.now, **data)

    return form_page(
        request,
        AgreementForm,
        file_it,
        title=_("归档协议"),
        intro=_("站点协议和考务协议都归档后，站点自动启用。"),
        done=lambda _made: reverse("site", args=[pk]),
        success=_("协议已归档"),
        cancel=reverse("site", args=[pk]),
    )


@requires("agreement.terminate")
def agreement_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Terminate an agreement; a live site is suspended with it."""
    obj = scoped_get(visible_agreements(request.access), pk)
    if event != "terminate":
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: verbs.terminate_agreement(agreement=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.site.organisation,
        done=reverse("site", args=[obj.site_id]),
        explain=_("站点如已启用，将同时暂停。"),
    )
