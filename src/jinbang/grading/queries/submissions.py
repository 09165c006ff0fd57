"""What was handed in, as the judge sees it, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jinbang.accounts.permissions import Access
from jinbang.content.models import PracticalTask
from jinbang.delivery.models import Upload
from jinbang.delivery.queries.answers import upload_path
from jinbang.documents.domain import files as documents
from jinbang.exams.models import Sitting
from jinbang.grading.models import JudgeJob, MarkingTask
from jinbang.judge.uploads import Bounds, unpack

_SNAPSHOT = Bounds(archive_bytes=32 << 20, file_bytes=32 << 20, total_bytes=64 << 20, files=1000)


def counting_jobs(sitting: Sitting, task: PracticalTask) -> QuerySet[JudgeJob]:
    """The jobs that marks of a sitting rest on, of any version of the task, with attempt and seat."""
    return (
        JudgeJob.objects.filter(attempt__registration__sitting=sitting, task__slug=task.slug, counts=True)
        .exclude(state="cancelled")
        .select_related("submission", "attempt__seat__room")
        .order_by("attempt", "pk")
    )


def submitted_files(job: JudgeJob) -> dict[str, bytes]:
    """The files of a job by name. Refusals of ``documents.read`` if the disk lost or damaged them."""
    return unpack(documents.read(job.submission))


def readable_tasks(access: Access) -> QuerySet[MarkingTask]:
    """The marking tasks whose answers a person may read: markers only what was given to them."""
    if access.can("marking.adjudicate") or access.can("result.release"):
        return MarkingTask.objects.all()
    return MarkingTask.objects.filter(markings__marker=access.person).distinct()


def judgements(job: JudgeJob) -> QuerySet[JudgeJob]:
    """Every job of the same answer, regrades and later versions among them, newest first; of a practice the job."""
    rows = JudgeJob.objects.filter(attempt=job.attempt_id, item=job.item) if job.attempt_id else JudgeJob.objects.none()
    return (rows | JudgeJob.objects.filter(pk=job.pk)).select_related("task", "verdict", "worker").order_by("-pk")


@dataclass(frozen=True)
class State:
    """The files of an answer as they were at an instant: after an upload, or as a snapshot of the workspace shows."""

    upload: Upload
    number: int

    @property
    def key(self) -> str:
        """Names the state in an address."""
        return f"{'s' if self.is_snapshot else 'u'}{self.upload.pk}"

    @property
    def is_snapshot(self) -> bool:
        """Whether it is a snapshot of the workspace, not what was handed in."""
        return self.upload.kind == Upload.Kind.SNAPSHOT

    @property
    def at(self) -> datetime:
        """When the upload was whole."""
        assert self.upload.completed_at is not None
        return self.upload.completed_at


def states(attempt: int, item: str) -> list[State]:
    """Every state that an answer of an attempt went through, oldest first."""
    rows = Upload.objects.filter(attempt=attempt, item=item, completed_at__isnull=False)
    return [State(upload, number) for number, upload in enumerate(rows.order_by("completed_at", "pk"), 1)]


def files_of(state: State, all_states: Iterable[State]) -> dict[str, bytes]:
    """The files of a state by name: a snapshot's own, else of each name the newest version that was whole by then.

    Raises ``OSError`` if the disk lost a file and ``judge.uploads.UploadError`` for a snapshot that is no plain zip.
    """
    if state.is_snapshot:
        return unpack(upload_path(state.upload).read_bytes(), bounds=_SNAPSHOT)
    newest: dict[str, Upload] = {}
    for other in all_states:
        known = newest.get(other.upload.name)
        if not other.is_snapshot and other.number <= state.number:
            newest[other.upload.name] = max(known or other.upload, other.upload, key=lambda row: row.version)
    return {name: upload_path(row).read_bytes() for name, row in newest.items()}
