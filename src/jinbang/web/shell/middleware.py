"""Who asks, when, in whose name, in which language; and what stands between signing in and working."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.http import urlencode

from jinbang.accounts.domain.signing_in import (
    actor_of,
    impersonation_of,
    impersonation_over,
    needs_second_factor,
)
from jinbang.accounts.models import Person
from jinbang.accounts.permissions import Access
from jinbang.config import clock

Respond = Callable[[HttpRequest], HttpResponse]
_ALWAYS_OPEN = frozenset({
    "sign_in", "sign_out", "second_factor", "second_factor_setup", "password_change", "set_language", "set_theme",
    "impersonation_end", "health",
})  # fmt: skip
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class PersonMiddleware:
    """Sets ``request.now``, ``.access``, ``.actor`` and ``.impersonation``, speaks the person's language, and
    sends people who still owe a new password or a one-time code to the page where they give it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        request.impersonation = None  # type: ignore[attr-defined]
        person = request.user
        if isinstance(person, Person):
            acting = impersonation_of(request.session, person)
            if acting is not None and impersonation_over(acting, request.now):  # type: ignore[attr-defined]
                request.session.flush()
                return HttpResponseRedirect(reverse("sign_in"))
            request.impersonation = acting  # type: ignore[attr-defined]
            request.access = Access(person, request.now)  # type: ignore[attr-defined]
            request.actor = actor_of(person, request.impersonation)  # type: ignore[attr-defined]
        with translation.override(_language(request)):
            response = _detour(request) or self.respond(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            response.headers.setdefault("Content-Security-Policy", _POLICY)
            if isinstance(person, Person):
                response.headers.setdefault("Cache-Control", "no-store")
        return response


def _language(request: HttpRequest) -> str:
    """The signed-in person's choice, else the cookie's, else Chinese."""
    wanted = getattr(request.user, "language", "") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _detour(request: HttpRequest) -> HttpResponse | None:
    person = request.user
    if not isinstance(person, Person) or request.path_info.startswith(settings.STATIC_URL):
        return None
    wanted = ""
    if request.impersonation is None:  # type: ignore[attr-defined]
        wanted = _owed(request, person)
    if not wanted or _route_name(request) in _ALWAYS_OPEN:
        return None
    return HttpResponseRedirect(f"{reverse(wanted)}?{urlencode({'next': request.get_full_path()})}")


def _owed(request: HttpRequest, person: Person) -> str:
    if person.must_change_password:
        return "password_change"
    if request.session.get("second_factor") == person.pk:
        return ""
    return needs_second_factor(person, request.access)  # type: ignore[attr-defined]


def _route_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
