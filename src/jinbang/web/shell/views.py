"""Pages that belong to nobody in particular: home, progress, preferences, health."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.profile import choose_language, choose_theme
from jinbang.accounts.models import Operation, Person
from jinbang.web.shell.access import requires
from jinbang.web.shell.panels import panels_for
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import back_to
from jinbang.web.shell.waiting import waiting_for

_YEAR_S = 365 * 24 * 3600


@requires()
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, the most urgent first."""
    office = cast(OfficeRequest, request)
    return render(
        request, "shell/home.html", {"waiting": waiting_for(office.access), "panels": panels_for(office.access)}
    )


@requires()
def operation(request: HttpRequest, key: str) -> HttpResponse:
    """How far a long operation of this person is; htmx asks again until it ends."""
    found = get_object_or_404(Operation, pk=key, person=request.user)
    template = "shell/_operation.html" if request.htmx else "shell/operation.html"  # type: ignore[attr-defined]
    return render(request, template, {"operation": found})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the machine says; kept with the person, or in a cookie for strangers."""
    theme = request.POST.get("theme", "auto")
    response = back_to(request, reverse("home"))
    if theme in {"auto", "light", "dark"}:
        if isinstance(request.user, Person):
            choose_theme(person=request.user, theme=theme)
        response.set_cookie("theme", theme, max_age=_YEAR_S, samesite="Lax")
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Chinese or English; kept with the person, or in a cookie for strangers."""
    language = request.POST.get("language", "")
    response = back_to(request, reverse("home"))
    if language in dict(settings.LANGUAGES):
        if isinstance(request.user, Person):
            choose_language(person=request.user, language=language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR_S, samesite="Lax")
    return response


def health(request: HttpRequest) -> JsonResponse:
    """200 if the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return JsonResponse({"ok": True})
