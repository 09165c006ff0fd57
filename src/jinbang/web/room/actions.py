"""What the console's buttons do: each names the ability that it needs, reads its fields and calls one verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from jinbang.accreditation.models import Seat
from jinbang.audit.actor import Actor
from jinbang.core.errors import Refusal
from jinbang.delivery.domain import room as verbs
from jinbang.delivery.models import Attempt, RoomSession, TimeEntry

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Asked:
    """One press of a button: who, when, in which room, at which seat, with which fields."""

    actor: Actor
    now: datetime
    session: RoomSession
    attempt: Attempt | None
    fields: Mapping[str, str]

    @property
    def signed(self) -> dict[str, Any]:
        """Actor and instant, for a verb."""
        return {"actor": self.actor, "now": self.now}

    def text(self, name: str) -> str:
        """A field as text, empty if it was not sent."""
        return str(self.fields.get(name, "")).strip()

    def seat(self) -> Attempt:
        """The attempt; a button of a seat without a seat is a defect of the page."""
        if self.attempt is None:
            raise Refusal("seat_needed", _("请先选择座位"))
        return self.attempt

    def seconds(self) -> int:
        """The field ``minutes``, which may hold a fraction, in seconds."""
        try:
            return round(float(self.text("minutes")) * 60)
        except ValueError:
            raise Refusal("minutes_invalid", _("请填写分钟数"), field="minutes") from None


def _open(asked: Asked) -> str:
    verbs.open_room(session=asked.session, reason=asked.text("reason"), **asked.signed)
    return _("考场已开启")


def _start(asked: Asked) -> str:
    try:
        hour = datetime.strptime(asked.text("go_at"), "%H:%M").time()  # noqa: DTZ007 - the day and zone follow
    except ValueError:
        raise Refusal("time_invalid", _("请按 时:分 填写时间"), field="go_at") from None
    day = asked.session.go_at.astimezone(ZONE).date()
    go_at = datetime.combine(day, hour, ZONE)
    verbs.set_start(session=asked.session, go_at=go_at, reason=asked.text("reason"), **asked.signed)
    return _("开考时间已调整")


def _broadcast(asked: Asked) -> str:
    verbs.broadcast(sessions=[asked.session], text=asked.text("text"), **asked.signed)
    return _("通知已发出")


def _identity(asked: Asked) -> str:
    verbs.check_identity(attempt=asked.seat(), **asked.signed)
    return _("身份已核验")


def _uncheck(asked: Asked) -> str:
    verbs.uncheck_identity(attempt=asked.seat(), reason=asked.text("reason"), **asked.signed)
    return _("核验已撤销")


def _absent(asked: Asked) -> str:
    verbs.mark_absent(attempt=asked.seat(), **asked.signed)
    return _("已记缺考")


def _all_absent(asked: Asked) -> str:
    marked = verbs.mark_all_absent(session=asked.session, **asked.signed)
    return _("已记缺考 {} 人").format(len(marked))


def _correct_absence(asked: Asked) -> str:
    verbs.correct_absence(attempt=asked.seat(), reason=asked.text("reason"), **asked.signed)
    return _("缺考已更正")


def _pause(asked: Asked) -> str:
    verbs.pause(session=asked.session, attempt=asked.attempt, reason=asked.text("reason"), **asked.signed)
    return _("已暂停，计时停止")


def _resume(asked: Asked) -> str:
    verbs.resume(session=asked.session, attempt=asked.attempt, **asked.signed)
    return _("已恢复，暂停的时间会补足")


def _time(asked: Asked) -> str:
    entry = verbs.give_time(
        session=asked.session, attempt=asked.attempt, seconds=asked.seconds(), cause=asked.text("cause"),
        note=asked.text("note"), **asked.signed,
    )  # fmt: skip
    return _("延时已生效") if entry.effective else _("超过单人限额，已提交，等待第二人批准")


def _entry(asked: Asked) -> TimeEntry:
    entry = TimeEntry.objects.filter(sitting_subject=asked.session.sitting_subject_id, pk=asked.text("entry")).first()
    if entry is None or entry.room_session_id != asked.session.pk:
        raise Refusal("entry_unknown", _("这笔延时不属于本考场"))
    return entry


def _authorise(asked: Asked) -> str:
    verbs.authorise(entry=_entry(asked), **asked.signed)
    return _("延时已批准并生效")


def _correct_time(asked: Asked) -> str:
    verbs.correct_time(entry=_entry(asked), note=asked.text("reason"), **asked.signed)
    return _("延时已收回")


def _decline(asked: Asked) -> str:
    verbs.decline_time(entry=_entry(asked), note=asked.text("reason"), **asked.signed)
    return _("延时申请已撤销")


def _move(asked: Asked) -> str:
    seat = Seat.objects.filter(room=asked.session.room_id, number=asked.text("seat") or 0).first()
    if seat is None:
        raise Refusal("seat_unknown", _("本考场没有这个座位"), field="seat")
    verbs.move_seat(attempt=asked.seat(), seat=seat, reason=asked.text("reason"), **asked.signed)
    return _("已换到 {} 号座位，请考生在新座位重新签到").format(seat.number)


def _machine(asked: Asked) -> str:
    verbs.release_machine(attempt=asked.seat(), reason=asked.text("reason"), **asked.signed)
    return _("已解除绑定，请考生在新机器上签到")


def _incident(asked: Asked) -> str:
    verbs.record_incident(
        session=asked.session, attempt=asked.attempt, code=asked.text("code"), note=asked.text("note"), **asked.signed
    )
    return _("事件已记录")


def _force(asked: Asked) -> str:
    verbs.force_hand_in(attempt=asked.seat(), reason=asked.text("reason"), **asked.signed)
    return _("已强制交卷")


def _waive(asked: Asked) -> str:
    verbs.waive(attempt=asked.seat(), note=asked.text("note"), **asked.signed)
    return _("已确认放弃，须由两人确认")


def _close(asked: Asked) -> str:
    verbs.close_room(session=asked.session, **asked.signed)
    return _("考场已结束，记录已存档")


def _reopen(asked: Asked) -> str:
    verbs.reopen_room(session=asked.session, reason=asked.text("reason"), **asked.signed)
    return _("考场已重新开启")


ACTIONS: Mapping[str, tuple[str, Callable[[Asked], str]]] = {
    "open": ("room_session.open", _open),
    "start": ("room_session.set_start", _start),
    "broadcast": ("room_session.broadcast", _broadcast),
    "identity": ("attempt.check_in", _identity),
    "uncheck": ("attempt.check_in", _uncheck),
    "absent": ("attempt.mark_absent", _absent),
    "all_absent": ("attempt.mark_absent", _all_absent),
    "correct_absence": ("attempt.correct_absence", _correct_absence),
    "pause": ("room_session.pause", _pause),
    "resume": ("room_session.pause", _resume),
    "time": ("extra_time.ask", _time),
    "authorise": ("extra_time.authorise", _authorise),
    "decline": ("extra_time.decline", _decline),
    "correct_time": ("extra_time.authorise", _correct_time),
    "move": ("attempt.move_seat", _move),
    "machine": ("attempt.move_seat", _machine),
    "incident": ("incident.record", _incident),
    "force": ("attempt.force_hand_in", _force),
    "waive": ("attempt.waive", _waive),
    "close": ("room_session.close", _close),
    "reopen": ("room_session.reopen", _reopen),
}
