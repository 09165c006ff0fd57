"""Opening a room, moving its start, speaking to everyone in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.domain.wording import said
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.core.problems import Problem
from jinbang.delivery.domain.room.common import require_open, require_reason
from jinbang.delivery.domain.room.incidents import record_incident
from jinbang.delivery.models import RoomSession
from jinbang.exams.domain.coverage import lacking

MESSAGE_LENGTH = 300


def open_room(*, session: RoomSession, actor: Actor, now: datetime, reason: str = "") -> RoomSession:
    """Open a room for its subject. A room without the invigilators that the plan wants needs a ``reason``.

    Effects: state, ``opened_at``, audit row; an incident with the reason where invigilators lack. Refusals:
    ``illegal_move``, ``invigilators_lacking``.
    """
    problems = _grave(session)
    gaps = [said(problem) for problem in problems]
    if gaps and not reason.strip():
        message = _("{gaps}。请先补齐监考人员；确需开启请写明原因，会记入考场记录")
        raise Refusal("invigilators_lacking", message, gaps="；".join(gaps), field="reason")
    with transaction.atomic():
        move(session, "open", actor=actor, now=now)
        session.opened_at = now
        session.save(update_fields=["opened_at"])
        if gaps:
            note = f"{'；'.join(map(str, problems))}：{reason.strip()}"  # minutes keep one language
            record_incident(session=session, code="staffing", note=note, actor=actor, now=now)
    return session


def staffing_gaps(session: RoomSession) -> list[str]:
    """What keeps the room from opening without a reason, in words."""
    return [said(problem) for problem in _grave(session)]


def _grave(session: RoomSession) -> list[Problem]:
    found = lacking(session.sitting_subject.sitting, session.room)
    return [problem for one in found for problem in one.grave]


def set_start(*, session: RoomSession, go_at: datetime, reason: str, actor: Actor, now: datetime) -> RoomSession:
    """Move the start of one room; its end moves with it, so that nobody loses time.

    Effects: ``go_at``, ``ends_at``, audit row. Refusals: ``already_started``, ``start_in_the_past``,
    ``reason_required``.
    """
    why = require_reason(reason)
    with transaction.atomic():
        session = RoomSession.objects.select_for_update().get(pk=session.pk)
        if session.go_at <= now:
            raise Refusal("already_started", _("考试已经开始，不能再改开考时间；耽误的时间请用延时补足"))
        if go_at <= now:
            raise Refusal("start_in_the_past", _("新的开考时间已经过去，请选一个以后的时间"), field="go_at")
        before, session.go_at, length = session.go_at, go_at, session.ends_at - session.go_at
        session.ends_at = go_at + length
        session.save(update_fields=["go_at", "ends_at"])
        data = {"from": before.isoformat(), "to": go_at.isoformat()}
        record("room_session.set_start", session, actor=actor, now=now, reason=why, data=data)
    return session


def broadcast(*, sessions: Iterable[RoomSession], text: str, actor: Actor, now: datetime) -> int:
    """Show ``text`` to every candidate of the rooms; an empty text takes the last one back. Returns how many rooms.

    Effects: ``message``, ``message_at`` and an audit row each. Refusals: ``room_not_open``, ``message_too_long``.
    """
    words = text.strip()
    if len(words) > MESSAGE_LENGTH:
        raise Refusal("message_too_long", _("通知最多 {most} 个字"), most=MESSAGE_LENGTH, field="text")
    told = 0
    with transaction.atomic():
        for session in sessions:
            require_open(session)
            session.message, session.message_at = words, now
            session.save(update_fields=["message", "message_at"])
            record("room_session.broadcast", session, actor=actor, now=now, data={"text": words})
            told += 1
    return told
