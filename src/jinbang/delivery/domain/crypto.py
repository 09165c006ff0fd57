"""Keys and envelopes of the exam: papers, material, right answers, key shares, rescue files.

Pure functions of their arguments, apart from fresh random nonces. One random secret a paper set; every key
that is used is derived from it (HMAC-SHA256 with a purpose), so none of them opens anything else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext_lazy as _

from jinbang.core.errors import Refusal

MAGIC = b"JBP1"
NONCE = 12
RESCUE = "jinbang-rescue/1"


def paper_key(secret: bytes, attempt: int) -> bytes:
    """The key of one candidate's paper."""
    return hmac.digest(secret, b"paper:%d" % attempt, "sha256")


def scoring_key(secret: bytes) -> bytes:
    """The key of the right answers, which never leaves the server."""
    return hmac.digest(secret, b"scoring", "sha256")


def material_key(secret: bytes, digest: str) -> bytes:
    """The key of a practical task's material; it stands inside the sealed papers."""
    return hmac.digest(secret, b"material:" + digest.encode(), "sha256")


def store_key(master: bytes, attempt: int) -> bytes:
    """The key of what a candidate's machine keeps of ``attempt``; handed out at sign-in, the same every time."""
    return hmac.digest(master, b"client store:%d" % attempt, "sha256")


def deflate(data: bytes) -> bytes:
    """Raw DEFLATE, as the protocol says."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def seal_paper(plain: bytes, *, secret: bytes, attempt: int) -> bytes:
    """``plain`` as the file that travels: magic, nonce, AES-256-GCM of its raw DEFLATE, bound to ``attempt``."""
    nonce = os.urandom(NONCE)
    sealed = AESGCM(paper_key(secret, attempt)).encrypt(nonce, deflate(plain), _paper_context(attempt))
    return MAGIC + nonce + sealed


def open_paper(blob: bytes, *, key: bytes, attempt: int) -> bytes:
    """The text of a sealed paper. Raises ``Refusal("seal_broken")`` if key, attempt or content differ."""
    if blob[:4] != MAGIC:
        raise Refusal("seal_broken", _("试卷文件格式无法识别"))
    return zlib.decompress(_open(key, blob[4:], _paper_context(attempt)), -15)


def _paper_context(attempt: int) -> bytes:
    return b"jinbang-paper/1:%d" % attempt


def seal(plain: bytes, *, key: bytes, context: str) -> bytes:
    """Nonce and AES-256-GCM ciphertext of ``plain``; ``context`` is authenticated."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def unseal(blob: bytes, *, key: bytes, context: str) -> bytes:
    """What :func:`seal` sealed. Raises ``Refusal("seal_broken")``."""
    return _open(key, blob, context.encode())


def _open(key: bytes, blob: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], context)
    except InvalidTag:
        raise Refusal("seal_broken", _("密封内容打不开：密钥不符或内容被改动")) from None


# -- two key holders ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """Two halves; each alone says nothing of the secret, their exclusive-or is it."""

    first: bytes
    second: bytes


def split(secret: bytes) -> Split:
    """Split ``secret`` in two."""
    pad = os.urandom(len(secret))
    return Split(pad, join(pad, secret))


def join(first: bytes, second: bytes) -> bytes:
    """The secret of two halves."""
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def lock_share(share: bytes, passphrase: str, context: str) -> dict[str, str]:
    """``share`` under a key made of ``passphrase`` (scrypt, 32 MB), as JSON-able text."""
    salt = os.urandom(16)
    blob = seal(share, key=_from_passphrase(passphrase, salt), context=context)
    return {"salt": salt.hex(), "blob": blob.hex()}


def unlock_share(locked: dict[str, str], passphrase: str, context: str) -> bytes:
    """The share. Raises ``Refusal("passphrase_wrong")``."""
    key = _from_passphrase(passphrase, bytes.fromhex(locked["salt"]))
    try:
        return unseal(bytes.fromhex(locked["blob"]), key=key, context=context)
    except Refusal:
        raise Refusal("passphrase_wrong", _("口令不对，请核对后重新输入")) from None


def _from_passphrase(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())


# -- rescue files ------------------------------------------------------------------------------------


def rescue_spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as DER SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rescue_key_id(spki: bytes) -> str:
    """Sixteen hex digits that name a public key."""
    return hashlib.sha256(spki).hexdigest()[:16]


def _rescue_cipher(shared: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=RESCUE.encode()).derive(shared)
    return AESGCM(derived)


@dataclass(frozen=True)
class RescueContent:
    """What is in a rescue file: the JSON part, and the pieces of files by number."""

    payload: dict[str, Any]
    parts: tuple[bytes, ...] = ()


def write_rescue(payload: dict[str, Any], public: ec.EllipticCurvePublicKey, parts: Sequence[bytes] = ()) -> bytes:
    """A rescue file as a client makes it (docs/exam-protocol.md)."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    iv = os.urandom(NONCE)
    text = json.dumps(payload, ensure_ascii=False).encode()
    secret = _rescue_cipher(ephemeral.exchange(ec.ECDH(), public))
    cipher = secret.encrypt(iv, text, RESCUE.encode())
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    fields = {"epk": point, "iv": iv, "ct": cipher}
    coded = {name: base64.b64encode(value).decode() for name, value in fields.items()}
    sealed = []
    for number, part in enumerate(parts):
        nonce = os.urandom(NONCE)
        sealed.append(base64.b64encode(nonce + secret.encrypt(nonce, part, _part_context(number))).decode())
    return json.dumps({"format": RESCUE, "key_id": rescue_key_id(spki), **coded, "parts": sealed}).encode()


def _part_context(number: int) -> bytes:
    return f"{RESCUE}:{number}".encode()


def read_rescue(file: bytes, key: ec.EllipticCurvePrivateKey) -> RescueContent:
    """What is in a rescue file. Raises ``Refusal``: ``rescue_unreadable``, ``rescue_other_key``."""
    try:
        outer = json.loads(file)
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(outer["epk"]))
        iv, cipher = base64.b64decode(outer["iv"]), base64.b64decode(outer["ct"])
        sealed = [base64.b64decode(part) for part in outer.get("parts", [])]
        same_key = outer["key_id"] == rescue_key_id(rescue_spki(key))
    except (ValueError, KeyError, TypeError):
        raise Refusal("rescue_unreadable", _("这不是救援文件，或文件已损坏")) from None
    if not same_key:
        raise Refusal("rescue_other_key", _("救援文件是为另一把公钥加密的，请在持有对应私钥的服务器上导入"))
    try:
        secret = _rescue_cipher(key.exchange(ec.ECDH(), point))
        payload = json.loads(secret.decrypt(iv, cipher, RESCUE.encode()))
        parts = tuple(secret.decrypt(p[:NONCE], p[NONCE:], _part_context(n)) for n, p in enumerate(sealed))
    except (InvalidTag, ValueError):
        raise Refusal("rescue_unreadable", _("救援文件已损坏，无法解密")) from None
    if not isinstance(payload, dict) or payload.get("format") != RESCUE:
        raise Refusal("rescue_unreadable", _("救援文件的版本无法识别"))
    return RescueContent(payload, parts)
