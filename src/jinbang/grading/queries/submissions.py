"""What was handed in, as the judge sees it."""

from __future__ import annotations

from django.db.models import QuerySet

from jinbang.content.models import PracticalTask
from jinbang.documents.domain import files as documents
from jinbang.exams.models import Sitting
from jinbang.grading.models import JudgeJob
from jinbang.judge.uploads import unpack


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
