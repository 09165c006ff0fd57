"""The draw, its freezing, invigilators and printed papers."""

from __future__ import annotations

import io

import pypdf
import pytest
from tests.accreditation.factories import ACTOR, at, equipped_room, person, refused
from tests.exams.factories import ARRANGING, PRINTING, candidates, confirmed, registered, world

from jinbang.accounts.models import Role
from jinbang.accreditation.domain import rooms
from jinbang.audit.domain import verify_chain
from jinbang.audit.models import AuditRow
from jinbang.documents.domain.issue import print_again
from jinbang.documents.models import IssuedDocument
from jinbang.exams.domain import arrangements, invigilation, papers, registrations
from jinbang.exams.models import Arrangement, Registration, SeatAssignment, Sitting

pytestmark = pytest.mark.django_db


def drawn(w, seed=7):
    return arrangements.draw(sitting=w.sitting, site=w.site, seed=seed, actor=ACTOR, now=ARRANGING)


def frozen(count=5, rooms_count=1):
    w = world(rooms_count)
    confirmed(w, count)
    return w, arrangements.freeze(arrangement=drawn(w), actor=ACTOR, now=ARRANGING)


def seats_of(arrangement):
    rows = arrangement.assignments.order_by("registration")
    return [(row.registration_id, row.seat_id) for row in rows]


def test_the_same_seed_draws_the_same_seats_and_another_others():
    w = world()
    confirmed(w, 20)
    first = drawn(w)
    seats = seats_of(first)
    again = drawn(w)
    assert seats_of(again) == seats
    assert again.input_sha256 == first.input_sha256
    assert seats_of(drawn(w, seed=8)) != seats
    assert Arrangement.objects.filter(discarded_at__isnull=True).count() == 1


def test_ticket_numbers_are_structured_and_gapless():
    w, arrangement = frozen(5)
    numbers = sorted(Registration.objects.values_list("ticket_number", flat=True))
    assert numbers == [f"01220100010001{seat:02d}" for seat in range(1, 6)]
    assert set(Registration.objects.values_list("state", flat=True)) == {"seated"}
    assert Sitting.objects.get().state == "arranged"
    assert verify_chain() == []
    with refused("already_frozen"):
        arrangements.freeze(arrangement=arrangement, actor=ACTOR, now=ARRANGING)
    with refused("not_scheduled"):
        arrangements.draw(sitting=Sitting.objects.get(), site=w.site, actor=ACTOR, now=ARRANGING)


def test_spare_seats_stay_free_and_two_rooms_are_filled_evenly():
    _w, arrangement = frozen(60, rooms_count=2)
    rows = SeatAssignment.objects.filter(arrangement=arrangement).select_related("seat__room")
    by_room = [sum(row.seat.room.number == number for row in rows) for number in (1, 2)]
    assert sum(by_room) == 60
    assert not any(row.seat.spare or not row.seat.usable for row in rows)
    assert arrangement.report["metrics"]["placed"] == 60


@pytest.mark.parametrize(("now", "code"), [(at(5, 10, 12), "window_upcoming"), (at(5, 19), "window_closed")])
def test_only_in_the_arrangement_window(now, code):
    w = world()
    confirmed(w, 1)
    with refused(code):
        arrangements.draw(sitting=w.sitting, site=w.site, actor=ACTOR, now=now)


def test_unpaid_candidates_are_not_seated():
    w = world()
    registered(w, 2)
    with refused("nobody_to_seat"):
        drawn(w)


def test_a_draw_goes_stale_when_somebody_withdraws():
    w = world()
    rows = confirmed(w, 3)
    arrangement = drawn(w)
    registrations.withdraw(registrations=rows[:1], actor=ACTOR, now=ARRANGING)
    with refused("stale_draw"):
        arrangements.freeze(arrangement=arrangement, actor=ACTOR, now=ARRANGING)


def test_reopening_keeps_the_archive_and_clears_the_numbers():
    w, arrangement = frozen(3)
    with refused("reason_required"):
        arrangements.reopen(arrangement=arrangement, reason="", actor=ACTOR, now=ARRANGING)
    arrangements.reopen(arrangement=arrangement, reason="机房断电", actor=ACTOR, now=ARRANGING)
    assert set(Registration.objects.values_list("state", "ticket_number")) == {("confirmed", "")}
    assert Sitting.objects.get().state == "scheduled"
    assert arrangement.assignments.count() == 3
    w.sitting.refresh_from_db()
    arrangements.freeze(arrangement=drawn(w, seed=9), actor=ACTOR, now=ARRANGING)
    assert Arrangement.objects.filter(frozen_at__isnull=False, discarded_at__isnull=True).count() == 1


