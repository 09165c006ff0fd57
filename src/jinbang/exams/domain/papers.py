"""Printed matter of a sitting at a site, made from its frozen arrangement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType

from django.utils.translation import gettext as _

from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import Room, Seat
from jinbang.audit.actor import Actor
from jinbang.core.errors import Refusal
from jinbang.core.timing import may_submit, require
from jinbang.documents.domain.issue import issue, photo_reference
from jinbang.documents.models import IssuedDocument
from jinbang.exams.domain.rules import Rules, rules_of
from jinbang.exams.domain.windows import tickets_window
from jinbang.exams.models import Arrangement, SeatAssignment, Sitting
from jinbang.pdf import data as pages

_SEXES = {"M": "男", "F": "女"}


@dataclass(frozen=True)
class RoomList:
    """A room and its candidates in seat order."""

    room: Room
    rows: tuple[SeatAssignment, ...]

    @property
    def levels(self) -> str:
        """The levels sat in this room."""
        found = {row.registration.level.rank: row.registration.level.name for row in self.rows}
        return "、".join(found[rank] for rank in sorted(found))


@dataclass(frozen=True)
class Occasion:
    """What every paper of a sitting at a site says, read once."""

    arrangement: Arrangement
    slots: tuple[pages.Slot, ...]
    rooms: tuple[RoomList, ...]
    rules: Rules

    @property
    def sitting(self) -> Sitting:
        """The sitting."""
        return self.arrangement.sitting

    @property
    def day(self) -> str:
        """The day of the exam."""
        return self.sitting.date.isoformat()


def occasion_of(arrangement: Arrangement) -> Occasion:
    """Read a frozen arrangement; withdrawn candidates are left out. Refusal ``not_frozen``."""
    if arrangement.frozen_at is None or arrangement.discarded_at is not None:
        raise Refusal("not_frozen", _("编排冻结后才能打印；请先确认并冻结编排"))
    rows = arrangement.assignments.filter(registration__state="seated").select_related(
        "registration__candidate__photo", "registration__level", "registration__school", "seat__room"
    )
    ordered = sorted(rows, key=lambda row: (row.seat.room.number, row.seat.number))
    rooms = tuple(RoomList(room, tuple(group)) for room, group in groupby(ordered, key=lambda row: row.seat.room))
    return Occasion(arrangement, slots_of(arrangement.sitting), rooms, rules_of(arrangement.sitting.plan))


def slots_of(sitting: Sitting) -> tuple[pages.Slot, ...]:
    """Subjects with day and hours."""
    return tuple(
        pages.Slot(
            subject.get_subject_display(),
            subject.starts_at.astimezone(ZONE).date().isoformat(),
            _hours(subject.starts_at, subject.minutes),
        )
        for subject in sitting.subjects.order_by("starts_at")
    )


def _hours(starts: datetime, minutes: int) -> str:
    begin = starts.astimezone(ZONE)
    return f"{begin:%H:%M}–{begin + timedelta(minutes=minutes):%H:%M}"


def tickets(
    occasion: Occasion, rows: Sequence[SeatAssignment] | None = None, *, per_page: int = 1
) -> pages.TicketSheet:
    """Admission tickets in seat order; ``rows`` limits them (a school prints its own)."""
    chosen = [row for group in occasion.rooms for row in group.rows] if rows is None else rows
    rules = occasion.rules
    return pages.TicketSheet(
        tickets=tuple(_ticket(occasion, row) for row in chosen),
        rules=(
            _("考生须持本准考证和有效身份证件，于开考前 {minutes} 分钟起到考场签到，对号入座。").format(
                minutes=rules.sign_in_before_min
            ),
            _("开考 {minutes} 分钟后仍未签到者不得入场，按缺考处理；缺考不计为 0 分。").format(
                minutes=rules.late_after_min
            ),
            _("开考 {minutes} 分钟内不得交卷。").format(minutes=rules.min_stay_min),
            _("手机等通信和存储设备关机后放在指定位置，不得带到座位。"),
            _("作答由系统随时保存；遇断电、断网请举手，不要自行重启，耽误的时间会补足。"),
            _("违纪取消该科目成绩，作弊取消本场各科目成绩。"),
        ),
        issuer=occasion.sitting.plan.certificate_type.awarding.name,
        per_page=per_page,
    )


def _ticket(occasion: Occasion, row: SeatAssignment) -> pages.Ticket:
    registration, site = row.registration, occasion.arrangement.site
    candidate = registration.candidate
    return pages.Ticket(
        exam=occasion.sitting.name,
        level=registration.level.name,
        name=candidate.name,
        sex=_SEXES[candidate.sex],
        id_number=candidate.id_mask,
        ticket_number=registration.ticket_number,
        school=registration.school.name,
        site=site.name,
        address=site.address,
        room=row.seat.room.name,
        seat=str(row.seat.number),
        slots=occasion.slots,
        photo=photo_reference(candidate.photo),
        qr=registration.ticket_number,
    )


def door_signs(occasion: Occasion) -> pages.DoorSigns:
    """A page for the door of every room in use."""
    return pages.DoorSigns(
        tuple(
            pages.DoorSign(
                exam=occasion.sitting.name,
                site=occasion.arrangement.site.name,
                room=group.room.name,
                place=group.room.building,
                level=group.levels,
                slots=occasion.slots,
                first_ticket=min(row.registration.ticket_number for row in group.rows),
                last_ticket=max(row.registration.ticket_number for row in group.rows),
                count=len(group.rows),
            )
            for group in occasion.rooms
        )
    )


def sign_in_sheet(occasion: Occasion, group: RoomList) -> pages.SignInSheet:
    """The sign-in sheet of one room."""
    return pages.SignInSheet(
        exam=occasion.sitting.name,
        site=occasion.arrangement.site.name,
        room=group.room.name,
        level=group.levels,
        day=occasion.day,
        subjects=tuple(slot.name for slot in occasion.slots),
        rows=tuple(
            pages.SignInRow(
                seat=str(row.seat.number),
                ticket_number=row.registration.ticket_number,
                name=row.registration.candidate.name,
                id_number=row.registration.candidate.id_mask,
                school=row.registration.school.name,
            )
            for row in group.rows
        ),
    )


def seat_map(occasion: Occasion, group: RoomList) -> pages.SeatMap:
    """The seat map of one room, every desk shown."""
    taken = {row.seat_id: row.registration for row in group.rows}
    return pages.SeatMap(
        exam=occasion.sitting.name,
        site=occasion.arrangement.site.name,
        room=group.room.name,
        day=occasion.day,
        cells=tuple(
            pages.SeatCell(
                row=seat.row,
                column=seat.column,
                label=str(seat.number),
                state=_state(seat, seat.pk in taken),
                name=taken[seat.pk].candidate.name if seat.pk in taken else "",
                ticket_number=taken[seat.pk].ticket_number if seat.pk in taken else "",
            )
            for seat in group.room.seats.all()
        ),
    )


def _state(seat: Seat, taken: bool) -> str:
    if taken:
        return "taken"
    return "spare" if seat.spare else "unused"


def desk_labels(occasion: Occasion) -> pages.DeskLabels:
    """A label for every candidate's desk."""
    return pages.DeskLabels(
        exam=occasion.sitting.name,
        labels=tuple(
            pages.DeskLabel(
                room=group.room.name,
                seat=str(row.seat.number),
                name=row.registration.candidate.name,
                ticket_number=row.registration.ticket_number,
                level=row.registration.level.name,
            )
            for group in occasion.rooms
            for row in group.rows
        ),
    )


