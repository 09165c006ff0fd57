"""Rooms of a site: grid, seats, cameras."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain import rooms as verbs
from jinbang.accreditation.domain.requirements import site_requirements
from jinbang.accreditation.models import Camera, Room, Seat
from jinbang.accreditation.permissions import visible_rooms, visible_sites
from jinbang.web.centre.accreditation.forms import CameraForm, RoomForm, SeatForm
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.forms import ConfirmForm, form_page, initial_of
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.requests import OfficeRequest


def seat_rows(seats: list[Seat]) -> list[list[Seat]]:
    """Seats as the rows of the room, front first."""
    ordered = sorted(seats, key=lambda seat: (seat.row, seat.column))
    return [list(group) for _row, group in groupby(ordered, key=lambda seat: seat.row)]


@requires("site.view")
def room(request: OfficeRequest, pk: int) -> HttpResponse:
    """One room: its seats as they stand, its cameras."""
    obj = scoped_get(visible_rooms(request.access), pk)
    editable = request.access.can("site.edit", obj.site.organisation)
    seats = list(obj.seats.all())
    usable = [seat for seat in seats if seat.usable]
    cameras = {camera.position: camera for camera in obj.cameras.all()}
    context = {
        "title": obj.name,
        "subtitle": obj.site,
        "page_actions": _actions(obj) if editable else [],
        "facts": [
            Fact(_("站点"), obj.site, link=reverse("site", args=[obj.site_id])),
            Fact(_("楼栋与楼层"), obj.building),
            Fact(_("机位"), len(seats), "number"),
            Fact(_("可用考位（含备用）"), len(usable), "number"),
            Fact(_("可安排考生"), sum(not seat.spare for seat in usable), "number"),
            Fact(_("最小机位间距（厘米）"), obj.spacing_cm, "number", hint=_spacing_hint(obj)),
            Fact(_("考生机 IP 段"), obj.address_range, "mono"),
            Fact(_("无障碍考场"), obj.accessible, "flag"),
            Fact(_("单独考场"), obj.separate, "flag", hint=_("不参加普通编排") if obj.separate else ""),
        ],
        "room": obj,
        "rows": seat_rows(seats),
        "cameras": [(position, cameras.get(position.value)) for position in Camera.Position],
        "editable": editable,
        "happenings": timeline(obj),
    }
    return render(request, "centre/room.html", context)


def _spacing_hint(obj: Room) -> Any:
    return _("小于 1 米，隔位使用") if obj.spacing_cm < site_requirements().least_spacing_cm else ""


def _actions(obj: Room) -> list[PageAction]:
    return [
        PageAction(_("修改"), reverse("site_room_edit", args=[obj.pk]), "edit"),
        PageAction(_("删除考场"), reverse("site_room_remove", args=[obj.pk]), "trash"),
    ]


def _editable(request: OfficeRequest, pk: int) -> Room:
    obj = scoped_get(visible_rooms(request.access), pk)
    request.access.require("site.edit", obj.site.organisation)
    return obj


@requires("site.edit")
def room_new(request: OfficeRequest, site: int) -> HttpResponse:
    """Add a room; its seats are laid out by the grid."""
    place = scoped_get(visible_sites(request.access), site)
    request.access.require("site.edit", place.organisation)
    return form_page(
        request,
        RoomForm,
        lambda data: verbs.add_room(site=place, plan=verbs.RoomPlan(**data), actor=request.actor, now=request.now),
        title=_("添加考场"),
        intro=_("按排数和列数自动生成考位，按 S 形编号。"),
        done=lambda made: reverse("site_room", args=[made.pk]),
        cancel=reverse("site", args=[site]),
    )


@requires("site.edit")
def room_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Describe a room anew."""
    obj = _editable(request, pk)
    return form_page(
        request,
        RoomForm,
        lambda data: verbs.change_room(room=obj, plan=verbs.RoomPlan(**data), actor=request.actor, now=request.now),
        title=_("修改考场"),
        intro=_("改动排列、间距或备用机比例会重新生成全部考位。"),
        done=lambda _saved: reverse("site_room", args=[pk]),
        cancel=reverse("site_room", args=[pk]),
        initial=initial_of(obj, verbs.RoomPlan.__annotations__),
    )


@requires("site.edit")
def room_remove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a room away."""
    obj = _editable(request, pk)

    def remove(_data: dict[str, Any]) -> bool:
        verbs.remove_room(room=obj, actor=request.actor, now=request.now)
        return True

    return form_page(
        request,
        ConfirmForm,
        remove,
        title=_("删除考场 {name}").format(name=obj.name),
        intro=_("考位和摄像头登记会一并删除。"),
        submit=_("删除"),
        done=lambda _done: reverse("site", args=[obj.site_id]),
        cancel=reverse("site_room", args=[pk]),
    )


@requires("site.edit")
def seat_edit(request: OfficeRequest, pk: int, seat: int) -> HttpResponse:
    """Change one desk."""
    obj = _editable(request, pk)
    desk = scoped_get(obj.seats.select_related("room__site"), seat)
    return form_page(
        request,
        SeatForm,
        lambda data: verbs.set_seat(seat=desk, actor=request.actor, now=request.now, **data),
        title=_("{number} 号机位").format(number=desk.number),
        done=lambda _saved: reverse("site_room", args=[pk]),
        cancel=reverse("site_room", args=[pk]),
        initial=initial_of(desk, ("usable", "spare", "accessible", "fixed_ip")),
    )


@requires("site.edit")
def camera_edit(request: OfficeRequest, pk: int, position: str) -> HttpResponse:
    """State the camera in front or at the back."""
    obj = _editable(request, pk)
    if position not in Camera.Position.values:
        raise Http404
    present = obj.cameras.filter(position=position).first()
    return form_page(
        request,
        CameraForm,
        lambda data: verbs.set_camera(room=obj, position=position, actor=request.actor, now=request.now, **data),
        title=_("{where}部摄像头").format(where=Camera.Position(position).label),
        done=lambda _saved: reverse("site_room", args=[pk]),
        cancel=reverse("site_room", args=[pk]),
        initial=initial_of(present, ("model", "shows_time", "keeps_years")) if present else None,
    )
