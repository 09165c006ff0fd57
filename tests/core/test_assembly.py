"""Forms meet their blueprint, or the report says what is missing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinbang.core.assembly import assemble
from jinbang.core.blueprint import BankItem, Blueprint, Quota, Section, eligible, shortages


def bank(per_cell=10, seed=1):
    rng = random.Random(seed)
    return [
        BankItem(
            f"{section}-{skill}-{n}", section, f"{skill}.{n % 3}", round(rng.uniform(0.1, 0.9), 2), rng.randrange(4)
        )
        for section in ("single", "multiple", "judge")
        for skill in ("J1", "J2", "J3", "J4")
        for n in range(per_cell)
    ]


THEORY = Blueprint(
    (Section("single", 20, 15), Section("multiple", 10, 30), Section("judge", 10, 10)),
    (
        Quota("J1 单选", 6, 8, "single", "J1"),
        Quota("J2", 8, 14, skill="J2"),
        Quota("J4", 5, 40, skill="J4"),
        Quota("难题", 4, 10, low=0.7),
        Quota("易题", 6, 20, high=0.35),
    ),
)


def check(blueprint, items, result, forms):
    assert result.problems == ()
    by_key = {i.key: i for i in items}
    uses = [k for f in result.forms for k in f.items]
    assert len(result.forms) == forms
    assert max(uses.count(k) for k in uses) <= blueprint.most_parallel
    for form in result.forms:
        chosen = [by_key[k] for k in form.items]
        assert len(set(form.items)) == blueprint.count
        assert [sum(i.section == s.name for i in chosen) for s in blueprint.sections] == [
            s.count for s in blueprint.sections
        ]
        assert all(q.least <= sum(q.matches(i) for i in chosen) <= q.most for q in blueprint.quotas)
        assert not any(set(i.enemies) & set(form.items) for i in chosen)
        assert all(i.exposure <= blueprint.most_exposure for i in chosen)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.integers(1, 2))
def test_blueprint_is_met(seed, forms):
    items = bank(14, seed)
    result = assemble(items, THEORY, forms=forms, seed=str(seed))
    check(THEORY, items, result, forms)
    assert result.spread <= 0.05
    assert assemble(items[::-1], THEORY, forms=forms, seed=str(seed)) == result


def test_points():
    assert (THEORY.points, THEORY.count) == (700, 40)


def test_enemies_stay_apart():
    items = [
        BankItem("a", "s", "J1", 0.5, enemies=frozenset("b")),
        BankItem("b", "s", "J1", 0.5),
        BankItem("c", "s", "J1", 0.5),
    ]
    blueprint = Blueprint((Section("s", 2, 10),))
    for seed in range(10):
        form = assemble(items, blueprint, forms=1, seed=str(seed)).forms[0]
        assert not {"a", "b"} <= set(form.items)
    result = assemble(items[:2], blueprint, forms=1, seed="x")
    assert [str(p) for p in result.problems] == ["第 1 卷无法避开互斥题 a 与 b"]


def test_exposed_items_are_left_out_or_used_last():
    items = [BankItem(str(n), "s", "J1", 0.5, exposure=n) for n in range(6)]
    blueprint = Blueprint((Section("s", 3, 10),), most_exposure=4)
    assert [i.key for i in eligible(items, blueprint)] == list("01234")
    assert sorted(assemble(items, blueprint, forms=1, seed="x").forms[0].items) == list("012")


def test_shortage_is_counted_exactly():
    problems = shortages(bank(10), THEORY, 3)
    assert [(p.code, dict(p.params)["lack"]) for p in problems if p.code == "section_short"] == [("section_short", 20)]
    few = [i for i in bank(14) if not i.skill.startswith("J4") or i.key.endswith("-0")]
    result = assemble(few, THEORY, forms=1, seed="x")
    assert [str(p) for p in result.problems] == ["“J4”需要 5 题，题库可用 3 题，缺 2 题"]
    assert not result.ok


def test_contradicting_quotas_are_named():
    quotas = (Quota("甲", 15, 20, "single", "J1"), Quota("乙", 10, 20, "single", "J2"))
    found = shortages(bank(30), Blueprint(THEORY.sections, quotas), 1)
    assert [str(p) for p in found] == ["“single”各配额下限合计 25 题，超过本大题的 20 题"]
    quotas = tuple(Quota(s, 0, 4, "single", s) for s in ("J1", "J2", "J3", "J4"))
    found = shortages(bank(30), Blueprint(THEORY.sections, quotas), 1)
    assert [p.code for p in found] == ["quotas_below_section"]


def test_quotas_that_clash_only_together_are_reported_per_form():
    items = [BankItem(str(n), "s", "J1" if n < 3 else "J2", 0.9 if n < 3 else 0.1) for n in range(6)]
    blueprint = Blueprint((Section("s", 3, 10),), (Quota("难", 3, 3, low=0.5), Quota("J2", 1, 3, skill="J2")))
    result = assemble(items, blueprint, forms=1, seed="x")
    assert result.forms == ()
    assert all(p.code == "quota_unmet" for p in result.problems)
    assert result.problems


def test_parallel_use_may_be_allowed():
    items = [BankItem(str(n), "s", "J1", 0.5) for n in range(3)]
    blueprint = Blueprint((Section("s", 3, 10),), most_parallel=2)
    result = assemble(items, blueprint, forms=2, seed="x")
    check(blueprint, items, result, 2)
    assert shortages(items, blueprint, 3)[0].code == "section_short"


def test_difficulty_target():
    items = bank(20)
    for target in (0.4, 0.6):
        result = assemble(items, Blueprint(THEORY.sections, difficulty=target), forms=1, seed="x")
        assert abs(result.forms[0].difficulty - target) < 0.05


def test_skill_prefix_is_a_path_not_a_string():
    quota = Quota("x", 0, 1, skill="J1")
    assert quota.matches(BankItem("a", "s", "J1", 0.5))
    assert quota.matches(BankItem("a", "s", "J1.2", 0.5))
    assert not quota.matches(BankItem("a", "s", "J12", 0.5))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Blueprint(()),
        lambda: Blueprint((Section("s", 1, 1), Section("s", 1, 1))),
        lambda: Blueprint((Section("s", 0, 1),)),
        lambda: Blueprint((Section("s", 1, 1),), (Quota("q", 2, 1),)),
        lambda: assemble([], Blueprint((Section("s", 1, 1),)), forms=0, seed=""),
    ],
)
def test_nonsense_is_refused(make):
    with pytest.raises(ValueError):  # noqa: PT011
        make()
