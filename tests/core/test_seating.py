"""The draw: nobody twice, nothing lost, neighbours apart where they can be."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinbang.core import adjacency
from jinbang.core.seating import (
    Candidate,
    Room,
    Seat,
    SeatingRules,
    arrange,
    capacity,
    grid,
    serpentine,
    usable_seats,
)

RULES = SeatingRules("2022-05-21")


def people(count, schools=5, groups=2, levels=1):
    return [
        Candidate(f"C{n:04d}", f"school{n % schools}", f"class{n // schools % groups}", f"L{n % levels}")
        for n in range(count)
    ]


def test_serpentine_of_a_small_room():
    room = grid("1", 3, 2)
    assert [(s.label, s.row, s.column) for s in room.seats] == [
        ("1", 1, 1), ("2", 2, 1), ("3", 3, 1), ("4", 3, 2), ("5", 2, 2), ("6", 1, 2),
    ]  # fmt: skip
    assert serpentine(reversed(room.seats)) == list(room.seats)


@pytest.mark.parametrize(("spacing", "usable", "takes"), [(100, 40, 38), (99, 20, 19), (150, 40, 38)])
def test_forty_tight_seats_give_twenty(spacing, usable, takes):
    room = grid("1", 8, 5, spacing_cm=spacing)
    assert len(usable_seats(room, RULES)) == usable
    assert capacity(room, RULES) == takes


def test_tight_room_never_uses_neighbours():
    room = grid("1", 8, 5, spacing_cm=80)
    cells = [(s.row, s.column) for s in usable_seats(room, RULES)]
    assert not any(adjacency.neighbours(cells))


@st.composite
def problems(draw):
    rooms = [
        grid(str(n), draw(st.integers(1, 6)), draw(st.integers(1, 6)), spacing_cm=draw(st.sampled_from([80, 100])))
        for n in range(draw(st.integers(1, 4)))
    ]
    count = draw(st.integers(0, 60))
    candidates = [
        Candidate(
            f"C{n}",
            draw(st.sampled_from("abc")),
            draw(st.sampled_from("xy")),
            draw(st.sampled_from("12")),
            room=draw(st.sampled_from(["", "", "", "0"])),
        )
        for n in range(count)
    ]
    rules = SeatingRules(draw(st.text(max_size=5)), draw(st.sampled_from([0, 5, 20])), 100, draw(st.booleans()))
    return candidates, rooms, rules


@settings(deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_invariants(problem, rng):
    candidates, rooms, rules = problem
    result = arrange(candidates, rooms, rules)
    placed = [p.candidate for p in result.placements]
    seats = [(p.room, p.seat) for p in result.placements]
    assert sorted([*placed, *result.unplaced]) == sorted(c.key for c in candidates)
    assert len(set(seats)) == len(seats)
    allowed = {(r.key, s.label) for r in rooms for s in usable_seats(r, rules)}
    assert set(seats) <= allowed
    for room in rooms:
        assert sum(p.room == room.key for p in result.placements) <= capacity(room, rules)
    by_key = {c.key: c for c in candidates}
    assert all(by_key[p.candidate].room in ("", p.room) for p in result.placements)
    m = result.metrics
    assert m.school_unavoidable <= m.school_adjacent
    assert m.class_unavoidable <= m.class_adjacent <= m.school_adjacent
    again = arrange(rng.sample(candidates, len(candidates)), rng.sample(rooms, len(rooms)), rules)
    assert again == result


@settings(deadline=None)
@given(problems())
def test_nobody_is_left_out_while_a_seat_is_free(problem):
    candidates, rooms, rules = problem
    free = [Candidate(c.key, c.school, c.group, c.level) for c in candidates]
    rules = SeatingRules(rules.seed, rules.spare_percent)
    result = arrange(free, rooms, rules)
    total = sum(capacity(r, rules) for r in rooms)
    assert len(result.placements) == min(len(free), total)
    assert [p.code for p in result.explanation if p.code == "seats_missing"] == ["seats_missing"] * (len(free) > total)


@settings(deadline=None)
@given(st.integers(1, 100), st.integers(0, 9))
def test_one_level_per_room(count, seed):
    candidates = people(count, levels=3)
    rooms = [grid(str(n), 5, 4) for n in range(9)]
    result = arrange(candidates, rooms, SeatingRules(str(seed), one_level_per_room=True))
    level = {c.key: c.level for c in candidates}
    rooms_of = {}
    for p in result.placements:
        rooms_of.setdefault(p.room, set()).add(level[p.candidate])
    assert result.unplaced == ()
    assert all(len(levels) == 1 for levels in rooms_of.values())


def test_two_balanced_schools_are_kept_apart_completely():
    result = arrange(people(38, schools=2, groups=1), [grid("1", 8, 5)], RULES)
    assert (result.metrics.school_adjacent, result.metrics.school_unavoidable) == (0, 0)


def test_five_schools_over_many_rooms():
    result = arrange(people(380), [grid(str(n), 8, 5) for n in range(1, 11)], RULES)
    assert result.metrics.placed == 380
    assert result.metrics.school_adjacent == 0


def test_single_school_keeps_classes_apart():
    result = arrange(people(38, schools=1, groups=2), [grid("1", 8, 5)], RULES)
    m = result.metrics
    assert m.class_adjacent == 0
    assert (m.school_adjacent, m.school_unavoidable) == (63, 63)  # all pairs of the 38 seats
    assert [p.code for p in result.explanation] == ["drawn", "school_adjacent"]


def test_half_empty_room_spreads_one_class():
    result = arrange(people(19, schools=1, groups=1), [grid("1", 8, 5)], RULES)
    assert result.metrics.school_adjacent == 0


def test_another_seed_is_another_draw():
    rooms, candidates = [grid(str(n), 8, 5) for n in range(3)], people(100)
    one, two = (arrange(candidates, rooms, SeatingRules(s)) for s in "ab")
    assert one.placements != two.placements
    assert one.input_digest != two.input_digest


def test_special_needs():
    rooms = [grid("1", 2, 2), grid("2", 8, 5, accessible=True), grid("3", 8, 5)]
    special = [
        Candidate("wheelchair", "a", accessible=True),
        Candidate("fixed", "a", room="3", seat="40"),
        Candidate("roomed", "a", room="3"),
        Candidate("nowhere", "a", room="3", seat="40"),
        Candidate("unknown", "a", room="9", seat="1"),
    ]
    result = arrange([*special, *people(30)], rooms, RULES)
    at = {p.candidate: (p.room, p.seat) for p in result.placements}
    assert at["wheelchair"][0] == "2"
    assert at["fixed"] == ("3", "40")
    assert at["roomed"][0] == "3"
    assert result.unplaced == ("nowhere", "unknown")
    assert [p.code for p in result.explanation][:2] == ["fixed_seat_taken", "fixed_seat_taken"]


def test_spare_machines_stay_even_beside_fixed_seats():
    room = grid("1", 8, 5)
    fixed = [Candidate("f", "z", room="1", seat="39")]
    result = arrange([*fixed, *people(60)], [room], RULES)
    assert len(result.placements) == 38
    assert result.metrics.spare == 2
    free = {s.label for s in room.seats} - {p.seat for p in result.placements}
    assert free == {"38", "40"}


def test_broken_seats_are_not_used():
    seats = tuple(Seat(s.label, s.row, s.column, s.label != "7") for s in grid("1", 4, 4).seats)
    result = arrange(people(20), [Room("1", seats)], SeatingRules("x", 0))
    assert len(result.placements) == 15
    assert "7" not in {p.seat for p in result.placements}


def test_fewest_rooms_in_natural_order():
    result = arrange(people(40), [grid(f"考场{n}", 8, 5) for n in (10, 9, 2)], RULES)
    assert list(dict.fromkeys(p.room for p in result.placements)) == ["考场2", "考场9"]


def test_doubles_are_refused():
    with pytest.raises(ValueError, match="candidate keys occur twice"):
        arrange([*people(3), *people(1)], [grid("1", 2, 2)], RULES)
    with pytest.raises(ValueError, match="room keys occur twice"):
        arrange([], [grid("1", 2, 2), grid("1", 2, 2)], RULES)


cells = st.sets(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=8).map(sorted)


@settings(deadline=None, max_examples=60)
@given(cells, st.integers(0, 8))
def test_lower_bound_is_sound(cells, size):
    """Against every subset of a small room."""
    size = min(size, len(cells))
    near = adjacency.neighbours(cells)
    fewest = min(
        sum(1 for i in range(len(cells)) for j in near[i] if j > i and mask >> i & 1 and mask >> j & 1)
        for mask in range(1 << len(cells))
        if mask.bit_count() == size
    )
    assert adjacency.unavoidable(cells, ["a"] * size) <= fewest


@given(cells, st.data())
def test_gain_agrees_with_counting(cells, data):
    kinds = data.draw(
        st.lists(st.sampled_from([None, ("a", 1), ("a", 2), ("b", 1)]), min_size=len(cells), max_size=len(cells))
    )
    near = adjacency.neighbours(cells)
    i, j = data.draw(st.integers(0, len(cells) - 1)), data.draw(st.integers(0, len(cells) - 1))
    if i == j or kinds[i] == kinds[j]:
        return

    def total(ks):
        return sum(adjacency.penalty(ks[a], ks[b]) for a in range(len(cells)) for b in near[a] if b > a)

    swapped = list(kinds)
    swapped[i], swapped[j] = kinds[j], kinds[i]
    here = sum(adjacency.penalty(kinds[i], kinds[n]) for n in near[i])
    assert adjacency._gain(near, kinds, i, j, here) == total(kinds) - total(swapped)


def test_settle_seats_everyone_once():
    cells = [(r, c) for r in range(4) for c in range(5)]
    kinds = [("a", n % 3) for n in range(17)]
    seated = adjacency.settle(cells, kinds, {3: ("a", 1)}, random.Random(1))
    assert sorted(p for p in seated if p is not None) == list(range(17))
    assert seated[3] is None
