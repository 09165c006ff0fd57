"""Incidents: what went out of the ordinary, by code, for the minutes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.room.common import signature
from jinbang.delivery.models import Attempt, Incident, RoomSession

CODES = {
    "power": _("停电"),
    "network": _("断网"),
    "machine": _("机器故障"),
    "software": _("软件或素材问题"),
    "item": _("对试题提出疑问"),
    "illness": _("考生身体不适"),
    "late": _("迟到入场"),
    "left": _("中途离场"),
    "identity": _("身份存疑或人证不符"),
    "disturbance": _("扰乱考场秩序"),
    "breach": _("违纪"),
    "cheating": _("疑似作弊"),
    "staffing": _("监考人员与安排不符"),
    "other": _("其他"),
}
WAIVER = "waiver"
ALL_CODES = {**CODES, WAIVER: _("放弃未同步的作答")}
NEEDS_SEAT = frozenset({"identity", "breach", "cheating", "illness", "late", "left", WAIVER})
NEEDS_NOTE = frozenset({"identity", "breach", "cheating", "disturbance", "staffing", "other", WAIVER})


def record_incident(
    *, session: RoomSession, code: str, note: str, actor: Actor, now: datetime, attempt: Attempt | None = None
) -> Incident:
    """Record an incident, of the room or of one ``attempt``. Effects: the incident and an audit row.

    Refusals: ``code_unknown``, ``seat_needed``, ``note_needed``.
    """
    if code not in ALL_CODES:
        raise Refusal("code_unknown", _("请选择事件类型"), field="code")
    if attempt is None and code in NEEDS_SEAT:
        raise Refusal("seat_needed", _("这类事件须指明座位"), field="attempt")
    if not note.strip() and code in NEEDS_NOTE:
        raise Refusal("note_needed", _("这类事件须写明经过"), field="note")
    with transaction.atomic():
        incident = Incident.objects.create(
            room_session=session, attempt=attempt, code=code, note=note.strip(), at=now, by=signature(actor)
        )
        record("incident.record", incident, actor=actor, now=now, reason=incident.note, data={"code": code})
    return incident
