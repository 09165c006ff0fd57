"""Who did it: the actor that every verb takes and every audit row names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person, a candidate's device or the system itself.

    ``kind`` is ``person``, ``candidate`` or ``system``; ``key`` is the primary key as text; ``impersonator``
    names the person who acts in another's name (empty otherwise).
    """

    kind: str
    key: str
    label: str
    impersonator: str = ""
    organisation_id: int | None = None


SYSTEM = Actor(kind="system", key="", label="system")
