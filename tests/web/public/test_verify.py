"""Anyone may check a certificate: by its address, or by number and name together."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.accreditation.factories import ACTOR
from tests.certificates.factories import certified_world
from tests.grading.world import AFTER

from jinbang.certificates.domain import issuance
from jinbang.certificates.models import Certificate

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(db: None) -> Certificate:
    world = certified_world()
    issuance.approve_certificates(sitting=world.sitting, actor=ACTOR, now=AFTER)
    waiting, *others = Certificate.objects.order_by("pk")
    for certificate in others:
        issuance.issue_certificate(certificate=certificate, actor=ACTOR, now=AFTER)
    assert waiting.state == "approved"
    return others[-1]


def page(certificate: Certificate, language: str = "") -> str:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(reverse("verify", args=[certificate.public_key]))
    assert response.status_code == 200
    return response.content.decode()


def status(certificate: Certificate) -> dict[str, object]:
    return Client().get(reverse("verify_status", args=[certificate.public_key])).json()


def test_a_valid_certificate_shows_every_certified_field_and_no_id_number(row: Certificate) -> None:
    shown = page(row)
    assert "证书有效" in shown
    for name in ("number", "holder", "id_mask", "issuer", "school", "sitting", "exam_date", "issued_on", "composite"):
        assert row.certified[name] in shown, name
    assert "****" in row.certified["id_mask"]
    assert status(row) == {"number": row.number, "state": "issued", "valid": True}
    assert "This certificate is valid" in page(row, "en")


@pytest.mark.parametrize(
    ("verb", "words", "state"),
    [
        (issuance.revoke, "证书已撤销", "revoked"),
        (issuance.suspend, "证书暂停使用", "suspended"),
        (issuance.replace, "证书已换发", "replaced"),
    ],
)
def test_what_no_longer_stands_is_shown_as_such(row: Certificate, verb, words: str, state: str) -> None:  # type: ignore[no-untyped-def]
    verb(certificate=row, reason="核查", actor=ACTOR, now=AFTER)
    shown = page(row)
    assert words in shown
    assert "证书有效" not in shown
    assert status(row) == {"number": row.number, "state": state, "valid": False}
    if state == "replaced":
        assert Certificate.objects.get(replaces=row).number in shown


def test_what_is_not_issued_or_does_not_exist_answers_404(row: Certificate) -> None:
    waiting = Certificate.objects.get(state="approved")
    for key in (waiting.public_key, "no-such-key"):
        assert Client().get(reverse("verify", args=[key])).status_code == 404
        assert Client().get(reverse("verify_status", args=[key])).status_code == 404


def ask(number: str, name: str) -> object:
    return Client().post(reverse("verify_lookup"), {"number": number, "name": name})


def test_number_and_name_together_open_it(row: Certificate) -> None:
    found = ask(f" {row.number.lower()} ", f" {row.certified['holder']} ")
    assert found.headers["Location"] == reverse("verify", args=[row.public_key])  # type: ignore[attr-defined]


def test_neither_alone_does_and_a_slip_of_the_pen_is_named(row: Certificate) -> None:
    wrong = row.number[:-2] + ("0" if row.number[-2] != "0" else "1") + row.number[-1]
    for number, name, message in (
        (row.number, "别人", "没有找到"),
        (row.number, "", "必填"),
        (wrong, row.certified["holder"], "校验位不符"),
        (Certificate.objects.get(state="approved").number, row.certified["holder"], "没有找到"),
    ):
        assert message in ask(number, name).content.decode(), (number, name)  # type: ignore[attr-defined]


def test_the_published_key_verifies_the_credential(row: Certificate) -> None:
    key = Client().get(reverse("issuer_key")).json()["keys"][0]
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    assert row.credential is not None
    body, _dot, signature = row.credential["jws"].rpartition(".")
    public.verify(base64.urlsafe_b64decode(signature + "=="), body.encode())
