"""The narrow interface between the exam server and a database.

An operation is a plain record; ``Store.commit`` makes a batch of them durable in one transaction and only
then returns, one result an operation. SQLite and PostgreSQL implement it with the same meaning; the same
contract tests run on both. Instants are integers, milliseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jinbang.delivery.domain.canonical import Digest

StepRow = tuple[int, str, str, int]
Scorer = Callable[[Mapping[str, str]], tuple[str, str] | None]


class StorageUnavailable(Exception):  # noqa: N818
    """The database is away, full or locked for long: nothing of the batch is durable, trying later helps."""


class StorageBusy(Exception):  # noqa: N818
    """Another process is writing: nothing was done, try again in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The attempt is not what the operation expected (newer session, other state): nothing was written."""


STALE = Stale()


@dataclass(slots=True)
class SignInOp:
    """Bind a new token to an attempt whose generation is still ``generation``."""

    attempt: int
    generation: int
    token_sha256: str
    device_key: str
    at: int
    data: str


@dataclass(slots=True)
class StartOp:
    """Open a prepared attempt. ``source`` and ``target`` come from ``core.lifecycle.ATTEMPT``."""

    attempt: int
    generation: int
    source: str
    target: str
    at: int


@dataclass(slots=True)
class StepsOp:
    """Append steps to a running attempt; a number that is taken keeps what it holds."""

    attempt: int
    generation: int
    steps: Sequence[StepRow]


@dataclass(slots=True)
class HandInOp:
    """Close a running attempt over the stored answers. ``generation`` None: whoever holds the session.

    ``expected`` is what the client believes (None: take what is stored); ``score`` marks the final answers and
    returns (points, detail as JSON).
    """

    attempt: int
    generation: int | None
    source: str
    target: str
    event: str
    how: str
    at: int
    actor: str
    steps: Sequence[StepRow] = ()
    expected: Digest | None = None
    score: Scorer | None = None
    with_files: bool = False


@dataclass(slots=True)
class EventsOp:
    """Append (kind, data as JSON) rows to an attempt's log."""

    attempt: int
    rows: Sequence[tuple[str, str]]
    at: int


@dataclass(slots=True)
class BeginUploadOp:
    """Open a version of a file; the newest version is returned when it has the same content."""

    attempt: int
    generation: int
    item: str
    name: str
    size: int
    sha256: str
    kind: str
    at: int
    not_within_ms: int = 0


@dataclass(slots=True)
class EndUploadOp:
    """Mark an upload complete; its bytes are on disk already."""

    attempt: int
    upload: int
    at: int


Op = SignInOp | StartOp | StepsOp | HandInOp | EventsOp | BeginUploadOp | EndUploadOp


@dataclass(frozen=True, slots=True)
class Done:
    """Durable."""


DONE = Done()


@dataclass(frozen=True, slots=True)
class Saved:
    """Durable, but the numbers in ``conflicts`` hold other steps."""

    conflicts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The receipt that was stored."""

    digest: Digest
    last_seq: int


@dataclass(frozen=True, slots=True)
class Differs:
    """Not handed in: the stored answers are these."""

    digest: Digest
    last_seq: int


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload as stored; ``completed_at`` None while bytes are missing."""

    upload: int
    attempt: int
    kind: str
    item: str
    name: str
    version: int
    size: int
    sha256: str
    completed_at: int | None


@dataclass(frozen=True, slots=True)
class TooSoon:
    """A snapshot came too soon after the one before."""


Result = Done | Saved | Stale | HandedIn | Differs | UploadRow | TooSoon


@dataclass(slots=True)
class Presence:
    """What heartbeats and saves say of a seat, newest values."""

    seen_at: int
    unsynced: int
    focused: bool
    last_seq: int = 0
    saved_at: int | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A room session with the names a candidate is shown."""

    id: int
    sitting_subject: int
    subject: str
    title: str
    site: str
    room: str
    go_at: int
    ends_at: int
    rules: Mapping[str, Any]
    message: str
    message_at: int | None
    state: str


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as the server keeps it in memory."""

    id: int
    room_session: int
    paper_set: int
    seat: int
    level: str
    ticket: str
    id_hash: str
    name: str
    state: str
    token_sha256: str
    device_key: str
    generation: int
    signed_in_at: int | None
    started_at: int | None
    handed_in_at: int | None
    last_seq: int
    receipt_count: int | None
    receipt_sha256: str
    hand_in_how: str
    paper_sha256: str
    paper_size: int


@dataclass(frozen=True, slots=True)
class TimeRow:
    """An effective entry of the time ledger."""

    sitting_subject: int
    room_session: int | None
    attempt: int | None
    seconds: int
    cause: str
    at: int


@dataclass(frozen=True, slots=True)
class PauseRow:
    """A pause of a room or of one seat."""

    room_session: int
    attempt: int | None
    begins_at: int
    ends_at: int | None


@dataclass(frozen=True, slots=True)
class PaperSetRow:
    """A paper set: which papers (manifest), and the secret once it is released."""

    id: int
    manifest_sha256: str
    released_key: bytes | None
    scoring_cipher: bytes | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of the live room sessions that may change at any moment."""

    sessions: Sequence[SessionRow]
    times: Sequence[TimeRow]
    pauses: Sequence[PauseRow]
    paper_sets: Sequence[PaperSetRow]


@dataclass(frozen=True, slots=True)
class Changes:
    """Events above the mark that others wrote: attempts to read anew, and the ids seen."""

    attempts: frozenset[int] = field(default_factory=frozenset)
    ids: Sequence[int] = ()


class Store(Protocol):
    """A database. Methods raise :class:`StorageUnavailable` when it cannot be reached or cannot write."""

    writer_name: str

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect; safe to call twice."""

    async def commit(self, batch: Sequence[Op], now: int) -> list[Result]:
        """Apply ``batch`` in one transaction; returns when it is durable. All or nothing."""

    async def flush_presence(self, rows: Mapping[int, Presence]) -> None:
        """Write what the board shows; losing it costs a second of freshness and no answer."""

    async def snapshot(self, first: int, last: int) -> Snapshot:
        """Sessions that end after ``first`` and begin before ``last``, with their times and keys; while nothing
        changes, the same object again."""

    async def roster(self, sessions: Sequence[int]) -> Sequence[AttemptRow]:
        """Every attempt of these room sessions."""

    async def attempts(self, ids: Sequence[int]) -> Sequence[AttemptRow]:
        """These attempts, read anew."""

    async def changes(self, after: int) -> Changes:
        """Events with ids above ``after`` that another writer made."""

    async def newest_event(self) -> int:
        """The highest event id, 0 if there is none."""

    async def steps(self, attempt: int, after: int, limit: int) -> Sequence[StepRow]:
        """Stored steps above ``after`` in order."""

    async def paper(self, attempt: int) -> bytes | None:
        """The sealed paper."""

    async def uploads(self, attempt: int) -> Sequence[UploadRow]:
        """Every upload of an attempt, oldest first."""
