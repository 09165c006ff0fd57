"""The door: password first, then the code if the person has a device."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.signing_in import authenticate, forget_session, remember_sign_in
from jinbang.accounts.models import Person
from jinbang.web.account.forms import SignInForm
from jinbang.web.shell.forms import attempted
from jinbang.web.shell.requests import address_of
from jinbang.web.shell.responses import back_to

BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; then on to where the person wanted to go."""
    if isinstance(request.user, Person):
        return back_to(request, reverse("home"))
    form = SignInForm(request.POST or None)
    if request.method == "POST":
        now = request.now  # type: ignore[attr-defined]
        person = attempted(form, lambda data: authenticate(**data, address=address_of(request), now=now))
        if person is not None:
            open_session(request, person)
            return back_to(request, reverse(settings.LOGIN_REDIRECT_URL))
    return render(request, "account/sign_in.html", {"form": form}, status=422 if form.errors else 200)


def enter_as(request: HttpRequest, person: Person, *, second_factor: bool) -> None:
    """Make the browser's session ``person``'s, and nothing else."""
    login(request, person, backend=BACKEND)
    if second_factor:
        request.session["second_factor"] = person.pk
    request.session.save()


def open_session(request: HttpRequest, person: Person, *, second_factor: bool = False) -> None:
    """Sign ``person`` in in this browser, and note where."""
    enter_as(request, person, second_factor=second_factor)
    remember_sign_in(
        person=person,
        session_key=request.session.session_key or "",
        address=address_of(request),
        agent=request.headers.get("User-Agent", ""),
        now=request.now,  # type: ignore[attr-defined]
        second_factor=second_factor,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    forget_session(request.session.session_key)
    logout(request)
    return HttpResponseRedirect(reverse("sign_in"))