def test_seats_once_drawn_cannot_be_laid_out_again():
    w, _arrangement = frozen(1)
    with refused("seats_in_use"):
        rooms.change_room(
            room=w.site.rooms.get(), actor=ACTOR, now=ARRANGING,
            plan=rooms.RoomPlan(name="x", rows=2, columns=2, spacing_cm=100),
        )  # fmt: skip


def test_room_too_few_for_levels_apart():
    w = world()
    confirmed(w, 38)
    equipped_room(w.site, "二号机房")
    assert drawn(w).report["metrics"]["rooms_used"] == 1


def test_invigilators():
    w, _arrangement = frozen(3)
    people = [person(f"inv{n}", Role.INVIGILATOR, w.school) for n in range(3)]
    room = w.site.rooms.get()
    base = {"sitting": w.sitting, "site": w.site, "actor": ACTOR, "now": ARRANGING}
    assert [gap.code for gap in invigilation.invigilation_gaps(w.sitting, w.site)] == ["too_few", "no_chief"]
    for one in people[:2]:
        invigilation.assign_invigilator(person=one, duty="invigilator", room=room, **base)
    with refused("invigilates_elsewhere"):
        other = equipped_room(w.site, "二号机房")
        invigilation.assign_invigilator(person=people[0], duty="invigilator", room=other, **base)
    with refused("room_missing"):
        invigilation.assign_invigilator(person=people[2], duty="invigilator", **base)
    chief = invigilation.assign_invigilator(person=people[2], duty="chief", **base)
    assert invigilation.invigilation_gaps(w.sitting, w.site) == []
    invigilation.relieve_invigilator(assignment=chief, actor=ACTOR, now=ARRANGING)
    assert [gap.code for gap in invigilation.invigilation_gaps(w.sitting, w.site)] == ["no_chief"]


def test_tickets_only_in_their_window_and_only_when_frozen():
    w = world()
    confirmed(w, 2)
    arrangement = drawn(w)
    with refused("window_upcoming"):
        papers.issue_papers(arrangement=arrangement, kind="ticket", actor=ACTOR, now=ARRANGING)
    with refused("not_frozen"):
        papers.issue_papers(arrangement=arrangement, kind="ticket", actor=ACTOR, now=PRINTING)


def test_papers_are_chinese_pdf_and_print_again_to_the_byte():
    _w, arrangement = frozen(3)
    arrangement = Arrangement.objects.get(pk=arrangement.pk)
    issued = {
        kind: papers.issue_papers(arrangement=arrangement, kind=kind, actor=ACTOR, now=PRINTING)
        for kind in papers.KINDS
    }
    assert {kind: [document.pages for document in made] for kind, made in issued.items()} == {
        "ticket": [3], "door_sign": [1], "desk_label": [1], "banner": [1], "sign_in_sheet": [1], "seat_map": [1],
    }  # fmt: skip
    ticket = issued["ticket"][0]
    text = pypdf.PdfReader(io.BytesIO(print_again(ticket))).pages[0].extract_text()
    assert "准考证" in text.replace(" ", "")
    assert "0122010001000101" in text.replace(" ", "")
    assert print_again(IssuedDocument.objects.get(pk=ticket.pk)) == print_again(ticket)
    rows = AuditRow.objects.filter(action="document.issue").count()
    papers.issue_papers(arrangement=arrangement, kind="ticket", actor=ACTOR, now=PRINTING)
    assert AuditRow.objects.filter(action="document.issue").count() == rows == 6


def test_a_touched_input_is_not_printed():
    _w, arrangement = frozen(1)
    document = papers.issue_papers(
        arrangement=Arrangement.objects.get(pk=arrangement.pk), kind="banner", actor=ACTOR, now=PRINTING
    )[0]
    document.input["text"] = "别的"
    with refused("input_changed"):
        print_again(document)


def test_withdrawn_after_the_freeze_leaves_the_papers():
    w, arrangement = frozen(3)
    row = Registration.objects.order_by("ticket_number").first()
    with refused("reason_required"):
        registrations.withdraw(registrations=[row], actor=ACTOR, now=PRINTING)
    registrations.withdraw(registrations=[row], reason="因病", actor=ACTOR, now=PRINTING)
    occasion = papers.occasion_of(Arrangement.objects.get(pk=arrangement.pk))
    assert len(papers.tickets(occasion).tickets) == 2
    assert len(candidates(w.school, 1, start=90)) == 1
