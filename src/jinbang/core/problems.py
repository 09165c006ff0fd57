"""A fault found in some input: a code for programs, a sentence for people.

The pure functions collect these instead of raising, so that a sheet with forty bad rows is refused once,
with forty reasons. The text is Chinese (the source language of the interface) with named placeholders;
the edge may translate ``message`` before filling in ``params``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """``code`` is stable; ``message`` holds ``{name}`` placeholders that ``params`` fill."""

    code: str
    message: str
    params: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, message: str, /, **params: object) -> Problem:
        """Shorthand with keyword parameters."""
        return cls(code, message, tuple(params.items()))

    def __str__(self) -> str:
        return self.message.format(**dict(self.params)) if self.params else self.message
