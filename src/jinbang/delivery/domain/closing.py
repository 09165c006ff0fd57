"""Ending: hand-in outside the engine (forced, or by sweep), and the anchor of a room's log in the audit chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal
from jinbang.core.timing import must_hand_in
from jinbang.delivery.domain.canonical import digest
from jinbang.delivery.domain.clocks import clock_of
from jinbang.delivery.domain.scoring import open_answer_keys
from jinbang.delivery.models import AnswerStep, Attempt, AttemptEvent, RoomSession
from jinbang.delivery.queries.answers import answers_with_files

_HOW = {
    "hand_in": Attempt.HandIn.CANDIDATE,
    "auto_hand_in": Attempt.HandIn.AUTO,
    "force_hand_in": Attempt.HandIn.FORCED,
}


def close_attempt(*, attempt: Attempt, event: str, actor: Actor, now: datetime, reason: str = "") -> Attempt:
    """Hand in what is stored of a running attempt, by ``event`` (``force_hand_in`` needs ``reason``).

    Effects, in one transaction: state, receipt and theory mark; an ``AttemptEvent``, which tells every engine process
    within a second; an audit row. Refusals: ``illegal_move``, ``reason_required``.
    """
    with transaction.atomic():
        move(attempt, event, actor=actor, now=now, reason=reason)
        attempt.handed_in_at, attempt.hand_in_how = now, _HOW[event]
        attempt.save(update_fields=["handed_in_at", "hand_in_how"])
        restate_receipt(attempt)
        data = {"count": attempt.receipt_count, "sha256": attempt.receipt_sha256, "how": attempt.hand_in_how}
        if reason:
            data["reason"] = reason
        AttemptEvent.objects.create(attempt=attempt, at=now, kind=event, actor=actor.label, data=data)
    return attempt


def restate_receipt(attempt: Attempt) -> None:
    """Compute receipt and theory mark from what is stored. Effects: those columns of the attempt."""
    answers = answers_with_files(attempt.pk)
    found = digest(answers)
    attempt.receipt_count, attempt.receipt_sha256 = found.count, found.sha256
    newest = AnswerStep.objects.filter(attempt=attempt).order_by("-seq").values_list("seq", flat=True).first()
    attempt.last_seq = newest or 0
    paper_set = attempt.paper_set
    if paper_set.released_key is not None and paper_set.scoring_cipher is not None:
        keys = open_answer_keys(bytes(paper_set.scoring_cipher), secret=bytes(paper_set.released_key))
        points, detail = keys.score(answers) or (None, None)
        attempt.theory_points = points
        attempt.theory_detail = None if detail is None else json.loads(detail)
    attempt.save(update_fields=["receipt_count", "receipt_sha256", "last_seq", "theory_points", "theory_detail"])


def hand_in_overdue(*, actor: Actor, now: datetime) -> list[Attempt]:
    """Hand in every running attempt whose closing time and grace are over.

    The engine does this by itself every second; this sweep covers the time when none runs. Safe to repeat.
    """
    running = Attempt.objects.filter(state="running", room_session__ends_at__lt=now)
    due = [a for a in running.select_related("room_session", "paper_set") if must_hand_in(clock_of(a), now)]
    return [close_attempt(attempt=a, event="auto_hand_in", actor=actor, now=now) for a in due]


def log_digest(session: RoomSession) -> tuple[str, int]:
    """(SHA-256 hex, number of lines) of everything that the engine logged for a room: steps, events, receipts."""
    summary, lines = hashlib.sha256(), 0
    for line in _log_lines(session):
        summary.update(line.encode() + b"\n")
        lines += 1
    return summary.hexdigest(), lines


def _log_lines(session: RoomSession) -> Iterator[str]:
    steps = AnswerStep.objects.filter(attempt__room_session=session).order_by("attempt_id", "seq")
    columns = ("attempt_id", "seq", "item", "value", "client_ms", "received_at")
    for row in steps.values_list(*columns).iterator(chunk_size=5000):
        yield json.dumps(["step", *row[:-1], _text(row[-1])], ensure_ascii=False)
    events = AttemptEvent.objects.filter(attempt__room_session=session).order_by("attempt_id", "pk")
    for event in events.values_list("attempt_id", "at", "kind", "actor", "data").iterator(chunk_size=5000):
        text = json.dumps(event[4], ensure_ascii=False, sort_keys=True)
        yield json.dumps(["event", event[0], _text(event[1]), event[2], event[3], text], ensure_ascii=False)
    receipts = Attempt.objects.filter(room_session=session).order_by("pk")
    for receipt in receipts.values_list("pk", "state", "receipt_count", "receipt_sha256", "hand_in_how"):
        yield json.dumps(["receipt", *receipt], ensure_ascii=False)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def anchor_log(session: RoomSession, *, actor: Actor, now: datetime) -> str:
    """Write the digest of a closed room's log into the audit chain and return it.

    Called in the transaction that closes the room. From then on a changed, removed or added step of that
    room no longer fits the chain: :func:`log_is_whole` tells. Refusal ``room_has_running``.
    """
    if Attempt.objects.filter(room_session=session, state="running").exists():
        raise Refusal("room_has_running", _("还有考生未交卷，交卷后才能结束本考场"))
    found, lines = log_digest(session)
    record("room_session.anchor", session, actor=actor, now=now, data={"sha256": found, "lines": lines})
    return found


def log_is_whole(session: RoomSession) -> bool:
    """Whether a room's log still is what was anchored when the room was closed last; False if it never was."""
    rows = AuditRow.objects.filter(action="room_session.anchor", object_key=str(session.pk))
    newest = rows.order_by("-seq").first()
    return newest is not None and newest.data["sha256"] == log_digest(session)[0]
