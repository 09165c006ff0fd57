"""Acting in another's name: begun with a reason, shown on every page, ended by hand or after an hour."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.signing_in import (
    begin_impersonation,
    end_impersonation,
    forget_session,
    store_impersonation,
)
from jinbang.accounts.models import ImpersonationSession, Person
from jinbang.accounts.permissions import scoped_get
from jinbang.web.account.forms import ImpersonationForm
from jinbang.web.account.sign_in import enter_as, open_session
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.requests import OfficeRequest


@requires("people.impersonate")
def impersonation_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then go on as the other person."""
    office = cast(OfficeRequest, request)
    target = scoped_get(Person.objects.all(), pk)

    def begin(data: dict[str, str]) -> ImpersonationSession:
        return begin_impersonation(actor_person=office.user, target=target, reason=data["reason"], now=office.now)

    def enter(session: ImpersonationSession) -> str:
        forget_session(request.session.session_key)
        enter_as(request, target, second_factor=True)
        store_impersonation(request.session, session)
        return reverse("home")

    return form_page(
        office,
        ImpersonationForm,
        begin,
        title=_("以“{}”的身份操作").format(target.name),
        done=enter,
        success=_("代操作已开始，结束后请点页面顶部的“结束代操作”"),
        submit=_("开始代操作"),
        cancel=reverse("person", args=[pk]),
    )


@requires()
@require_POST
def impersonation_end(request: HttpRequest) -> HttpResponse:
    """Back to one's own name."""
    leave(cast(OfficeRequest, request))
    return HttpResponseRedirect(reverse("home"))


def leave(request: OfficeRequest) -> None:
    """End the impersonation of this browser, if it has one, and sign the real person in again."""
    session = request.impersonation
    if session is None:
        return
    end_impersonation(session=session, now=request.now)
    request.session.flush()
    open_session(request, session.actor, second_factor=True)
