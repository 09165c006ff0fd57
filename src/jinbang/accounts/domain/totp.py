"""One-time codes (RFC 6238, SHA-1, 6 digits, 30 s) and recovery codes as the second factor."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.domain.personal_data import decrypt, encrypt
from jinbang.accounts.models import Person, TotpDevice
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal

STEP_S, DIGITS, SECRET_SIZE, RECOVERY_CODES = 30, 6, 20, 10
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that reads like something else


def code_at(secret: bytes, step: int) -> str:
    """The code for a 30-second ``step`` since 1970 (RFC 4226 truncation)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(now: datetime) -> int:
    """The 30-second step that ``now`` falls into."""
    return int(now.timestamp()) // STEP_S


def matching_step(secret: bytes, code: str, now: datetime, after: int) -> int | None:
    """The step whose code is ``code``, one step of clock difference allowed, later than ``after``; else None."""
    here = step_of(now)
    for step in (here, here - 1, here + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def provisioning_uri(person: Person, secret: bytes, issuer: str = "jinbang") -> str:
    """The ``otpauth`` address that an authenticator app reads from a QR code."""
    key = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{quote(issuer)}:{quote(person.username)}?secret={key}&issuer={quote(issuer)}"


def _context(person: Person) -> str:
    return f"totp:{person.pk}"


def begin_setup(*, person: Person) -> bytes:
    """The secret of the person's device in the making; the same until it is confirmed.

    Effects: an unconfirmed ``TotpDevice`` if there was none. Raises ``Refusal("second_factor_exists")``.
    """
    device = TotpDevice.objects.filter(person=person).first()
    if device is None:
        sealed = encrypt(secrets.token_hex(SECRET_SIZE), context=_context(person))
        device, _made = TotpDevice.objects.get_or_create(person=person, defaults={"secret": sealed})
    if device.confirmed_at is not None:
        raise Refusal("second_factor_exists", _("已经设置过动态口令，请先停用再重新设置"))
    return secret_of(device)


def secret_of(device: TotpDevice) -> bytes:
    """The device's secret in the clear."""
    return bytes.fromhex(decrypt(device.secret, context=_context(device.person)))


def confirm_setup(*, person: Person, code: str, actor: Actor, now: datetime) -> list[str]:
    """Accept the device by its first code and return new recovery codes, shown this once.

    Effects: the device is confirmed; audit row ``person.second_factor_set``. Raises ``Refusal("wrong_code")``.
    """
    with transaction.atomic():
        device = TotpDevice.objects.select_for_update().select_related("person").get(person=person)
        step = matching_step(secret_of(device), plain(code), now, device.last_step)
        if step is None:
            raise Refusal(
                "wrong_code", _("动态口令不对。请检查手机时间是否自动同步，再输入当前显示的 6 位数字。"), field="code"
            )
        codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
        device.confirmed_at, device.last_step = now, step
        device.recovery_hashes = [make_password(code) for code in codes]
        device.save()
        record("person.second_factor_set", person, actor=actor, now=now)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def check_code(*, person: Person, code: str, actor: Actor, now: datetime) -> bool:
    """Whether ``code`` is the device's present code or an unused recovery code; either counts once.

    Effects: the code is used up; audit row ``person.recovery_code_used`` for a recovery code.
    """
    with transaction.atomic():
        device = TotpDevice.objects.select_for_update().select_related("person").filter(person=person).first()
        if device is None or device.confirmed_at is None:
            return False
        typed = plain(code)
        step = matching_step(secret_of(device), typed, now, device.last_step)
        if step is not None:
            device.last_step = step
            device.save(update_fields=["last_step"])
            return True
        return len(typed) == 10 and _use_recovery_code(device, typed, actor, now)


def _use_recovery_code(device: TotpDevice, typed: str, actor: Actor, now: datetime) -> bool:
    for hashed in device.recovery_hashes:
        if check_password(typed, hashed):
            device.recovery_hashes = [other for other in device.recovery_hashes if other != hashed]
            device.save(update_fields=["recovery_hashes"])
            left = len(device.recovery_hashes)
            record("person.recovery_code_used", device.person, actor=actor, now=now, data={"left": left})
            return True
    return False


def remove_device(*, person: Person, actor: Actor, now: datetime, reason: str) -> None:
    """Forget the device, so that the person sets up a new one at the next sign-in.

    Effects: the device is deleted; audit row ``person.second_factor_removed``. Raises ``Refusal("reason_required")``.
    """
    if not reason.strip():
        raise Refusal("reason_required", _("停用动态口令必须写明理由"), field="reason")
    with transaction.atomic():
        TotpDevice.objects.filter(person=person).delete()
        record("person.second_factor_removed", person, actor=actor, now=now, reason=reason)


def plain(code: str) -> str:
    """The typed code without spaces and hyphens, upper case."""
    return code.replace(" ", "").replace("-", "").upper()
