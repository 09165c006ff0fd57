"""Reading, common to both databases: the queries, and rows turned into the records of ``store``.

The texts use ``?`` for a parameter and ``$IN`` for "is one of this list"; each store translates them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from jinbang.delivery.engine.store import (
    AttemptRow,
    PaperSetRow,
    PauseRow,
    SessionRow,
    Snapshot,
    TimeRow,
    UploadRow,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SESSIONS = """
SELECT s.id, s.sitting_subject_id, x.subject, g.name, site.name, room.name, s.go_at, s.ends_at, s.rules,
       s.message, s.message_at, s.state
FROM delivery_roomsession s
JOIN exams_sittingsubject x ON x.id = s.sitting_subject_id
JOIN exams_sitting g ON g.id = x.sitting_id
JOIN accreditation_room room ON room.id = s.room_id
JOIN accreditation_site site ON site.id = room.site_id
WHERE s.ends_at > ? AND s.go_at < ?
"""
TIMES = """
SELECT sitting_subject_id, room_session_id, attempt_id, seconds, cause, at
FROM delivery_timeentry WHERE effective AND sitting_subject_id $IN ORDER BY id
"""
PAUSES = """
SELECT room_session_id, attempt_id, begins_at, ends_at
FROM delivery_pause WHERE room_session_id $IN ORDER BY id
"""
PAPER_SETS = """
SELECT id, manifest_sha256, released_key, scoring_cipher
FROM delivery_paperset WHERE sitting_subject_id $IN AND state <> 'discarded'
"""
_ATTEMPT = """
SELECT a.id, a.room_session_id, a.paper_set_id, seat.number, level.name, a.ticket_number, a.id_hash,
       a.candidate_name, a.state, a.token_sha256, a.device_key, a.generation, a.signed_in_at, a.started_at,
       a.handed_in_at, (SELECT max(seq) FROM delivery_answerstep WHERE attempt_id = a.id),
       a.receipt_count, a.receipt_sha256, a.hand_in_how, p.sha256, length(p.ciphertext)
FROM delivery_attempt a
JOIN accreditation_seat seat ON seat.id = a.seat_id
JOIN delivery_paperset ps ON ps.id = a.paper_set_id
JOIN accreditation_certificatelevel level ON level.id = ps.level_id
LEFT JOIN delivery_sealedpaper p ON p.attempt_id = a.id
"""
ROSTER = _ATTEMPT + "WHERE a.room_session_id $IN"
ATTEMPTS = _ATTEMPT + "WHERE a.id $IN"
CHANGES = "SELECT id, attempt_id FROM delivery_attemptevent WHERE id > ? AND actor <> ? ORDER BY id"
NEWEST_EVENT = "SELECT max(id) FROM delivery_attemptevent"
STEPS = """
SELECT seq, item, value, client_ms FROM delivery_answerstep WHERE attempt_id = ? AND seq > ? ORDER BY seq LIMIT ?
"""
PAPER = "SELECT ciphertext FROM delivery_sealedpaper WHERE attempt_id = ?"
UPLOADS = """
SELECT id, attempt_id, kind, item, name, version, size, sha256, completed_at
FROM delivery_upload WHERE attempt_id = ? ORDER BY id
"""


def to_ms(value: Any) -> int | None:
    """A stored instant (Django's text in SQLite, a datetime in PostgreSQL) as milliseconds."""
    if value is None:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(ms: int) -> datetime:
    """Milliseconds as an aware instant."""
    return EPOCH + timedelta(milliseconds=ms)


def _exact_ms(value: Any) -> int:
    found = to_ms(value)
    assert found is not None
    return found


def _json(value: Any) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value
    return loaded


def session_row(row: Any) -> SessionRow:
    """A row of :data:`SESSIONS`."""
    times = _exact_ms(row[6]), _exact_ms(row[7])
    fields: list[Any] = [*row[:6], *times, _json(row[8]), row[9], to_ms(row[10]), row[11]]
    return SessionRow(*fields)


def attempt_row(row: Any) -> AttemptRow:
    """A row of :data:`ROSTER` or :data:`ATTEMPTS`."""
    times = [to_ms(value) for value in row[12:15]]
    fields: list[Any] = [*row[:12], *times, row[15] or 0, *row[16:19], row[19] or "", row[20] or 0]
    return AttemptRow(*fields)


def time_row(row: Any) -> TimeRow:
    """A row of :data:`TIMES`."""
    fields: list[Any] = [*row[:5], _exact_ms(row[5])]
    return TimeRow(*fields)


def pause_row(row: Any) -> PauseRow:
    """A row of :data:`PAUSES`."""
    return PauseRow(row[0], row[1], _exact_ms(row[2]), to_ms(row[3]))


def paper_set_row(row: Any) -> PaperSetRow:
    """A row of :data:`PAPER_SETS`."""
    secret, scoring = (None if value is None else bytes(value) for value in row[2:4])
    return PaperSetRow(row[0], row[1], secret, scoring)


def upload_row(row: Any) -> UploadRow:
    """A row of :data:`UPLOADS`."""
    fields: list[Any] = [*row[:8], to_ms(row[8])]
    return UploadRow(*fields)


class Watched:
    """Rows of sessions, times, pauses and paper sets on their way to a :class:`Snapshot`.

    They are read twice a second and hardly ever change: equal rows give the same object without being taken apart.
    """

    def __init__(self) -> None:
        self._rows: Sequence[Sequence[Any]] = ()
        self._made: Snapshot | None = None

    def snapshot(self, *rows: Sequence[Any]) -> Snapshot:
        """The snapshot of these four lists of rows."""
        if self._made is None or rows != self._rows:
            sessions, times, pauses, paper_sets = rows
            self._made = Snapshot(
                [session_row(row) for row in sessions],
                [time_row(row) for row in times],
                [pause_row(row) for row in pauses],
                [paper_set_row(row) for row in paper_sets],
            )
            self._rows = rows
        return self._made
