"""Every code that a result or a verdict can carry has a word, in Chinese and in English."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from jinbang.core import marking, scoring
from jinbang.judge.protocol import Phase
from jinbang.judge.verdict import Outcome
from jinbang.web.shell import words


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_code_reaches_the_reader(language: str) -> None:
    with override(language):
        assert all(words.judged(code) != code for code in Outcome)
        assert all(words.phase(code) != code for code in Phase)
        assert all(words.mode(code) != code for code in marking.Mode)
    assert set(words.MARKED) == {code.value for code in scoring.Outcome}
    assert set(words.STATUS) >= {code.value for code in (*scoring.Status, *scoring.SubjectState)}


def test_causes_and_sources_in_english() -> None:
    with override("en"):
        assert [words.cause(text) for text in ("first", "regrade 3", "作弊")] == [
            "first computation",
            "regrade 3",
            "作弊",
        ]
        assert [words.source(text) for text in ("key", "no file was handed in", "verdict 0a1b")] == [
            "answer key",
            "no file handed in",
            "verdict 0a1b",
        ]


LINES = (
    ("理论：得 80/100 分，折合 80.0，× 40% = 32.00", "Theory: 80"),
    ("综合成绩 56.8，合格线 60", "Composite 56.8, pass mark 60"),
    ("实操 低于单科线 50", "Practical is below"),
    ("结论：不合格（规则 统考规则 v1）", "Outcome: Failed (rules 统考规则 v1)"),
    ("理论：缺考（不计为 0 分）", "Theory: absent (not marked as 0)"),
    ("别的话", "别的话"),
)


@pytest.mark.parametrize(("line", "english"), LINES)
def test_a_frozen_explanation_is_read_in_either_language(line: str, english: str) -> None:
    with override("zh-hans"):
        assert words.explained(line) == line
    with override("en"):
        assert words.explained(line).startswith(english)


def test_every_line_of_an_explanation_is_known() -> None:
    states = [*scoring._STATE_WORDS.values(), *scoring._STATUS_WORDS.values()]
    with override("en"):
        assert [word for word in states if words.explained(f"理论：{word}").endswith(word)] == []
