"""Taking in a rescue file: the answers of a candidate whose room lost its server."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.core.timing import may_answer
from jinbang.delivery.domain import crypto
from jinbang.delivery.domain.clocks import clock_of
from jinbang.delivery.domain.closing import anchor_log, close_attempt, restate_receipt
from jinbang.delivery.domain.rescue_files import rescued_files, take_in_files
from jinbang.delivery.models import AnswerStep, Attempt, AttemptEvent, RescueFile

MAX_BYTES = 24 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def private_key(data: Path) -> ec.EllipticCurvePrivateKey:
    """The rescue key of the installation whose data directory is ``data``; made on first use, mode 0600."""
    path = data / "keys" / "rescue-p256.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _create_once(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _create_once(path: Path, content: bytes) -> None:
    """Two processes that start together agree: one links its file, the other reads that."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, path)
    except FileExistsError:
        return
    finally:
        beside.unlink()


def public_key_fields(data: Path) -> dict[str, str]:
    """The public half as the protocol hands it to clients."""
    spki = crypto.rescue_spki(private_key(data))
    return {
        "key_id": crypto.rescue_key_id(spki),
        "spki": base64.b64encode(spki).decode(),
        "curve": "P-256",
    }


def take_in_rescue(*, file: bytes, actor: Actor, now: datetime) -> RescueFile:
    """Take in a rescue file and return what it brought.

    The file is opened with the installation's private key; the token inside must be one that this attempt's
    sign-ins issued. Steps not stored yet and typed before closing are stored; a number that is taken keeps what
    it holds. Files chosen before closing become the newest versions, unless they are there already or a version that
    was chosen later is. Effects, in one transaction: ``AnswerStep`` and ``Upload`` rows; hand-in of an attempt that
    still runs, if the file says that the candidate handed in; a new receipt and mark of one that was handed in; a
    ``RescueFile``, an ``AttemptEvent`` and audit rows. The same file a second time changes nothing and returns the
    first row.
    Refusals: ``rescue_too_large``, ``rescue_unreadable``, ``rescue_other_key``, ``rescue_no_attempt``,
    ``rescue_not_theirs``, ``rescue_never_started``.
    """
    if len(file) > MAX_BYTES:
        raise Refusal("rescue_too_large", _("文件超过 24 MB，不是救援文件"))
    digest = hashlib.sha256(file).hexdigest()
    known = RescueFile.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    content = crypto.read_rescue(file, private_key(Path(settings.DATA_DIR)))
    payload = content.payload
    with transaction.atomic():
        attempt = _attempt_of(payload)
        steps = _steps(payload)
        new, late = _store_steps(attempt, steps, now)
        files = take_in_files(attempt, rescued_files(content), now)
        counts = {
            "steps": len(steps), "new_steps": new, "refused_steps": late, "files": files.given, "new_files": files.new,
            "refused_files": files.refused,
        }  # fmt: skip
        row = RescueFile.objects.create(
            attempt=attempt, sha256=digest, taken_in_at=now, taken_in_by=actor.label, **counts
        )
        data = {"sha256": digest, **counts}
        AttemptEvent.objects.create(attempt=attempt, at=now, kind="take_in_rescue", actor=actor.label, data=data)
        _settle(attempt, payload, new=new + files.new, actor=actor, now=now, data=data)
    return row


def _attempt_of(payload: Mapping[str, Any]) -> Attempt:
    number, ticket = payload.get("attempt"), str(payload.get("ticket"))
    if not isinstance(number, int):
        raise Refusal("rescue_unreadable", _("救援文件的内容不完整"))
    attempt = Attempt.objects.select_for_update().filter(pk=number, ticket_number=ticket).first()
    if attempt is None:
        raise Refusal("rescue_no_attempt", _("本系统中没有这名考生的这场考试，请核对准考证号"))
    hashed = hashlib.sha256(str(payload.get("token", "")).encode()).hexdigest()
    issued = AttemptEvent.objects.filter(attempt=attempt, kind="sign_in", data__token_sha256=hashed)
    if hashed != attempt.token_sha256 and not issued.exists():
        raise Refusal("rescue_not_theirs", _("救援文件不是该考生签到的机器生成的，请交由主考处理"))
    if attempt.state not in ("running", "handed_in"):
        raise Refusal("rescue_never_started", _("该考生没有开考记录（{state}），请先核对考场情况"), state=attempt.state)
    return attempt


def _steps(payload: Mapping[str, Any]) -> list[tuple[int, str, str, int]]:
    steps = payload.get("steps")
    if not isinstance(steps, list) or not all(_is_step(step) for step in steps):
        raise Refusal("rescue_unreadable", _("救援文件的内容不完整"))
    return [(step[0], step[1], step[2], step[3]) for step in steps]


def _is_step(step: object) -> bool:
    if not isinstance(step, list) or len(step) != 4:
        return False
    seq, item, value, at = step
    shapes = isinstance(seq, int) and isinstance(item, str) and isinstance(value, str) and isinstance(at, int)
    return shapes and 0 < seq < 2**31 and 0 < len(item) <= 24 and len(value) <= 20_000 and "\x00" not in item + value


def _store_steps(attempt: Attempt, steps: list[tuple[int, str, str, int]], now: datetime) -> tuple[int, int]:
    """Store what is missing; returns (new, refused because typed outside the time)."""
    clock = clock_of(attempt)
    numbers = [step[0] for step in steps]
    stored = set(AnswerStep.objects.filter(attempt=attempt, seq__in=numbers).values_list("seq", flat=True))
    fresh, late = {}, 0
    for seq, item, value, client_ms in steps:
        typed = _EPOCH + timedelta(milliseconds=client_ms)
        if seq in stored or seq in fresh:
            continue
        if not may_answer(clock, min(typed, now), typed_at=typed).ok:
            late += 1
            continue
        fresh[seq] = AnswerStep(attempt=attempt, seq=seq, item=item, value=value, client_ms=client_ms, received_at=now)
    AnswerStep.objects.bulk_create(fresh.values())
    return len(fresh), late


def _settle(
    attempt: Attempt, payload: Mapping[str, Any], *, new: int, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> None:
    if attempt.state == "handed_in":
        move(attempt, "take_in_rescue", actor=actor, now=now, reason="救援文件导入", data=data)
        if new:
            restate_receipt(attempt)
        if attempt.room_session.state == "closed":
            anchor_log(attempt.room_session, actor=actor, now=now)
        return
    record("attempt.take_in_rescue", attempt, actor=actor, now=now, data=data)
    if payload.get("hand_in") is True:
        close_attempt(attempt=attempt, event="hand_in", actor=actor, now=now)
