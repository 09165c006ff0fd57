"""Statistics against worked examples and the standard library."""

import statistics as reference

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.core.statistics import (
    correlation,
    cronbach_alpha,
    distractors,
    form_report,
    histogram,
    item_report,
    mean,
    tails,
    upper_lower,
    variance,
)

numbers = st.lists(st.integers(-100, 100).map(float), min_size=2, max_size=30)


@given(numbers)
def test_mean_and_variance_agree_with_the_library(values):
    assert mean(values) == pytest.approx(reference.fmean(values))
    assert variance(values) == pytest.approx(reference.pvariance(values))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30))
def test_correlation_agrees_with_the_library(pairs):
    x, y = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    found = correlation(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(reference.correlation(x, y), abs=1e-9)


def test_nothing_gives_none():
    assert mean([]) is None
    assert variance([]) is None
    assert cronbach_alpha([]) is None
    assert cronbach_alpha([[1], [2]]) is None
    assert cronbach_alpha([[1, 1], [1, 1]]) is None
    assert upper_lower([1], 1, [1]) is None
    with pytest.raises(ValueError, match="one length"):
        correlation([1], [1, 2])


def test_alpha_worked_example():
    # Items that agree completely are perfectly reliable; a hand-computed table gives 0.75.
    assert cronbach_alpha([[0, 0], [1, 1], [2, 2]]) == pytest.approx(1)
    rows = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert cronbach_alpha(rows) == pytest.approx(1.5 * (1 - (0.1875 + 0.25 + 0.1875) / 1.25))


def test_tails_take_27_percent():
    best, weakest = tails(list(range(100)))
    assert (sorted(best), weakest) == (list(range(73, 100)), list(range(27)))
    assert tails([5.0, 1.0]) == ([0], [1])
    assert tails([1.0]) == ([], [])


@given(st.lists(st.integers(0, 5).map(float), max_size=40))
def test_tails_are_disjoint_and_ordered(totals):
    best, weakest = tails(totals)
    assert not set(best) & set(weakest)
    assert len(best) == len(weakest)
    if best:
        assert min(totals[i] for i in best) >= max(totals[i] for i in weakest)


def test_upper_lower():
    totals = [float(n) for n in range(10)]
    assert upper_lower([0] * 5 + [2] * 5, 2, totals) == 1
    assert upper_lower([2] * 5 + [0] * 5, 2, totals) == -1


def test_distractors_show_a_wrong_key():
    totals = [float(n) for n in range(10)]
    chosen = [["A"]] * 5 + [["B"]] * 5
    lines = {d.option: d for d in distractors(chosen, "ABC", frozenset("A"), totals)}
    assert lines["B"].misleading
    assert not lines["A"].misleading
    assert lines["C"].unused
    assert (lines["A"].share, lines["A"].best, lines["A"].weakest) == (0.5, 0.0, 1.0)


@pytest.mark.parametrize(("score", "index"), [(0, 0), (9.9, 0), (10, 1), (59.9, 5), (60, 6), (99.9, 9), (100, 9)])
def test_histogram_edges(score, index):
    bins = histogram([score])
    assert [b.count for b in bins].index(1) == index
    assert (bins[-1].low, bins[-1].high) == (90, 100)


@given(st.lists(st.floats(0, 100)), st.sampled_from([5, 7, 10, 100]))
def test_histogram_counts_everyone(scores, width):
    assert sum(b.count for b in histogram(scores, width=width)) == len(scores)


def test_item_flags():
    totals = [1.0, 2.0, 3.0, 4.0]
    assert item_report("hard", [0, 0, 0, 0], 1, totals).flags == ("too_hard",)
    assert item_report("easy", [1, 1, 1, 1], 1, totals).flags == ("too_easy",)
    assert item_report("reversed", [1, 1, 0, 0], 1, totals).flags == ("negative_discrimination",)
    assert item_report("good", [0, 0, 1, 1], 1, totals).flags == ()


def test_form_report():
    marks = {"a": [1, 1, 1, 0], "b": [1, 1, 0, 0], "c": [1, 0, 0, 0]}
    report = form_report(marks, {"a": 1, "b": 1, "c": 1})
    assert (report.people, report.mean) == (4, 1.5)
    assert report.alpha == pytest.approx(0.75)
    assert report.sem == pytest.approx(report.deviation * 0.5)
    assert [i.facility for i in report.items] == [0.75, 0.5, 0.25]
    empty = form_report({}, {})
    assert (empty.people, empty.mean, empty.alpha, empty.sem) == (0, None, None, None)
