"""Double marking: every mode at and beyond the threshold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.core.errors import Refusal
from jinbang.core.marking import Basis, MarkingRules, Mode, Needs, Settled, settle

D = Decimal


def rules(mode, threshold=3):
    return MarkingRules(Mode(mode), D(20), D(threshold))


def run(mode, *marks, leader=None):
    return settle(rules(mode), [D(str(m)) for m in marks], None if leader is None else D(leader))


@pytest.mark.parametrize(
    ("mode", "marks", "expected"),
    [
        ("1", [], Needs.FIRST),
        ("1", [12], Settled(D(12), Basis.SINGLE)),
        ("1+1", [12], Needs.SECOND),
        ("1+1", [12, 15], Settled(D("13.5"), Basis.MEAN)),
        ("1+1", [12, 15.1], Needs.LEADER),
        ("1+1+1", [12, 16], Needs.THIRD),
        ("1+1+1", [12, 16, 15], Settled(D("15.5"), Basis.NEARER_PAIR)),
        ("1+1+1", [12, 16, 14], Settled(D("15.0"), Basis.NEARER_PAIR)),
        ("1+1+1", [0, 20, 10], Needs.LEADER),
        ("2+1", [12, 16], Needs.THIRD),
        ("2+1", [12, 16, 4], Settled(D(4), Basis.THIRD)),
    ],
)
def test_modes(mode, marks, expected):
    assert run(mode, *marks) == expected


def test_leader_decides():
    assert run("1+1", 2, 19, leader=11) == Settled(D(11), Basis.LEADER)


@pytest.mark.parametrize(("marks", "code"), [([21], "mark_range"), ([-1], "mark_range"), ([1, 1], "marks_too_many")])
def test_refusals(marks, code):
    with pytest.raises(Refusal) as caught:
        run("1", *marks)
    assert caught.value.code == code


marks = st.decimals(0, 20, places=1)


@given(st.sampled_from([Mode.TWO, Mode.THREE, Mode.TWO_PLUS_ONE]), marks, marks, marks, st.integers(0, 20))
def test_settled_lies_between_the_marks_and_order_of_the_pair_is_irrelevant(mode, a, b, c, threshold):
    r = rules(mode, threshold)
    given_marks = [a, b] if mode is Mode.TWO else [a, b, c]
    found = settle(r, given_marks)
    assert settle(r, [b, a, *given_marks[2:]]) == found
    if isinstance(found, Settled):
        assert min(given_marks) <= found.value <= max(given_marks) + D("0.05")
    else:
        assert abs(a - b) > threshold
