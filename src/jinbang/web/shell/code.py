"""Files of a submission as numbered lines: coloured where it is Python, with ranges of lines marked.

What candidates wrote is untrusted: everything is escaped here, and characters that hide or reorder text are shown
by their code instead of being obeyed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import kwlist

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

SHOWN_BYTES = 200_000
SHOWN_LINES = 4_000
SHOWN_COLUMNS = 1_000
_TOKENS = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r"|(?P<string>[rRbBuUfF]{0,2}(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?))"
    r"|(?P<keyword>\b(?:" + "|".join(kwlist) + r")\b)"
    r"|(?P<number>\b\d[\w.]*)"
    r"|[A-Za-z_]\w*",
    re.DOTALL,
)
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


@dataclass(frozen=True)
class Line:
    """A line as safe HTML; ``mark`` is the number of the range that it lies in, 0 for none."""

    number: int
    html: SafeString
    mark: int


@dataclass(frozen=True)
class CodeFile:
    """A file to show; ``lines`` is empty for what is not text or too large, and ``size`` (bytes) says so.

    ``prefix`` leads the address of a line: the first file's are ``#L12``, the second's ``#F2L12``. ``left`` counts
    lines that are not shown.
    """

    name: str
    size: int
    prefix: str
    lines: tuple[Line, ...]
    left: int = 0


def code_files(
    files: Mapping[str, bytes], marks: Iterable[tuple[str, int, int]] = (), *, side: str = ""
) -> list[CodeFile]:
    """Files in order of their names. ``marks`` are (file, first line, last line), numbered from 1 in their order.

    ``side`` keeps the addresses of two sets of files on one page apart.
    """
    ranges = list(enumerate(marks, 1))
    return [
        _code_file(name, data, f"{side}L" if at == 1 else f"{side}F{at}L", [r for r in ranges if r[1][0] == name])
        for at, (name, data) in enumerate(sorted(files.items()), 1)
    ]


def _code_file(name: str, data: bytes, prefix: str, ranges: list[tuple[int, tuple[str, int, int]]]) -> CodeFile:
    text = text_of(data)
    drawn = lines_of(name, text) if text is not None and len(data) <= SHOWN_BYTES else []
    lines = tuple(
        Line(at, html, next((number for number, (_file, first, last) in ranges if first <= at <= last), 0))
        for at, html in enumerate(drawn[:SHOWN_LINES], 1)
    )
    return CodeFile(name, len(data), prefix, lines, max(0, len(drawn) - SHOWN_LINES))


def text_of(data: bytes) -> str | None:
    """The text of a file in UTF-8 or, as Windows in China writes it, GB 18030; None for what is no text."""
    if b"\0" in data:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def split(text: str) -> list[str]:
    """Lines as editors count them: form feeds and Unicode separators end none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def lines_of(name: str, text: str) -> list[SafeString]:
    """The lines of a text as safe HTML, without their ends; Python is coloured."""
    plain = "\n".join(split(text))
    if not name.endswith(".py"):
        return [safe_text(line) for line in plain.split("\n")] if plain else []
    return _joined(_parts(plain)) if plain else []


def safe_text(text: str) -> SafeString:
    """The text escaped, cut where it is very long; hidden characters by their code."""
    left = len(text) - SHOWN_COLUMNS
    shown = _visible(text[:SHOWN_COLUMNS])
    return mark_safe(shown + f'<span class="code-control">… +{left}</span>' if left > 0 else shown)  # noqa: S308


def _visible(text: str) -> str:
    """Escaped; a character that hides or reorders others stands as its code."""
    if text.isascii() and text.isprintable():
        return escape(text)
    return "".join(
        f'<span class="code-control">U+{ord(char):04X}</span>'
        if char != "\t" and unicodedata.category(char) in _HIDDEN
        else escape(char)
        for char in text
    )


def _parts(text: str) -> Iterable[tuple[str, str]]:
    """(class or "", text) in turn, together the whole text."""
    at = 0
    for found in _TOKENS.finditer(text):
        yield "", text[at : found.start()]
        yield found.lastgroup or "", found.group()
        at = found.end()
    yield "", text[at:]


def _joined(parts: Iterable[tuple[str, str]]) -> list[SafeString]:
    lines: list[list[str]] = [[]]
    for kind, text in parts:
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if piece:
                html = safe_text(piece)
                lines[-1].append(f'<span class="code-{kind}">{html}</span>' if kind else html)
    return [mark_safe("".join(line)) for line in lines]  # noqa: S308
