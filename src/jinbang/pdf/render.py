"""Typed data → PDF bytes. The same input gives the same bytes.

What makes that so: one fixed creation date in every file (:data:`CREATED`; a document states its own
date in its text), only the fonts of the wheel (and of ``JINBANG_FONT_DIR``), no system fonts, no packages
from the network, data passed as text that is never parsed as markup. Template, engine and fonts
are named by :func:`engine`, which belongs in the record of an issued document.

One compiler per process, kept warm, behind a lock: compiling is CPU work, and more of it in parallel
is had from more processes, not from threads.
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import segno
import typst

from jinbang.pdf import data as documents
from jinbang.pdf import fonts

#: Creation date in every file: 2022-01-01T00:00:00Z.
CREATED = 1640995200

#: Current template of each kind. A change of looks is a new file and a new number; old files stay.
TEMPLATE_VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "ticket": "1",
        "door_sign": "1",
        "sign_in_sheet": "1",
        "seat_map": "1",
        "desk_label": "1",
        "banner": "1",
        "room_minutes": "1",
        "result_slip": "1",
        "certificate": "1",
        "fee_statement": "1",
        "pilot_application": "1",
    }
)

#: The type of data that each kind prints.
KINDS: Mapping[str, type] = MappingProxyType(
    {
        "ticket": documents.TicketSheet,
        "door_sign": documents.DoorSigns,
        "sign_in_sheet": documents.SignInSheet,
        "seat_map": documents.SeatMap,
        "desk_label": documents.DeskLabels,
        "banner": documents.Banner,
        "room_minutes": documents.RoomMinutes,
        "result_slip": documents.ResultSlip,
        "certificate": documents.Certificate,
        "fee_statement": documents.FeeStatement,
        "pilot_application": documents.PilotApplication,
    }
)

#: Kinds that must not show a stand-in for a character the fonts lack.
STRICT = frozenset({"certificate"})

TEMPLATES = Path(__file__).parent / "templates"
_PHOTO = re.compile(r"data:image/(jpeg|png);base64,[A-Za-z0-9+/]+={0,2}")
_lock = threading.Lock()


class GlyphMissingError(ValueError):
    """No font can show some characters. ``characters`` are those; the operator adds a wider font."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        self.characters = characters
        shown = "、".join(f"{c}（U+{ord(c):04X}）" for c in characters)
        super().__init__(f"字库缺字：{shown}；请在 JINBANG_FONT_DIR 目录中加入含这些字的字体后重新打印")


def engine() -> str:
    """What turned the template into bytes: compiler and fonts with their versions."""
    return f"typst {version('typst')}, pylopdf-fonts-zh-cn {version('pylopdf-fonts-zh-cn')}"


def payload(kind: str, data: object) -> dict[str, Any]:
    """The JSON form of ``data``, to be kept; ``TypeError`` if it is not what ``kind`` prints."""
    if not isinstance(data, KINDS[kind]):
        raise TypeError(f"{kind} prints {KINDS[kind].__name__}")
    plain: dict[str, Any] = json.loads(json.dumps(asdict(data)))  # type: ignore[call-overload]
    return plain


def render(kind: str, data: object) -> bytes:
    """The PDF of ``data`` with the current template. Raises :class:`GlyphMissingError` for strict kinds."""
    return render_stored(kind, TEMPLATE_VERSIONS[kind], payload(kind, data))


def render_stored(kind: str, template: str, stored: Mapping[str, Any]) -> bytes:
    """Print again what :func:`payload` gave, with the template version it was printed with."""
    if kind not in TEMPLATE_VERSIONS or not re.fullmatch(r"[0-9]+", template):
        raise ValueError(f"no such template: {kind} {template}")
    _check_photos(stored)
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    gaps = fonts.missing(text)
    if gaps and kind in STRICT:
        raise GlyphMissingError(gaps)
    if gaps:
        text = fonts.spell_out(text, gaps)
    codes = json.dumps({q: qr_svg(q) for q in _texts_of(stored, "qr")}, separators=(",", ":"))
    return _compile(TEMPLATES / f"{kind}.v{template}.typ", {"data": text, "qr": codes})


def compile_empty() -> bytes:
    """An empty page through the same compiler: the floor that the benchmark compares with."""
    return _compile(TEMPLATES / "empty.typ", {})


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    faces = typst.Fonts(False, False, list(fonts.font_dirs()))
    return typst.Compiler(root=TEMPLATES, font_paths=faces, ignore_system_fonts=True)


def _compile(template: Path, inputs: dict[str, str]) -> bytes:
    with _lock:
        made = _compiler().compile(str(template), format="pdf", sys_inputs=inputs, timestamp=CREATED)
    if not isinstance(made, bytes):
        raise TypeError("one PDF was expected")
    return made


def qr_svg(text: str) -> str:
    """A QR code (level M) with its quiet zone as an SVG picture.

    The mask pattern is fixed instead of chosen by penalty: every reader takes every mask, and the choice
    costs five times as much as the rest of the code.
    """
    buffer = io.BytesIO()
    code = segno.make(text, error="m", micro=False, boost_error=False, mask=2)
    code.save(buffer, kind="svg", border=2, xmldecl=False)
    return buffer.getvalue().decode()


def _texts_of(value: Any, key: str) -> list[str]:
    """Every non-empty text under ``key``, anywhere in the data."""
    if isinstance(value, Mapping):
        here = [value[key]] if isinstance(value.get(key), str) and value[key] else []
        return here + [t for v in value.values() for t in _texts_of(v, key)]
    if isinstance(value, list):
        return [t for v in value for t in _texts_of(v, key)]
    return []


def _check_photos(stored: Mapping[str, Any]) -> None:
    for photo in _texts_of(stored, "photo"):
        if not _PHOTO.fullmatch(photo):
            raise ValueError("a photo is a base64 data address of a JPEG or PNG")
