"""Certificates on paper: the same fields as the credential, printed again to the byte."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from jinbang.audit.actor import Actor
from jinbang.certificates.domain.credential import verify_url
from jinbang.certificates.models import Certificate
from jinbang.core.errors import Refusal
from jinbang.documents.domain.issue import issue
from jinbang.documents.models import IssuedDocument
from jinbang.pdf import data as pages


def certificate_page(certificate: Certificate) -> pages.Certificate:
    """What the certificate's page shows, from its frozen fields alone."""
    certified = certificate.certified
    year, month, day = certified["issued_on"].split("-")
    return pages.Certificate(
        title=certified["certificate_name"],
        title_en="Certificate of Vocational Skill Level",
        number=certificate.number,
        name=certified["holder"],
        sex=certified["sex"],
        id_number=certified["id_mask"],
        programme=certified["type"],
        level=certified["level"],
        statement=certified["statement"],
        statement_en="has passed the examination and is awarded this certificate.",
        issuer=certified["issuer"],
        issuer_en="",
        day=f"{year}年{int(month)}月{int(day)}日",
        qr=verify_url(certificate),
        school=certified["school"],
        replaces=certificate.replaces.number if certificate.replaces else "",
    )


def print_certificate(*, certificate: Certificate, actor: Actor, now: datetime) -> IssuedDocument:
    """The certificate's page as an issued document. Refusal ``not_issued`` before it is issued or once it is void."""
    if certificate.state not in ("issued", "suspended"):
        raise Refusal("not_issued", _("证书尚未签发或已失效，不能打印"))
    return issue(
        kind="certificate",
        data=certificate_page(certificate),
        obj=certificate,
        actor=actor,
        now=now,
        organisation=certificate.registration.school,
    )
