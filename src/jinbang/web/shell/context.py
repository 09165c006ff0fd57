"""What every page of the shell can show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from jinbang.accounts.models import InboxMessage, Person
from jinbang.config import clock
from jinbang.web.shell.navigation import menu


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``menu``, ``unread``, ``theme``, ``test_clock``, ``impersonation``. Costs one query."""
    person = getattr(request, "user", None)
    context: dict[str, Any] = {
        "test_clock": clock.now() if clock.clock_file() else None,
        "theme": getattr(person, "theme", "") or request.COOKIES.get("theme", "auto"),
        "impersonation": getattr(request, "impersonation", None),
        "next_url": request.POST.get("next") or request.GET.get("next", ""),
    }
    if isinstance(person, Person):
        access = request.access  # type: ignore[attr-defined]
        context["menu"] = list(menu(access, request.path))
        context["unread"] = InboxMessage.objects.filter(person=person, read_at__isnull=True).count()
        context["held_grants"] = access.grants
    return context
