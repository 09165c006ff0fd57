"""Variants: a pure function of slug, seed and parameter; a slot without a value is a fault."""

import pytest
from tests.judge.helpers import MANIFEST, small_task

from jinbang.judge.lint import telling_seeds
from jinbang.judge.package import PackageError, draw, is_template, variant

VARIED = (
    MANIFEST
    + """
[variants]
files = ["tests/*", "statement.md"]
[variants.parameters.left]
low = 10
high = 20
step = 5
[variants.parameters.city]
choices = [{ name = "武汉", code = "027" }, { name = "宜昌", code = "0717" }]
[variants.parameters.word]
choices = ["甲", "乙", "丙"]
"""
)
STATEMENT = "# 两数之和\n{{left}} {{city.name}} {{city.code}} {{word}}\n".encode()


def test_the_same_seed_gives_the_same_task() -> None:
    task = small_task(VARIED, statement_dot_md=STATEMENT)
    one, again, other = variant(task, "1"), variant(task, "1"), variant(task, "2")
    assert one.digest == again.digest != other.digest
    assert draw(task, "1") == {"left": "20", "city.name": "宜昌", "city.code": "0717", "word": "甲"}
    assert one.text("statement.md") == "# 两数之和\n20 宜昌 0717 甲\n"


def test_linked_values_stay_together_and_every_value_occurs() -> None:
    task = small_task(VARIED, statement_dot_md=STATEMENT)
    drawn = [draw(task, str(seed)) for seed in range(200)]
    assert {(one["city.name"], one["city.code"]) for one in drawn} == {("武汉", "027"), ("宜昌", "0717")}
    assert {one["left"] for one in drawn} == {"10", "15", "20"}
    assert {one["word"] for one in drawn} == {"甲", "乙", "丙"}


def test_a_task_without_parameters_is_its_only_variant() -> None:
    task = small_task()
    assert variant(task, "1") is task
    assert draw(task, "1") == {}


def test_a_slot_that_nothing_fills_is_a_fault() -> None:
    with pytest.raises(PackageError, match="没有这个参数"):
        variant(small_task(VARIED, statement_dot_md="{{右}}".encode()), "1")


def test_a_parameter_needs_choices_or_a_range() -> None:
    bent = VARIED.replace("high = 20\n", "")
    with pytest.raises(PackageError, match="choices"):
        variant(small_task(bent), "1")


def test_a_template_is_told_from_its_variants() -> None:
    task = small_task(VARIED, statement_dot_md=STATEMENT)
    assert is_template(task)
    assert not is_template(variant(task, "1"))
    assert not is_template(small_task())


def test_lint_draws_every_value() -> None:
    task = small_task(VARIED, statement_dot_md=STATEMENT)
    drawn = [draw(task, seed) for seed in telling_seeds(task)]
    assert len(drawn) <= 8
    assert [len({one[name] for one in drawn}) for name in ("left", "city.name", "word")] == [3, 2, 3]
