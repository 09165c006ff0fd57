"""The verbs of the room: what they change, what they refuse, what they leave in the logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from tests.delivery.room.conftest import at, handed_in, running, seat

from jinbang.accounts.models import Person
from jinbang.accreditation.models import Seat
from jinbang.audit.actor import Actor
from jinbang.audit.domain import verify_chain
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal
from jinbang.delivery.domain import room as verbs
from jinbang.delivery.domain.closing import log_is_whole
from jinbang.delivery.domain.room.minutes import room_minutes
from jinbang.delivery.domain.room.times import room_clocks, suggestions
from jinbang.delivery.models import Attempt, AttemptEvent, Incident, RescueFile, RoomSession, TimeEntry
from jinbang.delivery.queries.ledger import waiting_rooms
from jinbang.exams.models import InvigilatorAssignment

pytestmark = pytest.mark.django_db


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code


def closes(number: int, minutes: float = 30) -> float:
    """Minutes after the start at which a seat closes, as known then."""
    one = seat(number)
    return (room_clocks(one.room_session)(one.pk).closes_at(at(minutes)) - at(0)).total_seconds() / 60


class TestRoom:
    def test_opening_is_logged_and_happens_once(self, planned: RoomSession, ann: Actor) -> None:
        verbs.open_room(session=planned, actor=ann, now=at(-20))
        assert RoomSession.objects.get().opened_at == at(-20)
        with refused("illegal_move"):
            verbs.open_room(session=planned, actor=ann, now=at(-19))
        assert AuditRow.objects.filter(action="room_session.open").count() == 1

    def test_a_room_without_its_invigilators_opens_with_a_reason(self, planned: RoomSession, ann: Actor) -> None:
        InvigilatorAssignment.objects.filter(person__username="watch-1-1").delete()
        with refused("invigilators_lacking"):
            verbs.open_room(session=planned, actor=ann, now=at(-20))
        assert RoomSession.objects.get().state == "planned"
        verbs.open_room(session=planned, actor=ann, now=at(-20), reason="一人生病，主考代班")
        incident = Incident.objects.get()
        assert (incident.code, incident.note.endswith("：一人生病，主考代班")) == ("staffing", True)

    def test_start_and_end_move_together_before_the_start_only(self, session: RoomSession, ann: Actor) -> None:
        verbs.set_start(session=session, go_at=at(10), reason="路由器故障", actor=ann, now=at(-1))
        moved = RoomSession.objects.get()
        assert (moved.go_at, moved.ends_at) == (at(10), at(100))
        with refused("start_in_the_past"):
            verbs.set_start(session=session, go_at=at(-2), reason="x", actor=ann, now=at(-1))
        with refused("already_started"):
            verbs.set_start(session=session, go_at=at(30), reason="x", actor=ann, now=at(11))

    def test_message_reaches_open_rooms_only(self, planned: RoomSession, ann: Actor) -> None:
        with refused("room_not_open"):
            verbs.broadcast(sessions=[planned], text="请安静", actor=ann, now=at(1))
        verbs.open_room(session=planned, actor=ann, now=at(1))
        assert verbs.broadcast(sessions=[planned], text=" 请安静 ", actor=ann, now=at(2)) == 1
        assert RoomSession.objects.values_list("message", "message_at").get() == ("请安静", at(2))
        with refused("message_too_long"):
            verbs.broadcast(sessions=[planned], text="长" * 301, actor=ann, now=at(2))


class TestAttendance:
    def test_identity_is_checked_once(self, session: RoomSession, ann: Actor) -> None:
        verbs.check_identity(attempt=seat(1), actor=ann, now=at(-3))
        verbs.check_identity(attempt=seat(1), actor=ann, now=at(-1))
        assert seat(1).id_checked_at == at(-3)
        assert AttemptEvent.objects.filter(kind="id_checked").count() == 1

    def test_absent_from_the_late_limit_on_and_not_after_sign_in(self, session: RoomSession, ann: Actor) -> None:
        limit = session.rules["late_after_s"] / 60
        with refused("not_late_yet"):
            verbs.mark_absent(attempt=seat(1), actor=ann, now=at(limit) - timedelta(seconds=1))
        verbs.mark_absent(attempt=seat(1), actor=ann, now=at(limit))
        assert seat(1).state == "absent"
        running(2)
        with refused("signed_in"):
            verbs.mark_absent(attempt=seat(2), actor=ann, now=at(limit))

    def test_all_who_are_missing_at_once(self, session: RoomSession, ann: Actor) -> None:
        running(2)
        assert verbs.mark_all_absent(session=session, actor=ann, now=at(29)) == []
        marked = verbs.mark_all_absent(session=session, actor=ann, now=at(90))
        assert [attempt.seat.number for attempt in marked] == [1, 3, 4, 5, 6]
        assert seat(2).state == "running"

    def test_absence_is_corrected_with_a_reason(self, session: RoomSession, ann: Actor) -> None:
        verbs.mark_absent(attempt=seat(1), actor=ann, now=at(31))
        with refused("reason_required"):
            verbs.correct_absence(attempt=seat(1), reason=" ", actor=ann, now=at(32))
        verbs.correct_absence(attempt=seat(1), reason="签到时系统故障", actor=ann, now=at(32))
        assert seat(1).state == "prepared"


class TestTime:
    def test_seat_room_and_everyone_add_up(self, session: RoomSession, ann: Actor) -> None:
        running(1)
        verbs.give_time(session=session, attempt=seat(1), seconds=120, cause="machine", note="", actor=ann, now=at(5))
        verbs.give_time(session=session, seconds=180, cause="network", note="", actor=ann, now=at(6))
        verbs.give_time_to_all(
            subject=session.sitting_subject, seconds=600, cause="network", note="全国", actor=ann, now=at(7)
        )
        assert (closes(1), closes(2)) == (105, 103)

    def test_beyond_the_limit_a_second_person_counts(self, session: RoomSession, ann: Actor, bob: Actor) -> None:
        first = verbs.give_time(session=session, seconds=400, cause="power", note="", actor=ann, now=at(5))
        second = verbs.give_time(session=session, seconds=260, cause="power", note="", actor=ann, now=at(6))
        assert (first.effective, second.effective) == (True, False)
        assert closes(1) == 90 + 400 / 60
        with refused("second_person_needed"):
            verbs.authorise(entry=second, actor=ann, now=at(7))
        verbs.authorise(entry=second, actor=bob, now=at(7))
        assert closes(1) == 101
        with refused("already_authorised"):
            verbs.authorise(entry=second, actor=bob, now=at(8))

    def test_what_waits_is_declined_once(self, session: RoomSession, ann: Actor, bob: Actor) -> None:
        asked = verbs.give_time(session=session, seconds=1200, cause="power", note="", actor=ann, now=at(5))
        with refused("nothing_to_correct"):
            verbs.correct_time(entry=asked, note="x", actor=bob, now=at(6))
        with refused("reason_required"):
            verbs.decline_time(entry=asked, note=" ", actor=ann, now=at(6))
        verbs.decline_time(entry=asked, note="多了", actor=ann, now=at(6))
        with refused("nothing_to_correct"):
            verbs.authorise(entry=asked, actor=bob, now=at(7))
        assert closes(1) == 90
        assert waiting_rooms([session.pk]) == []
        lines = [(grant.minutes, grant.cause) for grant in room_minutes(session=session, now=at(8)).grants]
        assert lines == [("20 分", "停电"), ("−20 分", "停电 收回 08:35:00 的延时 多了")]

    def test_identity_is_unchecked_with_a_reason(self, session: RoomSession, ann: Actor) -> None:
        with refused("not_checked"):
            verbs.uncheck_identity(attempt=seat(1), reason="记错", actor=ann, now=at(-5))
        verbs.check_identity(attempt=seat(1), actor=ann, now=at(-5))
        with refused("reason_required"):
            verbs.uncheck_identity(attempt=seat(1), reason="", actor=ann, now=at(-4))
        assert verbs.uncheck_identity(attempt=seat(1), reason="记错", actor=ann, now=at(-4)).id_checked_at is None
        assert "记错" in [line.note for line in room_minutes(session=session, now=at(8)).incidents]

    def test_minutes_name_the_chief_of_the_site_and_the_reason_of_a_forced_hand_in(
        self, session: RoomSession, ann: Actor
    ) -> None:
        chief = Person.objects.create(username="chief", name="主考乙", created_at=at(-99))
        InvigilatorAssignment.objects.create(
            sitting=session.sitting_subject.sitting, site=session.room.site, person=chief, duty="chief"
        )
        verbs.force_hand_in(attempt=running(1), reason="突发疾病", actor=ann, now=at(20))
        minutes = room_minutes(session=session, now=at(21))
        assert "主考乙（主考）" in minutes.invigilators
        assert [(line.kind, line.note) for line in minutes.incidents] == [("强制交卷", "突发疾病")]

    def test_correction_takes_back_once(self, session: RoomSession, ann: Actor) -> None:
        entry = verbs.give_time(session=session, seconds=300, cause="power", note="", actor=ann, now=at(5))
        verbs.correct_time(entry=entry, note="误操作", actor=ann, now=at(6))
        assert closes(1) == 90
        with refused("nothing_to_correct"):
            verbs.correct_time(entry=entry, note="再来", actor=ann, now=at(7))
        assert TimeEntry.objects.count() == 2

    @pytest.mark.parametrize("seconds", [0, -60, 3001])
    def test_what_is_no_extra_time(self, session: RoomSession, ann: Actor, seconds: int) -> None:
        with refused("time_out_of_range"):
            verbs.give_time(session=session, seconds=seconds, cause="power", note="", actor=ann, now=at(5))

    @pytest.mark.parametrize("cause", ["pause", "planned", "weather"])
    def test_what_is_no_cause_in_a_room(self, session: RoomSession, ann: Actor, cause: str) -> None:
        with refused("cause_unknown"):
            verbs.give_time(session=session, seconds=60, cause=cause, note="", actor=ann, now=at(5))

    def test_nothing_for_who_has_handed_in(self, session: RoomSession, ann: Actor) -> None:
        handed_in(1)
        with refused("attempt_over"):
            verbs.give_time(session=session, attempt=seat(1), seconds=60, cause="power", note="", actor=ann, now=at(61))

    def test_pauses_of_room_and_seat_count_once(self, session: RoomSession, ann: Actor) -> None:
        running(1)
        verbs.pause(session=session, reason="停电", actor=ann, now=at(10))
        verbs.pause(session=session, attempt=seat(1), reason="换电源", actor=ann, now=at(12))
        with refused("already_paused"):
            verbs.pause(session=session, reason="停电", actor=ann, now=at(13))
        verbs.resume(session=session, actor=ann, now=at(15))
        verbs.resume(session=session, attempt=seat(1), actor=ann, now=at(18))
        assert (closes(1), closes(2)) == (98, 95)
        with refused("not_paused"):
            verbs.resume(session=session, actor=ann, now=at(19))

    def test_suggested_from_logged_and_present_silence(self, session: RoomSession) -> None:
        first, second = running(1, seen=30), running(2, seen=26)
        gap = {"from_ms": round(at(10).timestamp() * 1000), "to_ms": round(at(14).timestamp() * 1000)}
        AttemptEvent.objects.create(attempt=first, at=at(14), kind="silence", data=gap)
        found = suggestions(session, at(30))
        assert {key: one.seconds for key, one in found.seats.items()} == {first.pk: 240, second.pk: 240}
        assert found.room is not None


class TestMoves:
    def test_moved_in_one_logged_action(self, session: RoomSession, ann: Actor) -> None:
        attempt = running(1)
        verbs.move_seat(attempt=attempt, seat=Seat.objects.get(number=40), reason="蓝屏", actor=ann, now=at(3))
        moved = Attempt.objects.get(pk=attempt.pk)
        assert (moved.seat.number, moved.generation, moved.token_sha256, moved.device_key) == (40, 2, "", "")
        assert AttemptEvent.objects.get(kind="move_seat").data["from"] == 1
        assert AuditRow.objects.filter(action="attempt.move_seat").count() == 1

    def test_where_nobody_can_be_moved(self, session: RoomSession, ann: Actor) -> None:
        attempt = running(1)
        Seat.objects.filter(number=39).update(usable=False)
        for number, code in ((2, "seat_taken"), (39, "seat_unusable"), (1, "same_seat")):
            with refused(code):
                verbs.move_seat(attempt=attempt, seat=Seat.objects.get(number=number), reason="x", actor=ann, now=at(3))
        handed_in(3)
        with refused("attempt_over"):
            verbs.move_seat(attempt=seat(3), seat=Seat.objects.get(number=40), reason="x", actor=ann, now=at(61))

    def test_another_machine_at_the_same_seat(self, session: RoomSession, ann: Actor) -> None:
        verbs.release_machine(attempt=running(1), reason="换主机", actor=ann, now=at(3))
        assert (seat(1).device_key, seat(1).generation) == ("", 2)


class TestClosing:
    def everyone_done(self) -> None:
        for number in range(1, 7):
            handed_in(number)

    def test_closes_and_anchors_when_all_is_settled(self, session: RoomSession, ann: Actor) -> None:
        self.everyone_done()
        closed = verbs.close_room(session=session, actor=ann, now=at(95))
        assert (closed.state, closed.closed_at) == ("closed", at(95))
        assert log_is_whole(closed)
        assert list(verify_chain()) == []

    def test_not_with_someone_running_or_unaccounted_for(self, session: RoomSession, ann: Actor) -> None:
        self.everyone_done()
        Attempt.objects.filter(seat__number=4).update(state="running")
        with refused("room_has_running"):
            verbs.close_room(session=session, actor=ann, now=at(95))
        Attempt.objects.filter(seat__number=4).update(state="prepared")
        with refused("attendance_open"):
            verbs.close_room(session=session, actor=ann, now=at(95))

    def test_unsent_answers_hold_the_room_until_two_people_waive(
        self, session: RoomSession, ann: Actor, bob: Actor
    ) -> None:
        self.everyone_done()
        handed_in(2, unsynced=3)
        for actor in (ann, bob):
            with refused("answers_unsynced"):
                verbs.close_room(session=session, actor=ann, now=at(95))
            verbs.waive(attempt=seat(2), note="硬盘损坏", actor=actor, now=at(95))
        assert verbs.close_room(session=session, actor=ann, now=at(96)).state == "closed"

    def test_one_person_does_not_waive_twice(self, session: RoomSession, ann: Actor) -> None:
        handed_in(2, unsynced=3)
        verbs.waive(attempt=seat(2), note="硬盘损坏", actor=ann, now=at(95))
        with refused("second_person_needed"):
            verbs.waive(attempt=seat(2), note="硬盘损坏", actor=ann, now=at(95))

    def test_silent_before_the_automatic_end_is_unsettled_until_rescued(self, session: RoomSession, ann: Actor) -> None:
        attempt = handed_in(2, when=90, how="auto", last_seen_at=at(70))
        assert [one.attempt.pk for one in verbs.unsettled(session)] == [attempt.pk]
        RescueFile.objects.create(
            attempt=attempt, sha256="1" * 64, steps=3, new_steps=3, taken_in_at=at(100), taken_in_by="考务"
        )
        assert verbs.unsettled(session) == []

    def test_reopening_needs_a_reason(self, session: RoomSession, ann: Actor) -> None:
        self.everyone_done()
        verbs.close_room(session=session, actor=ann, now=at(95))
        with refused("reason_required"):
            verbs.reopen_room(session=session, reason="", actor=ann, now=at(96))
        verbs.reopen_room(session=session, reason="补录事件", actor=ann, now=at(96))
        assert RoomSession.objects.values_list("state", "closed_at").get() == ("open", None)

    def test_forced_hand_in_keeps_what_is_stored(self, session: RoomSession, ann: Actor) -> None:
        attempt = running(1)
        with refused("reason_required"):
            verbs.force_hand_in(attempt=attempt, reason=" ", actor=ann, now=at(50))
        verbs.force_hand_in(attempt=attempt, reason="考生突发疾病离场", actor=ann, now=at(50))
        assert (seat(1).state, seat(1).hand_in_how, seat(1).receipt_count) == ("handed_in", "forced", 0)


class TestIncidents:
    def test_codes_that_need_a_seat_or_a_note(self, session: RoomSession, ann: Actor) -> None:
        with refused("code_unknown"):
            verbs.record_incident(session=session, code="ufo", note="", actor=ann, now=at(1))
        with refused("seat_needed"):
            verbs.record_incident(session=session, code="cheating", note="抄袭", actor=ann, now=at(1))
        with refused("note_needed"):
            verbs.record_incident(session=session, attempt=seat(1), code="cheating", note=" ", actor=ann, now=at(1))
        made = verbs.record_incident(session=session, code="power", note="", actor=ann, now=at(1))
        assert (made.code, made.by) == ("power", "监考甲 #101")
