"""Every code that a result or a verdict can carry has a word, in Chinese and in English."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from jinbang.core import marking, scoring
from jinbang.judge.protocol import Phase
from jinbang.judge.verdict import Outcome
from jinbang.web.staff.grading import words


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
