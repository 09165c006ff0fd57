"""Which characters the fonts can show.

The wheel's Noto fonts cover the common national standard but not all of CJK extension B and beyond. A
silent box on a certificate would be a wrong certificate, so coverage is read from the fonts' own ``cmap``
tables and asked before printing. An operator may add wider fonts by naming a directory in
``JINBANG_FONT_DIR``; they are used only for what the wheel's fonts lack.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pylopdf_fonts_zh_cn import sans_path, serif_path

#: Characters that take no glyph of their own: joiners, variation selectors, line ends.
_INVISIBLE = frozenset([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x200B, 0x200C, 0x200D, 0xFEFF, 9, 10, 13])


def font_dirs() -> tuple[Path, ...]:
    """Directories with fonts: the wheel's, then the operator's if set."""
    extra = os.environ.get("JINBANG_FONT_DIR", "")
    return (serif_path().parent, *((Path(extra),) if extra else ()))


def font_files() -> tuple[Path, ...]:
    """Every font file that may be used, the wheel's two first."""
    own = (serif_path(), sans_path())
    kinds = (".otf", ".ttf")
    others = (f for d in font_dirs()[1:] for f in sorted(d.iterdir()) if f.suffix.lower() in kinds)
    return (*own, *others)


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points that every document can show."""
    found: set[int] = set(_INVISIBLE)
    for file in font_files():
        found |= code_points(file.read_bytes())
    return frozenset(found)


def missing(text: str) -> tuple[str, ...]:
    """Characters of ``text`` that no font can show, each once, in order of code point."""
    known = covered()
    return tuple(sorted({c for c in text if ord(c) not in known}))


def spell_out(text: str, gaps: Iterable[str]) -> str:
    """``text`` with each character of ``gaps`` written as its code point, such as ``[U+20BB7]``."""
    return text.translate({ord(c): f"[U+{ord(c):04X}]" for c in gaps})


def code_points(font: bytes) -> set[int]:
    """Code points with a glyph, from the formats 4 and 12 of the ``cmap`` table; ``ValueError`` if none is there."""
    tables = struct.unpack_from(">H", font, 4)[0]
    for n in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * n)
        if tag == b"cmap":
            return set(_cmap(font, start))
    raise ValueError("the font has no cmap table")


def _cmap(font: bytes, start: int) -> Iterator[int]:
    for n in range(struct.unpack_from(">H", font, start + 2)[0]):
        offset = start + struct.unpack_from(">L", font, start + 4 + 8 * n + 4)[0]
        form = struct.unpack_from(">H", font, offset)[0]
        if form == 12:
            yield from _format_12(font, offset)
        elif form == 4:
            yield from _format_4(font, offset)


def _format_12(font: bytes, offset: int) -> Iterator[int]:
    for n in range(struct.unpack_from(">L", font, offset + 12)[0]):
        first, last, glyph = struct.unpack_from(">LLL", font, offset + 16 + 12 * n)
        yield from (c for c in range(first, last + 1) if glyph + c - first)


def _format_4(font: bytes, offset: int) -> Iterator[int]:
    size = struct.unpack_from(">H", font, offset + 6)[0]
    ends = struct.unpack_from(f">{size // 2}H", font, offset + 14)
    starts = struct.unpack_from(f">{size // 2}H", font, offset + 16 + size)
    for first, last in zip(starts, ends, strict=True):
        if first != 0xFFFF:
            yield from range(first, last + 1)
