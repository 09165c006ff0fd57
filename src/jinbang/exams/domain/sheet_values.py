"""Cells as people and spreadsheets leave them: numbers for texts, full-width digits, dates in six spellings."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_EXACT = 2**53


def text_of(cell: object) -> str:
    """The cell as text: whole numbers without ``.0``, dates as ISO, width folded, edges trimmed.

    A number too big for a spreadsheet to hold exactly keeps its scientific form, so that the reader of an
    identity number can say what happened.
    """
    if isinstance(cell, str):
        return (cell if cell.isascii() else unicodedata.normalize("NFKC", cell)).strip()
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float):
        exact = cell.is_integer() and abs(cell) < _EXACT
        return str(int(cell)) if exact else f"{cell:.15g}" if abs(cell) < _EXACT else f"{cell:.14e}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def raw_text(cell: object) -> str:
    """The cell as text with its characters untouched (names must not be folded)."""
    return cell.strip() if isinstance(cell, str) else text_of(cell)


def date_of(text: str) -> date | None:
    """The date in ``1999-01-02``, ``1999/1/2``, ``1999.1.2``, ``1999年1月2日`` or ``19990102``; else ``None``."""
    match = _DATE.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
