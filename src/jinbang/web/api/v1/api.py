"""Sittings, results and certificates for other systems: read only, within the signed-in person's scope.

Checking a certificate needs no account: number and holder's name together, as on the public page.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Query, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import LimitOffsetPagination, paginate
from ninja.security import SessionAuth

from jinbang.certificates.models import Certificate
from jinbang.exams.models import Sitting
from jinbang.grading.models import Result

api = NinjaAPI(
    title="jinbang 金榜",
    version="1",
    description="Read-only. Sign in on the site first; what you see is what your roles let you see.",
    urls_namespace="api-1",
    docs_url="/docs",
)
session = SessionAuth(csrf=False)


class SittingOut(Schema):
    """A sitting."""

    code: str
    name: str
    date: date
    state: str


class ResultOut(Schema):
    """A released result; marks are out of 100, empty where a subject has none."""

    ticket_number: str
    sitting: str
    level: str
    outcome: str
    theory: Decimal | None
    practical: Decimal | None
    composite: Decimal | None
    version: int

    @staticmethod
    def resolve_ticket_number(result: Result) -> str:
        return result.registration.ticket_number

    @staticmethod
    def resolve_sitting(result: Result) -> str:
        return result.registration.sitting.code

    @staticmethod
    def resolve_level(result: Result) -> str:
        return result.registration.level.code


class CertificateOut(Schema):
    """A certificate as the public page shows it."""

    number: str
    holder: str
    issuer: str
    certificate_name: str
    level: str
    state: str
    valid: bool
    issued_at: datetime | None


class CertificateQuery(Schema):
    """What opens a certificate."""

    number: str
    name: str


def _require(request: HttpRequest, ability: str) -> Any:
    access = request.access  # type: ignore[attr-defined]
    if not access.can(ability):
        raise HttpError(403, "your roles do not allow this")
    return access


@api.get("/sittings", response=list[SittingOut], auth=session, summary="Sittings")
@paginate(LimitOffsetPagination)
def sittings(request: HttpRequest) -> Any:
    """Every sitting, newest first."""
    _require(request, "sitting.view")
    return Sitting.objects.order_by("-date", "-pk")


@api.get("/results", response=list[ResultOut], auth=session, summary="Released results")
@paginate(LimitOffsetPagination)
def results(request: HttpRequest, sitting: str) -> Any:
    """Released results of a sitting (its code) within the person's scope, by ticket number."""
    access = _require(request, "result.view")
    return (
        Result.objects.filter(
            access.scope("result.view").q("registration__school"), registration__sitting__code=sitting, state="released"
        )
        .select_related("registration__sitting", "registration__level")
        .order_by("registration__ticket_number", "pk")
    )


@api.get("/certificates/check", response={200: CertificateOut, 404: dict[str, str]}, summary="Check a certificate")
def check_certificate(request: HttpRequest, given: Query[CertificateQuery]) -> Any:
    """The certificate with this number and holder, whatever became of it; 404 if there is none."""
    found = (
        Certificate.objects.filter(
            number=given.number.strip().upper(), registration__candidate__name=given.name.strip()
        )
        .exclude(state="approved")
        .first()
    )
    if found is None:
        return Status(404, {"detail": "no certificate with this number and holder"})
    certified = found.certified
    body = {
        "number": found.number,
        "holder": certified["holder"],
        "issuer": certified["issuer"],
        "certificate_name": certified["certificate_name"],
        "level": certified["level"],
        "state": found.state,
        "valid": found.state == "issued",
        "issued_at": found.issued_at,
    }
    return Status(200, body)
