"""Files of a submission as numbered lines, with ranges of lines marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SHOWN_BYTES = 200_000


@dataclass(frozen=True)
class Line:
    """A line of text; ``mark`` is the number of the range that it lies in, 0 for none."""

    number: int
    text: str
    mark: int


@dataclass(frozen=True)
class CodeFile:
    """A file to show; ``lines`` is empty for what is not text or too large, and ``size`` (bytes) says so."""

    name: str
    size: int
    lines: tuple[Line, ...]


def code_files(files: Mapping[str, bytes], marks: Iterable[tuple[str, int, int]] = ()) -> list[CodeFile]:
    """Files in order of their names. ``marks`` are (file, first line, last line), numbered from 1 in their order."""
    ranges = list(enumerate(marks, 1))
    return [
        CodeFile(name, len(data), _lines(data, [(n, first, last) for n, (file, first, last) in ranges if file == name]))
        for name, data in sorted(files.items())
    ]


def _lines(data: bytes, ranges: list[tuple[int, int, int]]) -> tuple[Line, ...]:
    if len(data) > SHOWN_BYTES or b"\0" in data:
        return ()
    text = data.decode("utf-8", "replace").splitlines()
    return tuple(
        Line(at, line, next((number for number, first, last in ranges if first <= at <= last), 0))
        for at, line in enumerate(text, 1)
    )
