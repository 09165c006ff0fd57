"""The tree of organisations."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jinbang.accounts.domain.organisations import create_organisation, update_organisation
from jinbang.accounts.models import Organisation, Region
from jinbang.accounts.permissions import scoped_get
from jinbang.web.administration.forms import OrganisationEditForm, OrganisationForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest

K = Organisation.Kind
_SHOWN_AT_ONCE = 12


def visible_organisations(request: OfficeRequest) -> QuerySet[Organisation]:
    """Organisations within reach."""
    return Organisation.objects.filter(request.access.scope("organisation.view").q())


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("organisation.manage"):
        return []
    return [PageAction(_("增加单位"), reverse("organisation_new"), "plus", primary=True)]


ORGANISATIONS = ListSpec(
    key="organisations",
    title=gettext_lazy("单位列表"),
    queryset=lambda request: visible_organisations(request).select_related("parent"),
    columns=[
        Column("name", gettext_lazy("名称"), sort="name"),
        Column("code", gettext_lazy("代码"), sort="code", kind="mono"),
        Column("kind", gettext_lazy("类型"), "get_kind_display", sort="kind"),
        Column("parent", gettext_lazy("上级单位"), "parent.name", sort="parent__name"),
        Column("region", gettext_lazy("地区"), "get_region_display", sort="region"),
        Column("tier", gettext_lazy("层次"), "get_tier_display", sort="tier", default=False),
        Column("licence", gettext_lazy("办学许可证号"), "licence_number", default=False),
        Column("active", gettext_lazy("启用"), "is_active", kind="flag", sort="is_active"),
    ],
    search=["name", "code", "parent__name"],
    search_hint=gettext_lazy("名称、代码、上级"),
    filters=[
        Filter("kind", gettext_lazy("类型"), K.choices),
        Filter("region", gettext_lazy("地区"), Region.choices),
    ],
    default_order=["kind", "code"],
    row_url=lambda place: reverse("organisation", args=[place.pk]),
    empty=Empty(gettext_lazy("还没有单位"), gettext_lazy("先增加省级教育行政部门，再增加地市和院校。")),
    actions=_actions,
)


@requires("organisation.view")
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    """Organisations within reach, flat."""
    return render_list(cast(OfficeRequest, request), ORGANISATIONS)


@requires("organisation.view")
def organisation_tree(request: HttpRequest) -> HttpResponse:
    """Organisations within reach as a tree: one query, whatever the depth."""
    office = cast(OfficeRequest, request)
    places = list(visible_organisations(office).order_by("kind", "region", "code"))
    below: dict[int | None, list[Organisation]] = {}
    known = {place.pk for place in places}
    for place in places:
        below.setdefault(place.parent_id if place.parent_id in known else None, []).append(place)
    context = {
        "title": _("单位管理"),
        "actions": _actions(office),
        "roots": [_node(place, below) for place in below.get(None, [])],
        "total": len(places),
    }
    return render(request, "administration/organisations.html", context)


def _node(place: Organisation, below: dict[int | None, list[Organisation]]) -> dict[str, Any]:
    children = [_node(child, below) for child in below.get(place.pk, [])]
    return {"place": place, "children": children, "open": len(children) <= _SHOWN_AT_ONCE}


@requires("organisation.view")
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation: data, those below it, how many people hold roles there."""
    office = cast(OfficeRequest, request)
    running = Q(grants__valid_from__lte=office.now) & (
        Q(grants__valid_until__isnull=True) | Q(grants__valid_until__gt=office.now)
    )
    holders = Count("grants__person", distinct=True, filter=running)
    place = scoped_get(visible_organisations(office).select_related("parent").annotate(holders=holders), pk)
    actions = []
    if office.access.can("organisation.manage", place):
        actions.append(PageAction(_("更正"), reverse("organisation_edit", args=[pk]), "edit"))
    parent = place.parent
    context = {
        "title": place.name,
        "subtitle": place.get_kind_display(),
        "page_actions": actions,
        "facts": [
            Fact(_("代码"), place.code, "mono"),
            Fact(_("上级单位"), parent, link=reverse("organisation", args=[parent.pk]) if parent else ""),
            Fact(_("地区"), place.get_region_display() if place.region else None),
            Fact(_("层次"), place.get_tier_display() if place.tier else None),
            Fact(_("办学许可证号"), place.licence_number),
            Fact(_("启用"), place.is_active, "flag"),
            Fact(_("有角色的人员"), place.holders, "number"),
        ],
        "children": visible_organisations(office).filter(parent=place).order_by("kind", "code"),
        "happenings": timeline(place),
    }
    return render(request, "administration/organisation.html", context)


@requires("organisation.manage")
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Add an organisation: the awarding organisation anywhere, an authority below itself."""
    office = cast(OfficeRequest, request)
    scope = office.access.scope("organisation.manage")
    parents = Organisation.objects.filter(scope.q(), kind__in=[K.PROVINCE, K.CITY], is_active=True)
    kinds = list(K.values) if scope.everything else [K.CITY.value, K.SCHOOL.value]
    return form_page(
        office,
        OrganisationForm,
        lambda data: create_organisation(**data, actor=office.actor, now=office.now),
        title=_("增加单位"),
        done=lambda place: reverse("organisation", args=[place.pk]),
        success=_("单位已增加"),
        cancel=reverse("organisation_tree"),
        parents=parents,
        kinds=kinds,
    )


@requires("organisation.manage")
def organisation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct or close an organisation."""
    office = cast(OfficeRequest, request)
    reach = Organisation.objects.filter(office.access.scope("organisation.manage").q())
    place = scoped_get(reach, pk)
    return form_page(
        office,
        OrganisationEditForm,
        lambda data: update_organisation(
            organisation=scoped_get(reach, pk), **data, actor=office.actor, now=office.now
        ),
        title=_("更正“{}”").format(place.name),
        done=lambda changed: reverse("organisation", args=[changed.pk]),
        cancel=reverse("organisation", args=[pk]),
        instance=place,
    )
