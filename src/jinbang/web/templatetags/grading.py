"""Filters that put the codes of judging and scoring into words."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jinbang.web.staff.grading import words

register = template.Library()
register.filter("cause_label", words.cause)
register.filter("source_label", words.source)
register.filter("judged_label", words.judged)

_TABLES = {"judged": words.JUDGED, "marked": words.MARKED, "status": words.STATUS}


@register.simple_tag
def outcome_badge(code: str, table: str) -> SafeString:
    """A badge for an outcome: ``table`` is judged (a test), marked (an item) or status (a subject, a result)."""
    word, tone = _TABLES[table].get(code, (code, "neutral"))
    return format_html('<span class="badge-state tone-{}">{}</span>', tone, word)


@register.filter
def points(value: object) -> str:
    """Points without needless zeros: 20.00 → 20, 0.50 → 0.5."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(score: object) -> str | None:
    """A score without needless zeros; None for none."""
    return None if score is None else points(score)
