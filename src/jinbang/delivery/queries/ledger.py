"""Reading the time ledger: which entries count, which wait, which were taken back.

An entry is taken back by another of the opposite sign whose note begins with the number of the first; one that was
effective is corrected, one that still waited is declined, and the second is as effective as the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from jinbang.delivery.models import RoomSession, TimeEntry

_BACK = "↩"


def taking_back(entry: TimeEntry, note: str) -> str:
    """The note of the entry that takes ``entry`` back."""
    return f"{_BACK}{entry.pk} {note.strip()}"[:300]


def split_note(row: TimeEntry) -> tuple[int, str]:
    """The number of the entry that ``row`` takes back (0: none), and what people wrote."""
    number, _space, words = row.note.removeprefix(_BACK).partition(" ")
    if row.seconds < 0 and row.note.startswith(_BACK) and number.isdigit():
        return int(number), words
    return 0, row.note


def taken_back(rows: Iterable[TimeEntry]) -> set[int]:
    """Numbers of the entries that others among ``rows`` take back."""
    return {split_note(row)[0] for row in rows} - {0}


@dataclass(frozen=True)
class Given:
    """An entry that gave time or was to give it, and whether it was taken back."""

    row: TimeEntry
    gone: bool

    @property
    def waits(self) -> bool:
        """Whether it waits for the second person."""
        return not self.row.effective and not self.gone

    @property
    def minutes(self) -> int:
        """Whole minutes."""
        return self.row.seconds // 60

    @property
    def by(self) -> str:
        """The name of who asked."""
        return self.row.asked_by.rpartition(" #")[0]


def given(rows: Iterable[TimeEntry]) -> list[Given]:
    """``rows`` without the corrections, each with whether it was taken back."""
    every = list(rows)
    gone = taken_back(every)
    return [Given(row, row.pk in gone) for row in every if row.seconds > 0]


def given_in_room(session: RoomSession) -> list[Given]:
    """What was given or asked for in a room, at its seats and for everyone, oldest first. One query."""
    rows = TimeEntry.objects.filter(sitting_subject_id=session.sitting_subject_id)
    mine = rows.filter(Q(room_session=session) | Q(room_session__isnull=True, attempt__isnull=True))
    return given(mine.select_related("attempt__seat").order_by("at", "pk"))


def given_to_all(subject: int | None) -> list[Given]:
    """What everyone of a subject was given or is to be given, oldest first. One query."""
    rows = TimeEntry.objects.filter(sitting_subject=subject, room_session__isnull=True, attempt__isnull=True)
    return given(rows.order_by("at", "pk"))


def waiting_rooms(sessions: Collection[int]) -> list[int]:
    """The room of every entry that waits for a second person. One query."""
    rows = TimeEntry.objects.filter(room_session__in=list(sessions), effective=False)
    return [one.row.room_session_id for one in given(rows) if one.waits and one.row.room_session_id is not None]
