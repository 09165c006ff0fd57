"""A person's own data, password, device and sessions."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.people import change_password, update_person
from jinbang.accounts.domain.signing_in import end_sessions, rename_session
from jinbang.accounts.models import Person, SignInSession, TotpDevice
from jinbang.web.account.forms import PasswordForm, ProfileForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.requests import OfficeRequest


@requires()
def profile(request: HttpRequest) -> HttpResponse:
    """Name and addresses."""
    office = cast(OfficeRequest, request)
    own = Person.objects.get(pk=office.user.pk)
    return form_page(
        office,
        ProfileForm,
        lambda data: update_person(person=office.user, **data, actor=office.actor, now=office.now),
        title=_("个人资料"),
        intro=_("单位和角色由管理员维护；这里可以更正姓名和联系方式。"),
        done=lambda person: reverse("profile"),
        instance=own,
    )


@requires()
def security(request: HttpRequest) -> HttpResponse:
    """Password, device, where one is signed in, and what was done with the account."""
    office = cast(OfficeRequest, request)
    device = TotpDevice.objects.filter(person=office.user, confirmed_at__isnull=False).first()
    context = {
        "device": device,
        "recovery_left": len(device.recovery_hashes) if device else 0,
        "sign_ins": SignInSession.objects.filter(person=office.user),
        "this_session": request.session.session_key,
        "happenings": timeline(office.user, limit=20),
    }
    return render(request, "account/security.html", context)


@requires()
def password_change(request: HttpRequest) -> HttpResponse:
    """The new password; the person stays signed in here and is signed out elsewhere."""
    office = cast(OfficeRequest, request)
    forced = office.user.must_change_password

    def change(data: dict[str, str]) -> bool:
        change_password(
            person=office.user,
            old=data["old"],
            new=data["new"],
            actor=office.actor,
            now=office.now,
            keep_session=request.session.session_key or "",
        )
        _keep_signed_in(office)
        return True

    return form_page(
        office,
        PasswordForm,
        change,
        title=_("修改密码"),
        intro=_("这是管理员给您的初始密码，请先换成自己的密码再继续。") if forced else "",
        done=lambda _result: reverse("home" if forced else "security"),
        success=_("密码已修改，其他地方的登录已全部退出"),
        submit=_("修改密码"),
    )


def _keep_signed_in(request: OfficeRequest) -> None:
    old, passed = request.session.session_key, request.session.get("second_factor")
    update_session_auth_hash(request, request.user)
    request.session.save()
    if passed:
        request.session["second_factor"] = passed
    rename_session(old=old or "", new=request.session.session_key or "")


@requires()
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out one other browser, or all others."""
    office = cast(OfficeRequest, request)
    only = request.POST.get("pk")
    count = end_sessions(
        person=office.user,
        actor=office.actor,
        now=office.now,
        keep=request.session.session_key or "",
        only=int(only) if only and only.isdigit() else None,
    )
    messages.success(request, _("已退出 {} 处登录").format(count))
    return HttpResponseRedirect(reverse("security"))
