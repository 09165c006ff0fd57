"""The signed credential: checked by code that shares nothing with ours, and refused when anything is touched."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from tests.accreditation.factories import ACTOR, refused
from tests.certificates.factories import certified_world
from tests.grading.world import AFTER

from jinbang.certificates import cli
from jinbang.certificates.domain import issuance
from jinbang.certificates.domain.credential import sign, signing_key, verify
from jinbang.certificates.models import Certificate

PAYLOAD = {"credentialSubject": {"licenseNumber": "ZY1"}, "name": "证书"}
KEY = Ed25519PrivateKey.generate()


def parts(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


def swapped(token: str, part: int, data: bytes) -> str:
    pieces = token.split(".")
    pieces[part] = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    return ".".join(pieces)


def test_an_independent_reader_accepts_the_signature_by_the_published_key() -> None:
    token = sign(PAYLOAD, KEY)
    header, payload, signature = parts(token)
    jwk = json.loads(header)["jwk"]
    published = base64.urlsafe_b64decode(jwk["x"] + "=")
    key = Ed25519PublicKey.from_public_bytes(published)
    key.verify(signature, token.rpartition(".")[0].encode())
    assert json.loads(payload) == PAYLOAD
    assert (jwk["kty"], jwk["crv"], json.loads(header)["alg"]) == ("OKP", "Ed25519", "EdDSA")


def test_equal_input_gives_an_equal_token_and_ours_verifies_it() -> None:
    assert sign(PAYLOAD, KEY) == sign(PAYLOAD, KEY)
    assert verify(sign(PAYLOAD, KEY), KEY.public_key()).payload == PAYLOAD


def test_an_altered_payload_is_forged() -> None:
    token = sign(PAYLOAD, KEY)
    changed = parts(token)[1].replace(b"ZY1", b"ZY2")
    with refused("credential_forged"):
        verify(swapped(token, 1, changed), KEY.public_key())


def test_a_signature_by_somebody_else_is_forged_even_under_our_key_id() -> None:
    token, other = sign(PAYLOAD, KEY), sign(PAYLOAD, Ed25519PrivateKey.generate())
    with refused("credential_forged"):
        verify(".".join([*token.split(".")[:2], other.split(".")[2]]), KEY.public_key())


def test_another_key_is_named_as_such() -> None:
    with refused("credential_key"):
        verify(sign(PAYLOAD, Ed25519PrivateKey.generate()), KEY.public_key())


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "....", "e30.e30.e30", "é.e30.e30"])
def test_what_is_no_credential_is_refused(token: str) -> None:
    with refused("credential_format"):
        verify(token, KEY.public_key())


def test_no_signature_algorithm_but_ours_is_believed() -> None:
    token = sign(PAYLOAD, KEY)
    header = json.loads(parts(token)[0]) | {"alg": "none"}
    with refused("credential_format"):
        verify(swapped(token, 0, json.dumps(header).encode()), KEY.public_key())


@pytest.mark.django_db
def test_an_issued_credential_states_the_certified_fields_and_the_command_tells_its_state(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    world = certified_world()
    issuance.approve_certificates(sitting=world.sitting, actor=ACTOR, now=AFTER)
    issuance.issue_all(sitting=world.sitting, actor=ACTOR, now=AFTER)
    row = Certificate.objects.filter(issuer__code="ZY")[0]
    assert row.credential is not None
    payload = verify(row.credential["jws"], signing_key().public_key()).payload
    assert payload == row.credential["payload"]
    assert payload["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert payload["credentialSubject"]["identifier"][0]["identityHash"] == row.certified["holder"]
    assert payload["validFrom"] == "2022-05-23T01:00:00Z"
    file = tmp_path / "c.jwt"
    file.write_text(row.credential["jws"])
    assert cli.main([str(file), "--json"]) == 0
    issuance.revoke(certificate=row, reason="误发", actor=ACTOR, now=AFTER)
    assert cli.main([str(file), "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["valid"], line["state"]) for line in lines] == [(True, "issued"), (False, "revoked")]
    file.write_text(row.credential["jws"][:-4])
    assert cli.main([str(file), "--json"]) == 1
