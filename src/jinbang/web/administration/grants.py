"""Giving and taking roles."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.domain.people import grant_role, revoke_grant
from jinbang.accounts.models import RoleGrant
from jinbang.accounts.permissions import scoped_get
from jinbang.web.administration.forms import GrantForm, ReasonOnly, roles_within
from jinbang.web.administration.people import managed_organisations, visible_people
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.requests import OfficeRequest


@requires("people.manage")
def grant_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A role for a visible person, at an organisation that one manages."""
    office = cast(OfficeRequest, request)
    who = scoped_get(visible_people(office), pk)
    places = managed_organisations(office)

    def give(data: dict[str, Any]) -> RoleGrant:
        return grant_role(person=who, **data, actor=office.actor, now=office.now)

    return form_page(
        office,
        GrantForm,
        give,
        title=_("给“{}”授予角色").format(who.name),
        done=lambda _grant: reverse("person", args=[pk]),
        success=_("角色已授予"),
        submit=_("授予角色"),
        cancel=reverse("person", args=[pk]),
        organisations=places,
        roles=roles_within(places),
    )


@requires("people.manage")
def grant_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role back, with the reason."""
    office = cast(OfficeRequest, request)
    reach = RoleGrant.objects.filter(office.access.scope("people.manage").q("organisation"))
    grant = scoped_get(reach.select_related("person", "organisation"), pk)

    def take(data: dict[str, str]) -> bool:
        revoke_grant(grant=grant, actor=office.actor, now=office.now, reason=data["reason"])
        return True

    return form_page(
        office,
        ReasonOnly,
        take,
        title=_("收回角色"),
        intro=str(grant),
        done=lambda _result: reverse("person", args=[grant.person_id]),
        success=_("角色已收回"),
        submit=_("收回角色"),
        cancel=reverse("person", args=[grant.person_id]),
    )
