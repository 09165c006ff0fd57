"""Time: every boundary one second before, at, and after."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jinbang.core import timing
from jinbang.core.errors import Refusal
from jinbang.core.timing import (
    Allowed,
    Cause,
    Pause,
    Phase,
    Refused,
    Scope,
    ScopeKind,
    SeatClock,
    SeatRef,
    SubjectTimes,
    TimeLedgerEntry,
    Window,
    WindowStatus,
)

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2022, 5, 21, 8, 30, tzinfo=ZONE)
TIMES = SubjectTimes(START, 90 * 60, min_stay=30 * 60, grace=10)
SEAT = SeatRef("S1", "R1", "E1")
SECOND = timedelta(seconds=1)
PLAIN = SeatClock(TIMES, SEAT)


def at(minutes, seconds=0):
    return START + timedelta(minutes=minutes, seconds=seconds)


def scope(kind, key=None):
    return Scope(ScopeKind(kind), key or {"seat": "S1", "room": "R1", "sitting": "E1"}[kind])


def entry(kind, seconds, key=None, cause=Cause.INCIDENT):
    return TimeLedgerEntry(scope(kind, key), seconds, cause, START, "监考员", "主考")


def code(decision):
    return decision.code if isinstance(decision, Refused) else "ok"


# -- windows ---------------------------------------------------------------------------------------


def test_window_boundaries():
    w = Window(START, at(60))
    assert [w.status(START + d) for d in (-SECOND, 0 * SECOND, SECOND)] == [
        WindowStatus.UPCOMING, WindowStatus.OPEN, WindowStatus.OPEN,
    ]  # fmt: skip
    assert [w.status(at(60) + d) for d in (-SECOND, 0 * SECOND, SECOND)] == [
        WindowStatus.OPEN, WindowStatus.CLOSED, WindowStatus.CLOSED,
    ]  # fmt: skip


def test_printed_end_23_59_runs_through_the_minute():
    w = Window.as_printed(datetime(2022, 1, 6, 12, tzinfo=ZONE), datetime(2022, 4, 15, 23, 59, tzinfo=ZONE))
    assert w.is_open(datetime(2022, 4, 15, 23, 59, 59, 999999, tzinfo=ZONE))
    assert not w.is_open(datetime(2022, 4, 16, tzinfo=ZONE))


def test_printed_end_00_00_ends_with_the_day_before():
    w = Window.as_printed(datetime(2022, 3, 17, tzinfo=ZONE), datetime(2022, 3, 28, tzinfo=ZONE))
    assert w.is_open(datetime(2022, 3, 27, 23, 59, 59, tzinfo=ZONE))
    assert not w.is_open(datetime(2022, 3, 28, tzinfo=ZONE))
    assert w.days(ZONE) == (date(2022, 3, 17), date(2022, 3, 27))


def test_printed_rule_looks_at_the_printed_zone():
    end = datetime(2022, 4, 15, 23, 59, tzinfo=ZONE)
    assert Window.as_printed(START.replace(year=2021), end).closes == end + timedelta(minutes=1)
    assert Window.as_printed(START.replace(year=2021), end.astimezone(UTC)).closes == end


def test_days_window():
    w = Window.of_days(date(2022, 4, 10), date(2022, 5, 10), ZONE)
    assert w.is_open(datetime(2022, 4, 9, 16, 0, tzinfo=UTC))
    assert not w.is_open(datetime(2022, 4, 9, 15, 59, 59, tzinfo=UTC))
    assert w.is_open(datetime(2022, 5, 10, 15, 59, 59, tzinfo=UTC))
    assert not w.is_open(datetime(2022, 5, 10, 16, 0, tzinfo=UTC))
    assert w.days(ZONE) == (date(2022, 4, 10), date(2022, 5, 10))


@pytest.mark.parametrize(("opens", "closes"), [(START, START), (at(1), START), (START.replace(tzinfo=None), at(1))])
def test_bad_windows(opens, closes):
    with pytest.raises((ValueError, TypeError)):
        Window(opens, closes)


def test_may_submit():
    w = Window(START, at(1))
    assert code(timing.may_submit(w, START - SECOND)) == "window_upcoming"
    assert code(timing.may_submit(w, START)) == "ok"
    assert code(timing.may_submit(w, at(1))) == "window_closed"


instants = st.integers(0, 10**7).map(lambda n: START + timedelta(seconds=n))


@given(instants, instants, instants, instants, instants)
def test_overlap_is_what_both_contain(a, b, c, d, t):
    assume(a < b)
    assume(c < d)
    one, two = Window(a, b), Window(c, d)
    shared = one.overlap(two)
    assert (one.is_open(t) and two.is_open(t)) == (shared is not None and shared.is_open(t))
    assert shared == two.overlap(one)


# -- phases and permissions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("boundary", "before", "after"),
    [
        (at(-30), Phase.BEFORE, Phase.SIGN_IN),
        (START, Phase.SIGN_IN, Phase.RUNNING),
        (at(90), Phase.RUNNING, Phase.GRACE),
        (at(90, 10), Phase.GRACE, Phase.OVER),
    ],
)
def test_phase_boundaries(boundary, before, after):
    assert [timing.phase(PLAIN, boundary + d) for d in (-SECOND, 0 * SECOND, SECOND)] == [
        before,
        after,
        after,
    ]


@pytest.mark.parametrize(
    ("boundary", "before", "after"),
    [
        (at(-30), "sign_in_early", "ok"),
        (START, "ok", "ok"),
        (at(30), "ok", "sign_in_late"),
        (at(90), "sign_in_late", "time_up"),
    ],
)
def test_sign_in_boundaries(boundary, before, after):
    found = [code(timing.may_sign_in(PLAIN, boundary + d)) for d in (-SECOND, 0 * SECOND, SECOND)]
    assert found == [before, after, after]


def test_returning_candidate_may_come_back_until_the_end():
    assert timing.may_sign_in(PLAIN, at(90) - SECOND, returning=True) == Allowed()
    assert code(timing.may_sign_in(PLAIN, at(90), returning=True)) == "time_up"


@pytest.mark.parametrize(("boundary", "before", "after"), [(START, "not_started", "ok"), (at(90), "ok", "time_up")])
def test_answer_boundaries(boundary, before, after):
    found = [code(timing.may_answer(PLAIN, boundary + d)) for d in (-SECOND, 0 * SECOND, SECOND)]
    assert found == [before, after, after]


@pytest.mark.parametrize(
    ("typed", "arrives", "expected"),
    [
        (at(90) - SECOND, at(90, 9), "ok"),
        (at(90) - SECOND, at(90, 10), "grace_over"),
        (at(90), at(90, 1), "time_up"),
        (at(99), at(80), "ok"),  # a client clock ahead of ours gains and loses nothing
        (START - SECOND, at(1), "not_started"),
    ],
)
def test_grace_is_for_what_was_typed_before(typed, arrives, expected):
    assert code(timing.may_answer(PLAIN, arrives, typed_at=typed)) == expected


@pytest.mark.parametrize(
    ("boundary", "before", "after"),
    [(START, "not_started", "hand_in_early"), (at(30), "hand_in_early", "ok"), (at(90, 10), "ok", "time_up")],
)
def test_hand_in_boundaries(boundary, before, after):
    found = [code(timing.may_hand_in(PLAIN, boundary + d)) for d in (-SECOND, 0 * SECOND, SECOND)]
    assert found == [before, after, after]


def test_min_stay_longer_than_the_exam_ends_with_it():
    clock = SeatClock(SubjectTimes(START, 600, min_stay=3600), SEAT)
    assert code(timing.may_hand_in(clock, at(10) - SECOND)) == "hand_in_early"
    assert code(timing.may_hand_in(clock, at(10))) == "ok"


def test_absence_boundary():
    assert not timing.is_absent(PLAIN, at(30) - SECOND, signed_in_at=None)
    assert timing.is_absent(PLAIN, at(30), signed_in_at=None)
    assert not timing.is_absent(PLAIN, at(300), signed_in_at=at(29))


def test_auto_hand_in_boundary():
    assert not timing.must_hand_in(PLAIN, at(90, 9))
    assert timing.must_hand_in(PLAIN, at(90, 10))


def test_require_speaks_local_time():
    timing.require(Allowed(), ZONE)
    with pytest.raises(Refusal, match="05-21 08:00:00") as caught:
        timing.require(timing.may_sign_in(PLAIN, at(-31).astimezone(UTC)), ZONE)
    assert caught.value.code == "sign_in_early"


# -- ledger and pauses -----------------------------------------------------------------------------


def test_ledger_adds_up_over_scopes_that_cover_the_seat():
    ledger = (
        entry("seat", 300),
        entry("room", 600),
        entry("sitting", 60),
        entry("room", 999, "R2"),
        entry("seat", 5, "S2"),
    )
    assert SeatClock(TIMES, SEAT, ledger).closes_at(START) == at(90, 960)


def test_correction_takes_back_only_what_was_given():
    ledger = (entry("seat", 300), entry("seat", -900, cause=Cause.CORRECTION))
    assert SeatClock(TIMES, SEAT, ledger).closes_at(START) == at(90)


@pytest.mark.parametrize(("seconds", "cause"), [(0, Cause.PLANNED), (-1, Cause.PLANNED), (0, Cause.CORRECTION)])
def test_bad_entries(seconds, cause):
    with pytest.raises(ValueError, match="correction"):
        entry("seat", seconds, cause=cause)


def test_pause_stops_the_clock():
    clock = SeatClock(TIMES, SEAT, (), (Pause(scope("room"), at(20), at(35)),))
    assert clock.closes_at(at(19)) == at(90)
    assert clock.closes_at(at(40)) == at(105)
    assert clock.late_limit(at(40)) == at(45)
    found = [code(timing.may_answer(clock, t)) for t in (at(20) - SECOND, at(20), at(35) - SECOND, at(35))]
    assert found == ["ok", "paused", "paused", "ok"]
    assert timing.phase(clock, at(20)) is Phase.PAUSED
    assert code(timing.may_hand_in(clock, at(30))) == "paused"


def test_open_pause_moves_the_end_on_and_never_hands_in():
    clock = SeatClock(TIMES, SEAT, (), (Pause(scope("sitting"), at(80)),))
    assert clock.closes_at(at(80)) == at(90)
    assert clock.closes_at(at(200)) == at(210)
    assert clock.remaining(at(200)) == 600
    assert not timing.must_hand_in(clock, at(200))
    assert timing.phase(clock, at(200)) is Phase.PAUSED


def test_overlapping_pauses_count_once():
    pauses = (
        Pause(scope("room"), at(20), at(30)),
        Pause(scope("seat"), at(25), at(40)),
        Pause(scope("seat", "S9"), at(1), at(9)),
    )
    assert SeatClock(TIMES, SEAT, (), pauses).closes_at(at(60)) == at(110)


def test_pause_before_the_start_counts_from_the_start():
    clock = SeatClock(TIMES, SEAT, (), (Pause(scope("room"), at(-10), at(5)),))
    assert clock.closes_at(at(6)) == at(95)


def test_pause_after_the_end_changes_nothing_unless_earlier_pauses_moved_the_end():
    late = Pause(scope("room"), at(95), at(100))
    assert SeatClock(TIMES, SEAT, (), (late,)).closes_at(at(120)) == at(90)
    assert SeatClock(TIMES, SEAT, (), (Pause(scope("room"), at(10), at(20)), late)).closes_at(at(120)) == at(105)


def test_remaining():
    assert PLAIN.remaining(at(-60)) == 5400
    assert PLAIN.remaining(START + timedelta(milliseconds=1)) == 5400
    assert PLAIN.remaining(at(90) - SECOND) == 1
    assert PLAIN.remaining(at(90)) == 0
    assert PLAIN.remaining(at(900)) == 0


minutes = st.integers(-60, 200)
pauses = st.lists(
    st.tuples(minutes, st.integers(0, 60), st.sampled_from(["seat", "room", "sitting"])).map(
        lambda p: Pause(scope(p[2]), at(p[0]), at(p[0] + p[1]))
    ),
    max_size=5,
)
grants = st.lists(
    st.tuples(st.sampled_from(["seat", "room", "sitting"]), st.integers(1, 3600)).map(lambda g: entry(*g)),
    max_size=5,
)


@given(pauses, grants)
def test_running_time_is_exactly_duration_plus_extra(pauses, ledger):
    clock = SeatClock(TIMES, SEAT, ledger, pauses)
    late = at(100000)
    end = clock.closes_at(late)
    stopped = {m for m in range(int((end - START).total_seconds()) // 60 + 1) if clock.paused_at(at(m)) and at(m) < end}
    assert (end - START).total_seconds() == 5400 + sum(e.seconds for e in ledger) + 60 * len(stopped)


@given(pauses, grants, st.permutations(range(5)), st.lists(minutes, min_size=2, max_size=2))
def test_order_of_entries_is_irrelevant_and_phases_only_advance(pauses, ledger, order, when):
    shuffled = [pauses[i] for i in order if i < len(pauses)]
    clock = SeatClock(TIMES, SEAT, ledger, pauses)
    assert SeatClock(TIMES, SEAT, ledger[::-1], shuffled).closes_at(at(500)) == clock.closes_at(at(500))
    a, b = sorted(at(m) for m in when)
    assert clock.closes_at(a) <= clock.closes_at(b)
    flat = [Phase.BEFORE, Phase.SIGN_IN, Phase.RUNNING, Phase.GRACE, Phase.OVER]
    seen = [
        flat.index(Phase.RUNNING if p is Phase.PAUSED else p) for p in (timing.phase(clock, a), timing.phase(clock, b))
    ]
    assert seen == sorted(seen)


@given(pauses, grants, minutes)
def test_answering_is_allowed_exactly_while_running(pauses, ledger, minute):
    clock = SeatClock(TIMES, SEAT, ledger, pauses)
    now = at(minute)
    assert timing.may_answer(clock, now).ok == (timing.phase(clock, now) is Phase.RUNNING)


@pytest.mark.parametrize("kw", [{"duration": 0}, {"duration": 60, "grace": -1}, {"duration": 60, "min_stay": -1}])
def test_bad_times(kw):
    with pytest.raises(ValueError, match="negative"):
        SubjectTimes(START, **kw)
    with pytest.raises(ValueError, match="aware"):
        SubjectTimes(START.replace(tzinfo=None), 60)
    with pytest.raises(ValueError, match="before it begins"):
        Pause(scope("seat"), at(2), at(1))
