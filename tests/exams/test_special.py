"""Special arrangements: asked for, granted, and honoured by the draw."""

from __future__ import annotations

import pytest
from tests.accreditation.factories import ACTOR, NOW, equipped_room, refused
from tests.exams.factories import ARRANGING, REGISTERING, confirmed, world

from jinbang.accreditation.domain import rooms as room_verbs
from jinbang.accreditation.models import Room, Seat
from jinbang.accreditation.queries.sites import capacity
from jinbang.core.lifecycle import IllegalMove
from jinbang.exams.domain import arrangements
from jinbang.exams.domain import special_arrangements as special
from jinbang.exams.models import SeatAssignment

pytestmark = pytest.mark.django_db
WANTED = {"extra_minutes": 0, "accessible": False, "separate": False, "grounds": "持残疾人证"}


def ask(row, **values):
    return special.request_special(registration=row, actor=ACTOR, now=REGISTERING, **(WANTED | values))


def grant(row, **values):
    return special.approve_special(special=ask(row, **values), actor=ACTOR, now=REGISTERING)


def draw(w, seed=3):
    return arrangements.draw(sitting=w.sitting, site=w.site, actor=ACTOR, now=ARRANGING, seed=seed)


def places(arrangement) -> dict[int, Seat]:
    rows = SeatAssignment.objects.filter(arrangement=arrangement).select_related("seat__room")
    return {row.registration_id: row.seat for row in rows}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "special_empty"),
        ({"accessible": True, "grounds": " "}, "grounds_missing"),
        ({"extra_minutes": 241}, "extra_minutes"),
    ],
)
def test_what_cannot_be_asked_for(values, code):
    w = world()
    with refused(code):
        ask(confirmed(w, 1)[0], **values)


def test_one_at_a_time_decided_once_and_taken_back():
    w = world()
    row = confirmed(w, 1)[0]
    asked = ask(row, extra_minutes=30)
    with refused("special_exists"):
        ask(row, accessible=True)
    with refused("reason_required"):
        special.reject_special(special=asked, reason="", actor=ACTOR, now=NOW)
    special.reject_special(special=asked, reason="材料不全", actor=ACTOR, now=NOW)
    with pytest.raises(IllegalMove):
        special.approve_special(special=asked, actor=ACTOR, now=NOW)
    granted = grant(row, extra_minutes=30)
    special.withdraw_special(special=granted, actor=ACTOR, now=NOW)
    assert draw(w).report["granted"] == {}


def test_accessible_desks_first_then_accessible_rooms():
    w = world()
    second = equipped_room(w.site, "无障碍机房", rows=2, columns=3)
    Room.objects.filter(pk=second.pk).update(accessible=True)
    desk = Seat.objects.filter(room=w.site.rooms.first(), usable=True, spare=False).last()
    room_verbs.set_seat(seat=desk, usable=True, spare=False, fixed_ip=None, accessible=True, actor=ACTOR, now=NOW)
    rows = confirmed(w, 12)
    for row in (rows[4], rows[9]):
        grant(row, accessible=True, extra_minutes=45)
    drawn = draw(w)
    seats = places(drawn)
    assert len(seats) == 12
    assert seats[rows[4].pk] == desk
    assert seats[rows[9].pk].room == second
    assert drawn.report["granted"][str(rows[9].pk)] == {"extra_minutes": 45, "accessible": True, "separate": False}


def test_who_sits_alone_has_a_room_that_nobody_else_is_drawn_into():
    w = world()
    before = capacity(w.site)
    alone = equipped_room(w.site, "单独考场", rows=2, columns=2)
    Room.objects.filter(pk=alone.pk).update(separate=True)
    assert capacity(w.site) == before
    rows = confirmed(w, 8)
    assert all(seat.room != alone for seat in places(draw(w)).values())
    grant(rows[2], separate=True)
    seats = places(draw(w))
    assert [pk for pk, seat in seats.items() if seat.room == alone] == [rows[2].pk]
    assert len(seats) == 8
    grant(rows[3], separate=True)
    with refused("separate_room_missing"):
        draw(w)


def test_a_separate_room_for_a_wheelchair_must_be_accessible():
    w = world()
    alone = equipped_room(w.site, "单独考场", rows=2, columns=2)
    Room.objects.filter(pk=alone.pk).update(separate=True)
    row = confirmed(w, 1)[0]
    grant(row, separate=True, accessible=True)
    with refused("separate_room_missing"):
        draw(w)
    Room.objects.filter(pk=alone.pk).update(accessible=True)
    assert places(draw(w))[row.pk].room == alone


def test_without_an_accessible_place_nobody_is_seated():
    w = world()
    row = confirmed(w, 3)[0]
    grant(row, accessible=True)
    with refused("accessible_missing"):
        draw(w)
    assert not SeatAssignment.objects.exists()


def test_what_is_granted_after_the_draw_makes_it_stale_and_nothing_is_granted_after_the_freeze():
    w = world()
    rows = confirmed(w, 3)
    drawn = draw(w)
    granted = grant(rows[0], extra_minutes=20)
    with refused("stale_draw"):
        arrangements.freeze(arrangement=drawn, actor=ACTOR, now=ARRANGING)
    arrangements.freeze(arrangement=draw(w), actor=ACTOR, now=ARRANGING)
    with refused("seats_frozen"):
        special.withdraw_special(special=granted, actor=ACTOR, now=ARRANGING)
    with refused("seats_frozen"):
        ask(rows[1], extra_minutes=20)


def test_the_same_seed_draws_the_same_seats_with_special_needs():
    w = world()
    Seat.objects.filter(room__site=w.site, number=2).update(accessible=True)
    rows = confirmed(w, 6)
    grant(rows[5], accessible=True)
    first, second = draw(w), draw(w)
    assert first.input_sha256 == second.input_sha256
    assert places(second)[rows[5].pk].number == 2
