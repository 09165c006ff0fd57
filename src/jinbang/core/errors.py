"""What a person is told when the system says no.

A verb that refuses raises :class:`Refusal`; an import that finds several bad rows raises
:class:`RowErrors`. Both carry text meant for the person at the screen: what is wrong, where, and what
to do about it. Anything else that escapes a verb is a defect of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


class Refusal(Exception):  # noqa: N818 — it is no error, it is what happened
    """An action that the rules do not allow now.

    ``code`` is stable and machine-readable (``window_closed``); ``message`` is for people and says the
    remedy; ``params`` are the values the message speaks of.
    """

    def __init__(self, code: str, message: object, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        text = str(self.message)
        return text.format(**self.params) if self.params else text


@dataclass(frozen=True)
class RowError:
    """One fault in one row of a sheet. ``row`` counts as the sheet does, header included, from 1."""

    row: int
    field: str
    message: str
    value: str = ""
    code: str = ""
    warning: bool = False


class RowErrors(Refusal):
    """A sheet that was not taken in: every fault found, and nothing was stored."""

    def __init__(self, errors: Iterable[RowError], message: object = "") -> None:
        self.errors = tuple(errors)
        super().__init__("rows_invalid", message or f"{len(self.errors)} rows need correction; nothing was stored")
