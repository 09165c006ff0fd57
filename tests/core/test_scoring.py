"""Items, subjects, composite, misconduct, explanation."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.core.scoring import (
    DEFAULT_RULES,
    Blank,
    ItemKey,
    ItemType,
    Mark,
    Outcome,
    Partial,
    ScoringRules,
    Status,
    SubjectInput,
    SubjectState,
    apply_misconduct,
    compare,
    compute,
    rounded,
    score_item,
)

D = Decimal


def single(correct="B", points="1.5"):
    return ItemKey("Q1", 1, ItemType.SINGLE, D(points), frozenset(correct))


def multiple(partial, points=3):
    return ItemKey("Q2", 1, ItemType.MULTIPLE, D(points), frozenset("ABD"), partial=partial)


def fill(*blanks, partial=Partial.PROPORTIONAL, points=2):
    return ItemKey("Q3", 1, ItemType.FILL_IN, D(points), blanks=blanks, partial=partial)


@pytest.mark.parametrize(
    ("answer", "awarded", "outcome"),
    [
        (["B"], "1.50", Outcome.RIGHT),
        (["A"], "0.00", Outcome.WRONG),
        (["A", "B"], "0.00", Outcome.WRONG),
        ([], "0", Outcome.UNANSWERED),
        ([" "], "0", Outcome.UNANSWERED),
    ],
)
def test_single(answer, awarded, outcome):
    mark = score_item(single(), answer)
    assert (mark.awarded, mark.outcome) == (D(awarded), outcome)


@pytest.mark.parametrize(
    ("partial", "expected"),
    [
        # answers:                 ABD  AB   A    ABC  ABCD C
        (Partial.NONE, ["3", "0", "0", "0", "0", "0"]),
        (Partial.HALF, ["3", "1.5", "1.5", "0", "0", "0"]),
        (Partial.PROPORTIONAL, ["3", "2", "1", "0", "0", "0"]),
        (Partial.PER_OPTION, ["3", "2", "1", "1", "2", "0"]),
    ],
)
def test_multiple(partial, expected):
    found = [score_item(multiple(partial), list(a)).awarded for a in ("ABD", "AB", "A", "ABC", "ABCD", "C")]
    assert found == [D(e) for e in expected]


def test_thirds_are_rounded_half_up_at_the_item():
    assert score_item(multiple(Partial.PROPORTIONAL, 1), ["A"]).awarded == D("0.33")
    assert score_item(multiple(Partial.PROPORTIONAL, 1), ["A", "B"]).awarded == D("0.67")


@pytest.mark.parametrize(
    ("blank", "text", "right"),
    [
        (Blank(("append",)), " Append ", True),
        (Blank(("append",)), "ＡＰＰＥＮＤ", True),
        (Blank(("append",), case_sensitive=True), "Append", False),
        (Blank(("a,b",)), "a， b", True),
        (Blank(("def f",), keep_spaces=True), "def   f", True),
        (Blank(("def f",), keep_spaces=True), "deff", False),
        (Blank(('"x"',)), "“x”", True),
        (Blank(("字典", "dict")), "DICT", True),
        (Blank(("",)), "", False),
        (Blank(("3.14",), tolerance=D("0.01")), "3.15", True),
        (Blank(("3.14",), tolerance=D("0.01")), "3.1500001", False),
        (Blank(("3.14",), tolerance=D("0.01")), "３．１４", True),
        (Blank(("3.14",), tolerance=D("0.01")), "NaN", False),
        (Blank(("3.14",), tolerance=D("0.01")), "1e999999", False),
        (Blank(("3.14",), tolerance=D("0.01")), "pi", False),
    ],
)
def test_blank(blank, text, right):
    mark = score_item(fill(blank), [text])
    assert mark.awarded == (2 if right else 0)


def test_blanks_count_one_by_one_or_together():
    key = (Blank(("a",)), Blank(("b",)))
    assert score_item(fill(*key), ["a", "x"]).awarded == 1
    assert score_item(fill(*key), ["a"]).outcome is Outcome.PARTIAL
    assert score_item(fill(*key, partial=Partial.NONE), ["a", "x"]).awarded == 0
    assert score_item(fill(*key), ["", "b"]).awarded == 1
    assert score_item(fill(*key), ["a", "b", "surplus"]).awarded == 2


def test_void_item_is_credited_to_all():
    key = ItemKey("Q", 2, ItemType.SINGLE, D(2), frozenset("A"), void=True)
    assert score_item(key, []) == Mark("Q", 2, D(2), D(2), Outcome.CREDITED, "void item")


@pytest.mark.parametrize(
    "kw",
    [
        {"type": ItemType.SINGLE, "points": D(1), "correct": frozenset("AB")},
        {"type": ItemType.SINGLE, "points": D(1)},
        {"type": ItemType.SINGLE, "points": D(0), "correct": frozenset("A")},
        {"type": ItemType.FILL_IN, "points": D(1)},
        {"type": ItemType.FILL_IN, "points": D(1), "blanks": (Blank(()),)},
    ],
)
def test_bad_keys(kw):
    with pytest.raises(ValueError, match="item"):
        ItemKey("Q", 1, **kw)


keys = st.builds(
    lambda c, p, n: ItemKey("Q", 1, ItemType.MULTIPLE, D(n), frozenset(c), partial=p),
    st.sets(st.sampled_from("ABCDE"), min_size=1),
    st.sampled_from(Partial),
    st.integers(1, 10),
)


@given(keys, st.sets(st.sampled_from("ABCDE")))
def test_marks_stay_in_range_and_full_only_for_the_right_answer(key, answer):
    mark = score_item(key, sorted(answer))
    assert 0 <= mark.awarded <= key.points
    assert (mark.awarded == key.points) == (answer == key.correct) == (mark.outcome is Outcome.RIGHT)


# -- subjects --------------------------------------------------------------------------------------


def subject(name, score, state=SubjectState.SCORED, possible=100):
    return SubjectInput(name, (Mark("T", 1, D(str(score)), D(possible), Outcome.MARKED),), state)


def result(theory, practical, rules=DEFAULT_RULES):
    return compute([subject("theory", theory), subject("practical", practical)], rules)


@pytest.mark.parametrize(
    ("theory", "practical", "composite", "status"),
    [
        (60, 60, "60.0", Status.PASSED),
        (0, 100, "60.0", Status.PASSED),
        (100, 33.3, "60.0", Status.PASSED),  # 40 + 19.98 = 59.98, shown as 60.0
        (100, 33.2, "59.9", Status.FAILED),
        (59.9, 59.9, "59.9", Status.FAILED),
        (0, 0, "0.0", Status.FAILED),
    ],
)
def test_pass_line(theory, practical, composite, status):
    found = result(theory, practical)
    assert (found.composite, found.status) == (D(composite), status)


def test_composite_uses_the_rounded_subject_scores():
    found = compute([subject("theory", "1", possible=3), subject("practical", "1", possible=3)], DEFAULT_RULES)
    assert [s.score for s in found.subjects] == [D("33.3"), D("33.3")]
    assert found.composite == D("33.3")


def test_subject_is_scaled_to_a_hundred():
    assert (
        compute([subject("theory", 40, possible=80), subject("practical", 60)], DEFAULT_RULES).subjects[0].score == 50
    )


def test_floor():
    rules = ScoringRules("x", DEFAULT_RULES.weights, floors={"theory": D(50)})
    found = result("49.9", 100, rules)
    assert (found.composite, found.status) == (D("80.0"), Status.FAILED)
    assert "below_floor" in [p.code for p in found.explanation]
    assert result(50, 100, rules).status is Status.PASSED


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (SubjectState.ABSENT, Status.ABSENT),
        (SubjectState.PENDING, Status.PENDING),
        (SubjectState.BREACH, Status.VOIDED),
        (SubjectState.CHEATING, Status.VOIDED),
    ],
)
def test_no_composite_without_both_subjects(state, status):
    found = compute([SubjectInput("theory", (), state), subject("practical", 100)], DEFAULT_RULES)
    assert (found.composite, found.status, found.passed) == (None, status, False)
    assert found.subjects[0].score is None
    assert found.subjects[1].score == 100


def test_voided_beats_absent_beats_pending():
    both = compute(
        [SubjectInput("theory", (), SubjectState.ABSENT), subject("practical", 1, SubjectState.BREACH)], DEFAULT_RULES
    )
    assert both.status is Status.VOIDED
    both = compute(
        [SubjectInput("theory", (), SubjectState.ABSENT), SubjectInput("practical", (), SubjectState.PENDING)],
        DEFAULT_RULES,
    )
    assert both.status is Status.ABSENT


def test_misconduct():
    given_ = [subject("theory", 90), subject("practical", 90)]
    one = compute(apply_misconduct(given_, breaches=frozenset({"theory"})), DEFAULT_RULES)
    assert [s.score for s in one.subjects] == [None, D("90.0")]
    all_ = compute(apply_misconduct(given_, cheating=True), DEFAULT_RULES)
    assert [s.state for s in all_.subjects] == [SubjectState.CHEATING] * 2
    assert all_.subjects[0].marks == given_[0].marks
    assert apply_misconduct(given_) == tuple(given_)


def test_explanation_can_be_checked_by_hand():
    assert [str(p) for p in result(78, 65.5).explanation] == [
        "theory：得 78/100 分，折合 78.0，× 40% = 31.20",
        "practical：得 65.5/100 分，折合 65.5，× 60% = 39.30",
        "综合成绩 70.5，合格线 60",
        "结论：合格（规则 2022.1）",
    ]


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="subjects needed"):
        compute([subject("theory", 1)], DEFAULT_RULES)
    with pytest.raises(ValueError, match="has no marks"):
        compute([SubjectInput("theory"), subject("practical", 1)], DEFAULT_RULES)
    with pytest.raises(ValueError, match="sum to 100"):
        ScoringRules("x", {"theory": D(40)})
    with pytest.raises(ValueError, match="floor"):
        ScoringRules("x", {"theory": D(100)}, floors={"oral": D(1)})


scores = st.decimals(0, 100, places=1)


@given(scores, scores, scores)
def test_more_marks_never_hurt(a, b, c):
    low, high = sorted((a, b))
    assert result(low, c).composite <= result(high, c).composite
    assert result(low, c).passed <= result(high, c).passed
    assert 0 <= result(a, c).composite <= 100


@given(st.decimals(-1000, 1000, places=4), st.integers(0, 3))
def test_rounding_is_half_up_and_close(value, places):
    step = D(1).scaleb(-places)
    assert abs(rounded(value, places) - value) <= step / 2
    assert rounded(D("0.125"), 2) == D("0.13")


def test_compare():
    change = compare(result(50, 50), result(70, 60))
    assert (change.crosses, change.composite_by, change.after) == (True, D("14.0"), Status.PASSED)
    absent = compute([SubjectInput("theory", (), SubjectState.ABSENT), subject("practical", 9)], DEFAULT_RULES)
    assert compare(absent, result(1, 1)).composite_by is None
