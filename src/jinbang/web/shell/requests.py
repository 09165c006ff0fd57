"""What the middleware puts on a request, typed."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from jinbang.accounts.models import ImpersonationSession, Person
from jinbang.accounts.permissions import Access
from jinbang.audit.actor import Actor


class OfficeRequest(HttpRequest):
    """A request of a signed-in person."""

    user: Person  # type: ignore[assignment]
    now: datetime
    access: Access
    actor: Actor
    impersonation: ImpersonationSession | None
    htmx: HtmxDetails


def address_of(request: HttpRequest) -> str:
    """The address the request came from."""
    return str(request.META.get("REMOTE_ADDR") or "")[:45]
