"""What changed between two states of a submission, file by file, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.safestring import SafeString

from jinbang.web.shell.code import SHOWN_BYTES, safe_text, split, text_of

#: Lines that are compared at most, without what is alike at both ends: the work grows with their square.
COMPARED_LINES = 1_500
CONTEXT = 3


@dataclass(frozen=True)
class Row:
    """A line of a comparison: ``sign`` is "+", "-", " " or "" for a gap; numbers are None where a side has no line."""

    sign: str
    old: int | None
    new: int | None
    html: SafeString


@dataclass(frozen=True)
class FileDiff:
    """How a file changed: added, removed, changed, same, or "opaque" (not text, or too much to compare)."""

    name: str
    change: str
    rows: tuple[Row, ...]
    added: int = 0
    removed: int = 0


def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[FileDiff]:
    """Every file of either state, in order of names."""
    return [_compare(name, old.get(name), new.get(name)) for name in sorted({*old, *new})]


def _compare(name: str, old: bytes | None, new: bytes | None) -> FileDiff:
    change = "added" if old is None else "removed" if new is None else "same" if old == new else "changed"
    if change == "same":
        return FileDiff(name, change, ())
    before, after = _lines(old), _lines(new)
    if before is None or after is None:
        return FileDiff(name, "opaque", ())
    rows = _rows(before, after)
    if rows is None:
        return FileDiff(name, "opaque", ())
    return FileDiff(name, change, rows, sum(row.sign == "+" for row in rows), sum(row.sign == "-" for row in rows))


def _lines(data: bytes | None) -> list[str] | None:
    if data is None:
        return []
    text = text_of(data) if len(data) <= SHOWN_BYTES else None
    return None if text is None else split(text)


def _rows(old: list[str], new: list[str]) -> tuple[Row, ...] | None:
    """Changed lines with some around them; None if there is too much to compare."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    start = max(0, head - CONTEXT)
    before = old[start : len(old) - max(0, tail - CONTEXT)]
    after = new[start : len(new) - max(0, tail - CONTEXT)]
    if max(len(before), len(after)) > COMPARED_LINES:
        return None
    return tuple(_drawn(before, after, start))


def _alike(old: list[str], new: list[str]) -> int:
    """How many lines are the same from the start."""
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _drawn(old: list[str], new: list[str], start: int) -> Iterator[Row]:
    gap = False
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT):
        if gap:
            yield Row("", None, None, safe_text(""))
        gap = True
        for tag, first, last, begin, end in group:
            if tag == "equal":
                for at in range(last - first):
                    yield Row(" ", start + first + at + 1, start + begin + at + 1, safe_text(old[first + at]))
                continue
            for at in range(first, last):
                yield Row("-", start + at + 1, None, safe_text(old[at]))
            for at in range(begin, end):
                yield Row("+", None, start + at + 1, safe_text(new[at]))
