"""Looking back at a candidate's work folder, snapshot by snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from jinbang.delivery.domain.workspace import Workspace, read_snapshot
from jinbang.delivery.models import Upload
from jinbang.documents.domain.files import path_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Moment:
    """The folder at one moment: all files (None where a content never arrived), and how it differs from before."""

    number: int
    taken_at: datetime
    arrived_at: datetime
    files: dict[str, bytes | None]
    changed: tuple[str, ...]
    gone: tuple[str, ...]


def snapshots_of(attempt: int) -> int:
    """How many snapshots of ``attempt`` arrived."""
    return _rows(attempt).count()


def replay(attempt: int) -> list[Moment]:
    """Every snapshot of ``attempt`` in the order they were taken, with what was in the files then."""
    rows = sorted(
        ((read_snapshot(path_of(row.sha256).read_bytes()), row) for row in _rows(attempt)), key=lambda r: r[0].taken_ms
    )
    contents: dict[str, bytes] = {}
    for snapshot, _row in rows:
        contents.update(snapshot.contents)
    before = Workspace(0, {}, {})
    moments = []
    for number, (snapshot, row) in enumerate(rows, 1):
        changed = tuple(sorted(p for p, digest in snapshot.files.items() if before.files.get(p) != digest))
        gone = tuple(sorted(set(before.files) - set(snapshot.files)))
        files = {path: contents.get(digest) for path, digest in sorted(snapshot.files.items())}
        taken = _EPOCH + timedelta(milliseconds=snapshot.taken_ms)
        assert row.completed_at is not None
        moments.append(Moment(number, taken, row.completed_at, files, changed, gone))
        before = snapshot
    return moments


def _rows(attempt: int) -> QuerySet[Upload]:
    return Upload.objects.filter(attempt_id=attempt, kind=Upload.Kind.SNAPSHOT, completed_at__isnull=False)
