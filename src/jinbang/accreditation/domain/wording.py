"""Refusals that name several faults at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from jinbang.core.errors import Refusal
from jinbang.core.problems import Problem


def said(problem: Problem) -> str:
    """The problem's sentence in the reader's language."""
    return gettext(problem.message).format(**dict(problem.params))


def refuse_if_any(code: str, lead: object, problems: Sequence[Problem]) -> None:
    """Raise one ``Refusal`` that lists every problem; ``params["codes"]`` names them for programs."""
    if problems:
        text = "；".join(said(problem) for problem in problems)
        raise Refusal(code, "{lead}：{text}", lead=lead, text=text, codes=tuple(problem.code for problem in problems))
