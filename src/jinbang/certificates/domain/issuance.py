"""From a released pass to its certificates: approved and numbered together, then issued. Never twice."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from jinbang.accounts.models import Organisation
from jinbang.accreditation.models import CertificateType
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.certificates.domain.credential import build_payload, sign, signing_key
from jinbang.certificates.models import Certificate, Issuer, NumberSequence
from jinbang.core.errors import Refusal
from jinbang.core.numbering import number_format as number_format_of
from jinbang.exams.models import Sitting
from jinbang.grading.models import Result

ZONE = ZoneInfo("Asia/Shanghai")
SEXES = {"M": "男", "F": "女"}  # as printed, whatever the officer's language
STANDING = ("approved", "issued", "suspended")
#: Printed and signed: the certificate's own words, whatever language the officer reads.
STATEMENT = "考核合格，特发此证。"


@dataclass(frozen=True)
class ApprovalOutcome:
    """How many certificates an approval made, and how many were there before."""

    created: int
    existing: int


def ensure_issuer(
    *,
    certificate_type: CertificateType,
    organisation: Organisation,
    code: str,
    certificate_name: str,
    number_format: str,
    position: int,
) -> Issuer:
    """An issuer of a certificate type; the one with this code if it is there. ``ValueError`` for a bad format."""
    names = set(number_format_of(number_format).names)
    if "serial" not in names or not names <= {"year", "level", "serial"}:
        raise Refusal("number_format", _("编号格式须含 serial，且只能使用 year、level、serial"))
    issuer, _created = Issuer.objects.get_or_create(
        code=code,
        defaults={
            "certificate_type": certificate_type,
            "organisation": organisation,
            "certificate_name": certificate_name,
            "number_format": number_format,
            "position": position,
        },
    )
    return issuer


@transaction.atomic
def approve_certificates(*, sitting: Sitting, actor: Actor, now: datetime) -> ApprovalOutcome:
    """Approve and number one certificate per issuer for every released pass; running it again makes none twice.

    Numbers follow the ticket numbers, so the same sitting always comes out the same. Effects: certificates, the
    issuers' sequences, one audit row each. The sitting is locked: two officers at once come one after the other.
    Refusals: ``results_unreleased``, ``no_issuer``.
    """
    locked = Sitting.objects.select_for_update(of=("self",)).select_related("plan__certificate_type")
    sitting = locked.get(pk=sitting.pk)
    if sitting.state != "released":
        raise Refusal("results_unreleased", _("成绩发布之后才能核准发证"))
    issuers = list(Issuer.objects.filter(certificate_type=sitting.plan.certificate_type).order_by("position"))
    if not issuers:
        raise Refusal("no_issuer", _("该证书还没有设置发证机构，请先添加"))
    created = existing = 0
    for result in _passes(sitting):
        for issuer in issuers:
            if Certificate.objects.filter(issuer=issuer, registration=result.registration_id).exists():
                existing += 1
                continue
            _approve(result, issuer, actor=actor, now=now)
            created += 1
    return ApprovalOutcome(created, existing)


def _passes(sitting: Sitting) -> Sequence[Result]:
    return list(
        Result.objects.filter(registration__sitting=sitting, state="released", outcome=Result.Outcome.PASSED)
        .select_related(
            "registration__candidate",
            "registration__school",
            "registration__level__certificate_type",
            "registration__sitting__plan",
        )
        .order_by("registration__ticket_number", "pk")
    )


def _approve(result: Result, issuer: Issuer, *, actor: Actor, now: datetime) -> Certificate:
    number = next_number(issuer, result, now)
    certificate = Certificate.objects.create(
        issuer=issuer,
        result=result,
        registration=result.registration,
        number=number,
        public_key=secrets.token_urlsafe(15),
        certified=certified_fields(issuer, result, number, now),
        approved_at=now,
        approved_by=actor.label,
    )
    record("certificate.approve", certificate, actor=actor, now=now, to_state="approved")
    return certificate


def next_number(issuer: Issuer, result: Result, now: datetime) -> str:
    """The next number of the issuer's year. The sequence moves in the caller's transaction: a failure leaves no gap."""
    year = now.astimezone(ZONE).year
    NumberSequence.objects.get_or_create(issuer=issuer, year=year)
    sequence = NumberSequence.objects.select_for_update().get(issuer=issuer, year=year)
    sequence.last += 1
    sequence.save(update_fields=["last"])
    layout = number_format_of(issuer.number_format)
    values = {"year": year, "level": result.registration.level.rank, "serial": sequence.last}
    return layout.format(**{name: values[name] for name in layout.names})


def certified_fields(issuer: Issuer, result: Result, number: str, now: datetime) -> dict[str, Any]:
    """Every field that the certificate states, frozen as text at approval."""
    registration = result.registration
    level, candidate = registration.level, registration.candidate
    return {
        "number": number,
        "holder": candidate.name,
        "sex": SEXES[candidate.sex],
        "school": str(registration.school),
        "id_mask": candidate.id_mask,
        "issuer": str(issuer.organisation),
        "certificate_name": issuer.certificate_name,
        "type": level.certificate_type.name,
        "type_code": level.certificate_type.code,
        "level": level.name,
        "level_code": level.code,
        "sitting": registration.sitting.name,
        "exam_date": registration.sitting.date.isoformat(),
        "issued_on": now.astimezone(ZONE).date().isoformat(),
        "theory": _plain(result.theory),
        "practical": _plain(result.practical),
        "composite": _plain(result.composite),
        "statement": STATEMENT,
        "criteria": "；".join(result.detail["explanation"]),
    }


def _plain(score: Decimal | None) -> str:
    """A score as the certificate states it: 72, 82.8."""
    return "" if score is None else f"{score.normalize():f}"


def standing_pass(certificate: Certificate) -> Result:
    """The released pass that the certificate's registration has now.

    Refusal ``no_longer_passed`` if a regrade, an appeal or a misconduct decision took it away.
    """
    passes = Result.objects.filter(
        registration=certificate.registration_id, state="released", outcome=Result.Outcome.PASSED
    )
    found = passes.select_related("registration__level__certificate_type", "registration__sitting").first()
    if found is None:
        raise Refusal("no_longer_passed", _("该考生的成绩已更正，不再合格，不能签发；已签发的证书请撤销"))
    return found


def unfounded() -> QuerySet[Certificate]:
    """Certificates that stand although their registration has no released pass any more: to be looked into."""
    passes = Result.objects.filter(
        registration=OuterRef("registration"), state="released", outcome=Result.Outcome.PASSED
    )
    return Certificate.objects.filter(~Exists(passes), state__in=STANDING)


@transaction.atomic
def issue_certificate(*, certificate: Certificate, actor: Actor, now: datetime) -> Certificate:
    """Sign an approved certificate's credential and issue it.

    Effects: credential, state, audit row; the school is told. Refusal ``no_longer_passed``.
    """
    standing_pass(certificate)
    school = certificate.registration.school_id
    move(certificate, "issue", actor=actor, now=now, audience=[{"role": "school_manager", "organisation": school}])
    certificate.credential = _credential(certificate, now)
    certificate.issued_at = now
    certificate.save(update_fields=["credential", "issued_at"])
    return certificate


def _credential(certificate: Certificate, now: datetime) -> dict[str, Any]:
    payload = build_payload(certificate, now)
    return {"payload": payload, "jws": sign(payload, signing_key())}


def issue_all(*, sitting: Sitting, actor: Actor, now: datetime) -> int:
    """Issue every approved certificate of a sitting; each in its own transaction, so a stop in the middle resumes.

    One that somebody else issues meanwhile, or whose pass was taken away, is left out. Returns how many were issued.
    """
    waiting = Certificate.objects.filter(registration__sitting=sitting, state="approved")
    return sum(
        _issue_waiting(pk, actor, now) for pk in list(waiting.order_by("issuer", "number").values_list("pk", flat=True))
    )


@transaction.atomic
def _issue_waiting(pk: int, actor: Actor, now: datetime) -> bool:
    locked = Certificate.objects.select_for_update(of=("self",)).select_related("issuer", "registration")
    certificate = locked.filter(pk=pk, state="approved").exclude(pk__in=unfounded().values("pk")).first()
    if certificate is None:
        return False
    issue_certificate(certificate=certificate, actor=actor, now=now)
    return True


def _school_of(certificate: Certificate) -> list[dict[str, object]]:
    return [{"role": "school_manager", "organisation": certificate.registration.school_id}]


def suspend(*, certificate: Certificate, reason: str, actor: Actor, now: datetime) -> Certificate:
    """Suspend while something is looked into; the public page says so at once."""
    return move(certificate, "suspend", actor=actor, now=now, reason=reason, audience=_school_of(certificate))


def reinstate(*, certificate: Certificate, reason: str, actor: Actor, now: datetime) -> Certificate:
    """End a suspension."""
    return move(certificate, "reinstate", actor=actor, now=now, reason=reason, audience=_school_of(certificate))


def revoke(*, certificate: Certificate, reason: str, actor: Actor, now: datetime) -> Certificate:
    """Revoke for good. The number is never given again; the public page shows the certificate as revoked."""
    return move(certificate, "revoke", actor=actor, now=now, reason=reason, audience=_school_of(certificate))


@transaction.atomic
def replace(*, certificate: Certificate, reason: str, actor: Actor, now: datetime) -> Certificate:
    """Replace a certificate (a wrong name, a lost original): the old one points to the new, which has its own number.

    The new one states the candidate's data and result as they are now. Effects: old one replaced, new one issued.
    Refusal ``no_longer_passed``.
    """
    result = standing_pass(certificate)
    move(certificate, "replace", actor=actor, now=now, reason=reason, audience=_school_of(certificate))
    fresh = _approve(result, certificate.issuer, actor=actor, now=now)
    fresh.replaces = certificate
    fresh.save(update_fields=["replaces"])
    return issue_certificate(certificate=fresh, actor=actor, now=now)
