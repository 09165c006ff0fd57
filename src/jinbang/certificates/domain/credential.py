"""The machine-readable certificate: an Open Badges 3.0 credential, signed as a compact JWS with Ed25519.

The JSON follows the “OpenBadgeCredential” of Open Badges 3.0 (1EdTech) in its VC-JWT form: header
``{"alg": "EdDSA", "typ": "JWT", "kid": …}``, the credential as the payload. Whether a certificate still stands
is not in the signature: ``credentialStatus`` names the page that tells.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from jinbang.certificates.models import Certificate
from jinbang.config.secrets import load_or_create_secret
from jinbang.core.errors import Refusal

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
PARTS = 3


@dataclass(frozen=True)
class Verified:
    """A credential whose signature holds: its payload and the key that signed it."""

    payload: dict[str, Any]
    key_id: str


def signing_key() -> Ed25519PrivateKey:
    """The installation's signing key; made on first use and kept in the key directory."""
    return Ed25519PrivateKey.from_private_bytes(load_or_create_secret(settings.SIGNING_KEY_FILE))


def public_key_text(key: Ed25519PublicKey) -> str:
    """The raw public key in unpadded base64url, as a JWK's ``x``."""
    return _encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def key_id(key: Ed25519PublicKey) -> str:
    """A short name of a key: the first 16 hex digits of the SHA-256 of its raw bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def verify_url(certificate: Certificate) -> str:
    """The public page of a certificate, as printed in its QR code."""
    return f"{settings.PUBLIC_URL}/c/{certificate.public_key}/"


def build_payload(certificate: Certificate, issued_at: datetime) -> dict[str, Any]:
    """The credential's JSON for a certificate: every certified field, nothing more."""
    certified = certificate.certified
    url = verify_url(certificate)
    return {
        "@context": CONTEXT,
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": certified["certificate_name"],
        "issuer": {
            "id": f"{settings.PUBLIC_URL}/issuers/{certificate.issuer.code}/",
            "type": ["Profile"],
            "name": certified["issuer"],
        },
        "validFrom": issued_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityHash": certified["holder"],
                    "identityType": "name",
                    "hashed": False,
                }
            ],
            "achievement": {
                "id": f"{settings.PUBLIC_URL}/achievements/{certified['type_code']}-{certified['level_code']}/",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": f"{certified['certificate_name']}（{certified['level']}）",
                "description": certified["statement"],
                "criteria": {"narrative": certified["criteria"]},
            },
            "licenseNumber": certificate.number,
        },
        "credentialStatus": {"id": f"{url}status.json", "type": "JinbangStatusPage"},
    }


def sign(payload: dict[str, Any], key: Ed25519PrivateKey) -> str:
    """A compact JWS over the canonical JSON of ``payload``. Ed25519 is deterministic: equal input, equal token."""
    public = key.public_key()
    header = {
        "alg": "EdDSA",
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": public_key_text(public)},
        "kid": key_id(public),
        "typ": "JWT",
    }
    body = f"{_encode(_canonical(header))}.{_encode(_canonical(payload))}"
    return f"{body}.{_encode(key.sign(body.encode()))}"


def verify(token: str, trusted: Ed25519PublicKey) -> Verified:
    """Check a token against a trusted key.

    Refusals: ``credential_format``, ``credential_key``, ``credential_forged``.
    """
    parts = token.strip().split(".")
    if len(parts) != PARTS:
        raise Refusal("credential_format", "不是本系统签发的电子凭证：应由三段组成")
    try:
        header = json.loads(_decode(parts[0]))
        signature = _decode(parts[2])
        payload = json.loads(_decode(parts[1]))
    except ValueError as error:
        raise Refusal("credential_format", "电子凭证无法读取：内容不完整或被改动") from error
    if not isinstance(header, dict) or header.get("alg") != "EdDSA" or not isinstance(payload, dict):
        raise Refusal("credential_format", "电子凭证的签名算法不是 EdDSA")
    if header.get("kid") != key_id(trusted):
        raise Refusal("credential_key", "电子凭证由另一把密钥签发，无法在此验证")
    try:
        trusted.verify(signature, f"{parts[0]}.{parts[1]}".encode())
    except InvalidSignature as error:
        raise Refusal("credential_forged", "签名不符：电子凭证被改动或系伪造") from error
    return Verified(payload, header["kid"])


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
