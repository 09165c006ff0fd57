"""The second factor: giving a code, and setting up the device."""

from __future__ import annotations

from typing import cast

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.domain import totp
from jinbang.accounts.domain.signing_in import (
    forget_session,
    has_second_factor,
    note_failure,
    refuse_if_throttled,
    remember_sign_in,
)
from jinbang.accounts.models import Person
from jinbang.core.errors import Refusal
from jinbang.web.account.forms import CodeForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import attempted
from jinbang.web.shell.requests import OfficeRequest, address_of
from jinbang.web.shell.responses import back_to


@requires()
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the person's device."""
    office = cast(OfficeRequest, request)
    if not has_second_factor(office.user):
        return HttpResponseRedirect(reverse("home"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and attempted(form, lambda data: _checked(office, data["code"])):
        passed(office)
        return back_to(request, reverse("home"))
    return render(request, "account/second_factor.html", {"form": form}, status=422 if form.errors else 200)


def _checked(request: OfficeRequest, code: str) -> bool:
    """True, or a refusal that the form shows; failures count against the account as wrong passwords do."""
    person, address = request.user, address_of(request)
    refuse_if_throttled(username=person.username, address=address, now=request.now)
    if totp.check_code(person=person, code=code, actor=request.actor, now=request.now):
        return True
    note_failure(username=person.username, address=address, now=request.now)
    raise Refusal("wrong_code", _("动态口令不对或已经用过，请等下一个口令再试。"), field="code")


def passed(request: OfficeRequest) -> None:
    """The session has shown the second factor: a new session key, and a note of it."""
    old = request.session.session_key
    request.session.cycle_key()
    request.session["second_factor"] = request.user.pk
    forget_session(old)
    remember_sign_in(
        person=request.user,
        session_key=request.session.session_key or "",
        address=address_of(request),
        agent=request.headers.get("User-Agent", ""),
        now=request.now,
        second_factor=True,
    )


@requires()
def second_factor_setup(request: HttpRequest) -> HttpResponse:
    """Show the QR code, take the first code, then show the recovery codes once."""
    office = cast(OfficeRequest, request)
    person: Person = office.user
    if has_second_factor(person):
        return HttpResponseRedirect(reverse("security"))
    secret = totp.begin_setup(person=person)
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        codes = attempted(form, lambda data: _confirmed(office, data["code"]))
        if codes:
            passed(office)
            return render(request, "account/recovery_codes.html", {"codes": codes})
    uri = totp.provisioning_uri(person, secret)
    context = {"form": form, "qr": segno.make(uri).svg_data_uri(scale=5, border=2, light="#fff"), "uri": uri}
    return render(request, "account/second_factor_setup.html", context, status=422 if form.errors else 200)


def _confirmed(request: OfficeRequest, code: str) -> list[str]:
    return totp.confirm_setup(person=request.user, code=code, actor=request.actor, now=request.now)
