"""Filters that put the codes of judging and scoring into words."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from jinbang.web.shell import words
from jinbang.web.shell.code import CodeFile

register = template.Library()
register.filter("cause_label", words.cause)
register.filter("source_label", words.source)
register.filter("judged_label", words.judged)
register.filter("explained", words.explained)

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


@register.filter
def shown(text: str, most: int) -> str:
    """The beginning of an untrusted text, ``most`` characters, with a sign where it was cut."""
    return text if len(text) <= most else f"{text[:most]}\n…"


@register.filter
def to_the_second(value: datetime) -> str:
    """An instant in the programme's zone as plain text."""
    return f"{localtime(value):%Y-%m-%d %H:%M:%S}"


@register.filter
def kilobytes(amount: int) -> str:
    """An amount of KiB as people read it."""
    return filesizeformat(amount * 1024)


def plain(score: object) -> str | None:
    """A score without needless zeros; None for none."""
    return None if score is None else points(score)


@register.simple_tag
def code_lines(file: CodeFile) -> SafeString:
    """The lines of a file. Numbers are drawn by the style sheet, so that copying takes the text alone."""
    marked = any(line.mark for line in file.lines)
    drawn = (
        f'<span class="line{" code-same" if line.mark else ""}" id="{file.prefix}{line.number}">'
        f'<a class="no" href="#{file.prefix}{line.number}" data-n="{line.number}" tabindex="-1"></a>'
        f"{_region(line.mark) if marked else ''}{line.html}\n</span>"
        for line in file.lines
    )
    return mark_safe(f'<pre class="code-lines">{"".join(drawn)}</pre>')  # noqa: S308 — code.py escapes every line


def _region(number: int) -> str:
    """The number of a range of lines, or as much room."""
    return f'<span class="region" data-n="{number or ""}"></span>'
