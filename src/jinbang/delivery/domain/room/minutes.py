"""考场情况记录: the room minutes, written from the log. Pure reading; the PDF is made by ``jinbang.pdf``."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from jinbang.delivery.domain.closing import log_digest
from jinbang.delivery.domain.room.attendance import ZONE
from jinbang.delivery.domain.room.common import name_of
from jinbang.delivery.domain.room.incidents import ALL_CODES
from jinbang.delivery.models import Attempt, AttemptEvent, RoomSession, TimeEntry
from jinbang.delivery.queries.ledger import split_note
from jinbang.exams.models import InvigilatorAssignment
from jinbang.pdf import data as pdf


def _clock(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%H:%M:%S")


def _span(begins: datetime, ends: datetime) -> str:
    first, last = begins.astimezone(ZONE), ends.astimezone(ZONE)
    return f"{first:%Y-%m-%d %H:%M}–{last:%H:%M}"


def _minutes(seconds: int) -> str:
    whole, rest = divmod(abs(seconds), 60)
    text = f"{whole} 分" + (f" {rest} 秒" if rest else "")
    return f"−{text}" if seconds < 0 else text


def _seat(attempt: Attempt | None) -> str:
    return "全场" if attempt is None else f"{attempt.seat.number}"


def _incidents(session: RoomSession) -> list[tuple[datetime, pdf.Incident]]:
    rows = session.incidents.select_related("attempt__seat")
    return [
        (row.at, pdf.Incident(_clock(row.at), _seat(row.attempt), str(ALL_CODES[row.code]), row.note, name_of(row.by)))
        for row in rows
    ]


def _actions(session: RoomSession) -> list[tuple[datetime, pdf.Incident]]:
    """Moves, replaced machines, forced hand-ins: they belong in the minutes without anyone writing them there."""
    names = {
        "move_seat": "换座位",
        "release_machine": "更换机器",
        "force_hand_in": "强制交卷",
        "correct_absence": "更正缺考",
        "id_unchecked": "撤销核验",
    }
    rows = AttemptEvent.objects.filter(attempt__room_session=session, kind__in=names).select_related("attempt__seat")
    found = []
    for row in rows:
        note = str(row.data.get("reason", ""))
        if row.kind == "move_seat":
            note = f"{row.data['from']} 号 → {row.data['to']} 号：{note}"
        found.append((row.at, pdf.Incident(_clock(row.at), _seat(row.attempt), names[row.kind], note, row.actor)))
    return found


def _pauses(session: RoomSession) -> list[tuple[datetime, pdf.Incident]]:
    found = []
    for row in session.pauses.select_related("attempt__seat"):
        until = f"至 {_clock(row.ends_at)}" if row.ends_at else "尚未恢复"
        line = pdf.Incident(
            _clock(row.begins_at), _seat(row.attempt), "暂停", f"{until}：{row.reason}", name_of(row.by)
        )
        found.append((row.begins_at, line))
    return found


def _grants(session: RoomSession) -> tuple[pdf.TimeGrant, ...]:
    rows = TimeEntry.objects.filter(sitting_subject_id=session.sitting_subject_id).select_related("attempt__seat")
    given = dict(rows.values_list("pk", "at"))
    grants = []
    for row in rows.order_by("at", "pk"):
        if row.room_session_id not in (None, session.pk):
            continue
        scope = "全体考场" if row.room_session_id is None and row.attempt_id is None else _seat(row.attempt)
        authorised = name_of(row.authorised_by) if row.effective else "未批准"
        taken, note = split_note(row)
        back = f"收回 {_clock(given[taken])} 的延时" if taken in given else ""
        cause = " ".join(part for part in (row.get_cause_display(), back, note) if part)
        grants.append(
            pdf.TimeGrant(_clock(row.at), scope, _minutes(row.seconds), cause, name_of(row.asked_by), authorised)
        )
    return tuple(grants)


def room_minutes(*, session: RoomSession, now: datetime, remark: str = "") -> pdf.RoomMinutes:
    """What the minutes of ``session`` say as things stand at ``now``. Reads only."""
    attempts = list(session.attempts.select_related("seat").order_by("seat__number"))
    absent = [a for a in attempts if a.state == "absent"]
    handed_in = [a for a in attempts if a.state in ("handed_in", "voided")]
    lines = sorted([*_incidents(session), *_actions(session), *_pauses(session)], key=lambda pair: pair[0])
    last = max((a.handed_in_at for a in handed_in if a.handed_in_at), default=session.closed_at or session.ends_at)
    digest, _ = log_digest(session)
    subject = session.sitting_subject
    site = session.room.site_id
    here = Q(room=session.room_id) | Q(room__isnull=True, site=site)  # chiefs and inspectors watch the whole site
    watchers = InvigilatorAssignment.objects.filter(here, sitting=subject.sitting_id).select_related("person")
    return pdf.RoomMinutes(
        exam=str(subject.sitting),
        site=session.room.site.name,
        room=session.room.name,
        subject=subject.get_subject_display(),
        planned=_span(session.go_at, session.ends_at),
        actual=_span(min((a.started_at for a in attempts if a.started_at), default=session.go_at), last),
        expected=len(attempts),
        present=sum(1 for a in attempts if a.signed_in_at is not None),
        absent=len(absent),
        handed_in=len(handed_in),
        absentees=tuple(f"{a.seat.number} {a.candidate_name}" for a in absent),
        incidents=tuple(line for _, line in lines),
        grants=_grants(session),
        invigilators=tuple(
            f"{w.person.name}（{w.get_duty_display()}）" for w in watchers.order_by("duty", "person__name")
        ),
        log_digest=digest,
        printed_at=now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        remark=remark,
    )
