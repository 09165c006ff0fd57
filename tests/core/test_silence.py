"""Extra time suggested from silence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jinbang.core.silence import Remedy, SilenceRule, silences, suggest_for_room, suggest_for_seat
from jinbang.core.timing import Pause, Scope, ScopeKind, SeatClock, SeatRef, SubjectTimes

START = datetime(2022, 5, 21, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CLOCK = SeatClock(SubjectTimes(START, 5400), SeatRef("S1", "R1", "E1"))
RULE = SilenceRule()


def sec(n):
    return START + timedelta(seconds=n)


def beats(*spans):
    return [sec(n) for a, b in spans for n in range(a, b, 15)]


def test_no_silence_while_beats_come():
    assert suggest_for_seat(CLOCK, beats((0, 600)), sec(600), RULE) is None


def test_boundary_of_three_missed_beats():
    assert silences(CLOCK, [sec(100)], sec(145), SilenceRule(heartbeat=50, missed=1)) == ((START, sec(100)),)
    assert silences(CLOCK, [sec(45)], sec(90), RULE) == ()
    assert silences(CLOCK, [sec(45)], sec(91), RULE) == ((sec(45), sec(91)),)


def test_gap_is_rounded_up_and_reduced_by_what_was_given():
    contacts = beats((0, 601), (900, 1200))
    found = suggest_for_seat(CLOCK, contacts, sec(1200), RULE)
    assert (found.seconds, found.remedy, found.silences) == (300, Remedy.MAKE_UP, ((sec(600), sec(900)),))
    assert suggest_for_seat(CLOCK, contacts, sec(1200), RULE, given=299).seconds == 60
    assert suggest_for_seat(CLOCK, contacts, sec(1200), RULE, given=300) is None


def test_long_outage_means_rescheduling():
    assert suggest_for_seat(CLOCK, [sec(1)], sec(3001), RULE).remedy is Remedy.MAKE_UP
    assert suggest_for_seat(CLOCK, [sec(1)], sec(3002), RULE).remedy is Remedy.RESCHEDULE


def test_paused_time_is_not_lost_twice():
    paused = SeatClock(CLOCK.times, CLOCK.seat, (), (Pause(Scope(ScopeKind.ROOM, "R1"), sec(600), sec(900)),))
    assert suggest_for_seat(paused, beats((0, 601), (900, 1200)), sec(1200), RULE) is None


def test_room_needs_half_of_its_seats():
    hit = suggest_for_seat(CLOCK, beats((0, 601), (900, 1200)), sec(1200), RULE)
    worse = suggest_for_seat(CLOCK, beats((0, 301), (1100, 1200)), sec(1200), RULE)
    assert suggest_for_room({"1": hit, "2": None, "3": None}, "R1", RULE) is None
    assert suggest_for_room({"1": hit, "2": None}, "R1", RULE).seconds == 300
    assert suggest_for_room({"1": hit, "2": hit, "3": worse}, "R1", RULE).seconds == 300
    assert suggest_for_room({}, "R1", RULE) is None


@given(st.lists(st.integers(-100, 6000), max_size=40), st.integers(0, 6000))
def test_silences_are_disjoint_and_inside_the_exam(contacts, now):
    found = silences(CLOCK, [sec(n) for n in contacts], sec(now), RULE)
    flat = [t for pair in found for t in pair]
    assert flat == sorted(flat)
    assert all(START <= t <= sec(min(now, 5400)) for t in flat)
