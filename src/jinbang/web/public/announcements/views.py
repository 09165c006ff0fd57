"""What is announced to everybody; no sign-in, no names of those who wrote it."""

from __future__ import annotations

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from jinbang.learning.queries.announcements import public_announcements
from jinbang.web.shell.requests import OfficeRequest

_PAGE = 20


def announcements(request: HttpRequest) -> HttpResponse:
    """What stands now, newest first."""
    rows = public_announcements(cast(OfficeRequest, request).now)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    return render(request, "public/announcements.html", {"page": page})


def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them; 404 once it is over or withdrawn, or when it was never public."""
    found = get_object_or_404(public_announcements(cast(OfficeRequest, request).now), pk=pk)
    return render(request, "public/announcement.html", {"announcement": found})