def banner(occasion: Occasion) -> pages.Banner:
    """The banner over the entrance."""
    return pages.Banner(_("热烈欢迎参加{exam}").format(exam=occasion.sitting.name))


_WHOLE: Mapping[str, Callable[[Occasion], object]] = MappingProxyType(
    {"ticket": tickets, "door_sign": door_signs, "desk_label": desk_labels, "banner": banner}
)
_BY_ROOM: Mapping[str, Callable[[Occasion, RoomList], object]] = MappingProxyType(
    {"sign_in_sheet": sign_in_sheet, "seat_map": seat_map}
)
KINDS = (*_WHOLE, *_BY_ROOM)


def issue_papers(*, arrangement: Arrangement, kind: str, actor: Actor, now: datetime) -> list[IssuedDocument]:
    """Print one kind for a site: tickets, door signs, desk labels and banner in one file, lists a file per room.

    Effects: ``IssuedDocument`` rows (those that exist are returned), audit rows. Refusals: ``not_frozen``; for
    tickets ``window_upcoming`` and ``window_closed``.
    """
    if kind == "ticket":
        require(may_submit(tickets_window(arrangement.sitting), now), ZONE)
    occasion = occasion_of(arrangement)
    owner = arrangement.site.organisation
    if kind in _WHOLE:
        data = _WHOLE[kind](occasion)
        return [issue(kind=kind, data=data, obj=arrangement, actor=actor, now=now, organisation=owner)]
    return [
        issue(kind=kind, data=_BY_ROOM[kind](occasion, group), obj=group.room, actor=actor, now=now, organisation=owner)
        for group in occasion.rooms
    ]
