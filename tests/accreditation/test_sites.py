"""Exam sites, rooms and readiness, through the verbs."""

from __future__ import annotations

from datetime import date

import pytest
from tests.accreditation.factories import ACTOR, NOW, draft_site, equipped_room, live_site, refused, scan, school

from jinbang.accreditation.domain import rooms, sites
from jinbang.accreditation.domain.catalogue import read_address
from jinbang.accreditation.domain.readiness import readiness
from jinbang.accreditation.domain.requirements import site_requirements
from jinbang.accreditation.models import Room, Seat, Site
from jinbang.accreditation.queries.sites import capacity
from jinbang.core.errors import Refusal

pytestmark = pytest.mark.django_db


def room_plan(**changes: object) -> rooms.RoomPlan:
    return rooms.RoomPlan(**({"name": "机房", "rows": 5, "columns": 8, "spacing_cm": 100} | changes))


def test_forty_tight_seats_give_twenty():
    room = rooms.add_room(
        site=draft_site(school()), plan=room_plan(spacing_cm=99, spare_percent=0), actor=ACTOR, now=NOW
    )
    usable = set(room.seats.filter(usable=True).values_list("row", "column"))
    assert (room.seats.count(), len(usable)) == (40, 20)
    assert not any((row, column + 1) in usable or (row + 1, column) in usable for row, column in usable)


def test_spares_are_rounded_up_and_not_for_candidates():
    site = draft_site(school())
    rooms.add_room(site=site, plan=room_plan(columns=9), actor=ACTOR, now=NOW)
    assert Seat.objects.filter(spare=True).count() == 3  # 5 % of 45
    assert capacity(site) == 42


def test_seats_are_numbered_in_s_order():
    room = rooms.add_room(site=draft_site(school()), plan=room_plan(rows=2, columns=2), actor=ACTOR, now=NOW)
    assert list(room.seats.values_list("number", "row", "column")) == [(1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 1, 2)]


def test_a_bare_site_is_told_everything_it_lacks():
    site = draft_site(school())
    sites.save_site(
        site=site, actor=ACTOR, now=NOW,
        form=sites.SiteForm(name="考点", address="a", contact_name="b", contact_phone="13800000000"),
    )  # fmt: skip
    with pytest.raises(Refusal) as caught:
        sites.submit_site(site=Site.objects.get(), actor=ACTOR, now=NOW)
    assert caught.value.params["codes"] == ("no_room", "router", "whitelist")


def test_small_room_and_weak_cameras_are_named():
    site = draft_site(school())
    room = rooms.add_room(site=site, plan=room_plan(spacing_cm=80), actor=ACTOR, now=NOW)
    rooms.set_camera(room=room, position="front", model="x", shows_time=True, keeps_years=2, actor=ACTOR, now=NOW)
    with pytest.raises(Refusal) as caught:
        sites.submit_site(site=site, actor=ACTOR, now=NOW)
    assert caught.value.params["codes"] == ("seats", "camera_keeps", "camera_missing")
    assert "机房可用考位 20 个，须不少于 40 个" in str(caught.value)


def test_live_only_with_both_agreements():
    site = draft_site(school())
    equipped_room(site)
    sites.submit_site(site=site, actor=ACTOR, now=NOW)
    filing = {
        "site": site, "signed_on": date(2022, 3, 1), "valid_until": date(2025, 3, 1), "scan": scan(), "actor": ACTOR,
        "now": NOW,
    }  # fmt: skip
    with refused("site_not_approved"):
        sites.file_agreement(kind="site", number="A1", **filing)
    sites.approve_site(site=site, actor=ACTOR, now=NOW)
    sites.file_agreement(kind="site", number="A1", **filing)
    assert Site.objects.get().state == "approved"
    assert [check.ok for check in readiness(site)][-2:] == [True, False]
    with refused("agreement_filed"):
        sites.file_agreement(kind="site", number="A2", **filing)
    with refused("agreement_number"):
        sites.file_agreement(kind="exam_affairs", number="A1", **filing)
    sites.file_agreement(kind="exam_affairs", number="A2", **filing)
    assert Site.objects.get().state == "live"
    assert all(check.ok for check in readiness(site))


def test_a_terminated_agreement_suspends_the_site_until_a_new_one():
    site = live_site(school())
    agreement = site.agreements.get(kind="site")
    sites.terminate_agreement(agreement=agreement, reason="协议到期", actor=ACTOR, now=NOW)
    assert Site.objects.get().state == "suspended"
    with refused("agreements_missing"):
        sites.resume_site(site=site, actor=ACTOR, now=NOW)
    sites.file_agreement(
        site=site, kind="site", number="B1", signed_on=date(2022, 4, 1), valid_until=date(2025, 4, 1), scan=scan(),
        actor=ACTOR, now=NOW,
    )  # fmt: skip
    assert sites.resume_site(site=site, actor=ACTOR, now=NOW).state == "live"


def test_codes_follow_one_another():
    assert [draft_site(school(f"校{n}")).code for n in range(3)] == ["0001", "0002", "0003"]


def test_rooms_cannot_change_during_review():
    site = draft_site(school())
    room = equipped_room(site)
    sites.submit_site(site=site, actor=ACTOR, now=NOW)
    with refused("site_closed"):
        rooms.change_room(room=Room.objects.get(pk=room.pk), plan=room_plan(), actor=ACTOR, now=NOW)


def test_changing_the_spacing_lays_the_room_out_again():
    site = draft_site(school())
    room = equipped_room(site)
    rooms.change_room(room=room, plan=room_plan(spacing_cm=90), actor=ACTOR, now=NOW)
    assert room.seats.filter(usable=True).count() == 20


@pytest.mark.parametrize("size", [{"rows": 0}, {"rows": 10, "columns": 10}, {"rows": 61, "columns": 1}])
def test_impossible_rooms(size):
    with refused("room_size"):
        rooms.add_room(site=draft_site(school()), plan=room_plan(**size), actor=ACTOR, now=NOW)


def test_a_seat_between_used_ones_stays_closed_in_a_tight_room():
    room = rooms.add_room(site=draft_site(school()), plan=room_plan(spacing_cm=80), actor=ACTOR, now=NOW)
    seat = room.seats.filter(usable=False).first()
    with refused("too_tight"):
        rooms.set_seat(seat=seat, usable=True, spare=False, fixed_ip=None, actor=ACTOR, now=NOW)


@pytest.mark.parametrize(
    ("address", "host", "kind"),
    [
        ("maoyan.com", "maoyan.com", "domain"),
        ("movie.douban.com", "movie.douban.com", "host"),
        ("www.zhonghui.vip/", "www.zhonghui.vip", "host"),
        ("https://cd.lianjia.com/", "cd.lianjia.com", "host"),
        ("https://www.renrenche.com/cd/", "www.renrenche.com", "path"),
        ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz", "www.cs.toronto.edu", "path"),
    ],
)
def test_what_a_router_can_enforce(address, host, kind):
    read = read_address(address)
    assert (read.host, read.kind) == (host, kind)


def test_the_requirements_are_those_of_the_source():
    found = site_requirements()
    assert (found.least_seats, found.least_spacing_cm, found.camera_keeps_years) == (40, 100, 3)
    rows = {row.name: (row.recommended, row.minimum) for row in found.machines["zh"]}
    assert rows["内存"] == ("4 GB", "2 GB 以上")
    assert rows["还原卡"] == ("考前关闭还原卡功能", "")
    assert len(found.machines["en"]) == len(rows) == 12
    assert all(row.name and row.recommended for row in found.machines["en"])
