"""Identity numbers and other secrets at rest: looked up by keyed hash, kept as ciphertext, shown masked.

Two keys are derived (HKDF-SHA256) from the installation's one personal-data key, so that the hash and the
cipher never share one. The ciphertext is bound to its place by associated data: a value copied from one
person's row into another's does not decrypt.
"""

from __future__ import annotations

import hmac
import os
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.core.identity import mask, normalise

_VERSION = b"\x01"
_NONCE_SIZE = 12


@lru_cache(maxsize=8)
def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jinbang/" + purpose).derive(master)


def _key(purpose: bytes) -> bytes:
    return _derived(bytes(settings.PERSONAL_DATA_KEY), purpose)


def id_number_hash(number: str) -> str:
    """The look-up key of an identity number: HMAC-SHA256 (64 hex digits) of its normal form."""
    return hmac.new(_key(b"id-hash"), normalise(number).encode(), "sha256").hexdigest()


def encrypt(text: str, *, context: str) -> bytes:
    """AES-256-GCM of ``text``: a version byte, the nonce, ciphertext and tag.

    ``context`` (such as ``candidate:id_number:<hash>``) is authenticated, not stored: the same is needed to open.
    """
    nonce = os.urandom(_NONCE_SIZE)
    return _VERSION + nonce + AESGCM(_key(b"cipher")).encrypt(nonce, text.encode(), context.encode())


def decrypt(blob: bytes | memoryview, *, context: str) -> str:
    """The text in ``blob``. Raises ``Refusal("personal_data_unreadable")`` if key, context or content differ."""
    raw = bytes(blob)
    nonce, sealed = raw[1 : 1 + _NONCE_SIZE], raw[1 + _NONCE_SIZE :]
    if raw[:1] != _VERSION or len(sealed) < 16:
        raise Refusal("personal_data_unreadable", _("加密数据的格式无法识别，请联系系统管理员"))
    try:
        return AESGCM(_key(b"cipher")).decrypt(nonce, sealed, context.encode()).decode()
    except InvalidTag:
        raise Refusal(
            "personal_data_unreadable", _("加密数据无法打开：密钥不符或数据被改动，请联系系统管理员")
        ) from None


def id_number_context(number_hash: str) -> str:
    """The associated data of an identity number's ciphertext: it belongs to the row with this hash."""
    return f"id_number:{number_hash}"


def seal_id_number(number: str) -> tuple[str, bytes, str]:
    """What to store of an identity number: (look-up hash, ciphertext, masked form for the screen)."""
    value = normalise(number)
    hashed = id_number_hash(value)
    return hashed, encrypt(value, context=id_number_context(hashed)), mask(value)


def open_id_number(
    *, obj: models.Model, number_hash: str, ciphertext: bytes, actor: Actor, now: datetime, reason: str
) -> str:
    """The full identity number of ``obj``, for the stated ``reason``.

    Effects: an audit row ``personal_data.open`` in the same transaction; without it nothing is opened.
    Raises ``Refusal("reason_required")`` for a blank reason.
    """
    if not reason.strip():
        raise Refusal("reason_required", _("查看完整证件号码必须填写理由"))
    with transaction.atomic():
        number = decrypt(ciphertext, context=id_number_context(number_hash))
        record("personal_data.open", obj, actor=actor, now=now, reason=reason, data={"field": "id_number"})
    return number
