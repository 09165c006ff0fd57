"""Rooms, their seats and cameras."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.domain.layout import Desk, grid
from jinbang.accreditation.domain.requirements import site_requirements
from jinbang.accreditation.models import Camera, Room, Seat, Site
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal

_EDITABLE = frozenset({"draft", "approved", "live", "suspended"})
_MOST_SIDE = 60
_MOST_SEATS = 99  # two digits of the ticket number


@dataclass(frozen=True)
class RoomPlan:
    """A room as its manager describes it; ``spacing_cm`` is from desk to desk, the least in the room."""

    name: str
    rows: int
    columns: int
    spacing_cm: int
    building: str = ""
    spare_percent: int = 5
    address_range: str = ""
    accessible: bool = False
    separate: bool = False


def add_room(*, site: Site, plan: RoomPlan, actor: Actor, now: datetime) -> Room:
    """Set up a room with its seats; rooms are numbered from 1 without gaps as they are added.

    Effects: a ``Room``, its ``Seat`` rows, an audit row. Refusals: ``site_closed``, ``room_size``,
    ``spare_percent``.
    """
    _check(site, plan)
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=site.pk)
        last = Room.objects.filter(site=site).order_by("-number").values_list("number", flat=True).first()
        room = Room.objects.create(site=site, number=(last or 0) + 1, **asdict(plan))
        _lay_out(room)
        record("room.add", room, actor=actor, now=now, data=asdict(plan))
    return room


def change_room(*, room: Room, plan: RoomPlan, actor: Actor, now: datetime) -> Room:
    """Describe a room anew; seats are laid out again if the grid, the spacing or the spares changed.

    Effects: the room's fields, perhaps all its ``Seat`` rows, an audit row. Refusals as ``add_room``, and
    ``seats_in_use`` once a candidate was ever seated there.
    """
    _check(room.site, plan)
    layout = ("rows", "columns", "spacing_cm", "spare_percent")
    with transaction.atomic():
        room = Room.objects.select_for_update(of=("self",)).select_related("site").get(pk=room.pk)
        relaid = any(getattr(room, name) != getattr(plan, name) for name in layout)
        for name, value in asdict(plan).items():
            setattr(room, name, value)
        room.save(update_fields=list(asdict(plan)))
        if relaid:
            _clear_seats(room)
            _lay_out(room)
        record("room.change", room, actor=actor, now=now, data=asdict(plan))
    return room


def remove_room(*, room: Room, actor: Actor, now: datetime) -> None:
    """Take a room away. Refusals: ``seats_in_use``, ``site_closed``."""
    _require_editable(room.site)
    with transaction.atomic():
        record("room.remove", room, actor=actor, now=now)
        _clear_seats(room)
        room.delete()


def set_seat(
    *,
    seat: Seat,
    usable: bool,
    spare: bool,
    fixed_ip: str | None,
    accessible: bool = False,
    actor: Actor,
    now: datetime,
) -> Seat:
    """Change one desk: out of use, spare, accessible (room for a wheelchair), its machine's address.

    Effects: the seat, an audit row. Refusals: ``too_tight`` (its neighbour is in use), ``spare_not_usable``.
    """
    _require_editable(seat.room.site)
    if spare and not usable:
        raise Refusal("spare_not_usable", _("备用机位必须是可用机位"))
    with transaction.atomic():
        if usable and not seat.usable and _has_used_neighbour(seat):
            raise Refusal("too_tight", _("机位间距小于 1 米，须隔位使用：相邻机位已启用"))
        seat.usable, seat.spare, seat.accessible, seat.fixed_ip = usable, spare, accessible, fixed_ip or None
        seat.save(update_fields=["usable", "spare", "accessible", "fixed_ip"])
        data = {"usable": usable, "spare": spare, "accessible": accessible}
        record("seat.change", seat, actor=actor, now=now, data=data)
    return seat


def set_camera(
    *, room: Room, position: str, model: str, shows_time: bool, keeps_years: int, actor: Actor, now: datetime
) -> Camera:
    """State the camera at ``position`` (front or back). Effects: a ``Camera``, an audit row."""
    with transaction.atomic():
        camera, _created = Camera.objects.update_or_create(
            room=room,
            position=position,
            defaults={"model": model, "shows_time": shows_time, "keeps_years": keeps_years},
        )
        record("camera.set", room, actor=actor, now=now, data={"position": position, "keeps_years": keeps_years})
    return camera


def _check(site: Site, plan: RoomPlan) -> None:
    _require_editable(site)
    fits = 1 <= plan.rows <= _MOST_SIDE and 1 <= plan.columns <= _MOST_SIDE
    if not fits or plan.rows * plan.columns > _MOST_SEATS:
        raise Refusal(
            "room_size", _("机位排数、列数须为正数，且一个考场不超过 {most} 个机位；更大的机房请分成几个考场"),
            most=_MOST_SEATS,
        )  # fmt: skip
    if not 0 <= plan.spare_percent <= 50:
        raise Refusal("spare_percent", _("备用机比例应在 0 至 50% 之间"))


def _require_editable(site: Site) -> None:
    if site.state not in _EDITABLE:
        raise Refusal("site_closed", _("站点正在审批或已关闭，不能修改考场；请先撤回申请"))


def _lay_out(room: Room) -> None:
    desks: list[Desk] = grid(
        rows=room.rows, columns=room.columns, spacing_cm=room.spacing_cm, spare_percent=room.spare_percent
    )
    Seat.objects.bulk_create(Seat(room=room, **asdict(desk)) for desk in desks)


def _clear_seats(room: Room) -> None:
    try:
        room.seats.all().delete()
    except ProtectedError:
        raise Refusal("seats_in_use", _("该考场已编排过考生，不能改动机位布局；请新增一个考场")) from None


def _has_used_neighbour(seat: Seat) -> bool:
    if seat.room.spacing_cm >= site_requirements().least_spacing_cm:
        return False
    beside = Seat.objects.filter(room=seat.room, usable=True).exclude(pk=seat.pk)
    near = beside.filter(row=seat.row, column__in=[seat.column - 1, seat.column + 1])
    return near.exists() or beside.filter(column=seat.column, row__in=[seat.row - 1, seat.row + 1]).exists()
