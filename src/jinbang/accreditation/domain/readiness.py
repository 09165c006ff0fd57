"""What a site must have: checked when it applies, shown as a list until it is live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jinbang.accreditation.domain.requirements import site_requirements
from jinbang.accreditation.models import Agreement, Camera, Room, Site
from jinbang.accreditation.queries.sites import agreements_in_force, rooms_with_counts
from jinbang.core.problems import Problem


@dataclass(frozen=True)
class Check:
    """One line of the list; ``problem`` says what to do, ``None`` when it is in order."""

    title: str
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is left to do."""
        return self.problem is None


def premises(site: Site) -> list[Check]:
    """Rooms, cameras, network: what must be in order before a site applies."""
    rooms = list(rooms_with_counts(site).prefetch_related("cameras"))
    ordinary = any(not room.separate for room in rooms)
    checks = [Check(_("考场"), None if ordinary else Problem.of("no_room", "尚未设置考场，请先添加至少一个考场"))]
    checks += [check for room in rooms for check in _room(room)]
    checks.append(
        Check(_("限网设备"), None if site.router_model else Problem.of("router", "请填写限制访问网络的设备型号"))
    )
    confirmed = site.whitelist_confirmed
    checks.append(
        Check(
            _("网址白名单"), None if confirmed else Problem.of("whitelist", "请按白名单设置并确认名单外网址均不能访问")
        )
    )
    return checks


def readiness(site: Site) -> list[Check]:
    """The whole list, agreements included."""
    filed = agreements_in_force(site)
    return [
        *premises(site),
        *(
            Check(
                _(str(kind.label)),
                None
                if kind.value in filed
                else Problem.of(f"agreement_{kind.value}", "协议尚未归档，请线下签署后上传扫描件"),
            )
            for kind in Agreement.Kind
        ),
    ]


def _room(room: Room) -> Iterator[Check]:
    least = site_requirements().least_seats
    usable: int = getattr(room, "usable_seats")  # noqa: B009 - annotated by rooms_with_counts
    yield Check(
        _("{room} 考位").format(room=room.name),
        None
        if usable >= least or room.separate
        else Problem.of(
            "seats", "{room}可用考位 {have} 个，须不少于 {need} 个；机位间距小于 1 米时须隔位使用",
            room=room.name, have=usable, need=least,
        ),
    )  # fmt: skip
    by_position = {camera.position: camera for camera in room.cameras.all()}
    for position in Camera.Position:
        yield Check(
            _("{room} {where}摄像头").format(room=room.name, where=_(str(position.label))),
            _camera(room, position, by_position.get(position.value)),
        )


def _camera(room: Room, position: Camera.Position, camera: Camera | None) -> Problem | None:
    where = f"{room.name} {_(str(position.label))}"
    years = site_requirements().camera_keeps_years
    if camera is None:
        return Problem.of("camera_missing", "{where}部没有摄像头，每个考场前后各须一个", where=where)
    if not camera.shows_time:
        return Problem.of("camera_time", "{where}部摄像头画面须显示日期和时间", where=where)
    if camera.keeps_years < years:
        return Problem.of(
            "camera_keeps", "{where}部摄像头的录像须保存 {need} 年以上，现为 {have} 年",
            where=where, need=years, have=camera.keeps_years,
        )  # fmt: skip
    return None
