"""Programs of one sitting that resemble each other, and how far apart their authors sat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accreditation.models import Seat
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.domain.tasks import open_task
from jinbang.content.models import PracticalTask
from jinbang.core.errors import Refusal
from jinbang.exams.models import Sitting
from jinbang.grading.models import JudgeJob, SimilarityCheck, SimilarPair
from jinbang.grading.queries.submissions import counting_jobs, submitted_files
from jinbang.judge.similarity import Pair, Settings, similar

THRESHOLD = Decimal("0.50")
GIVEN = ("starter/", "material/")


def check(
    *, sitting: Sitting, task: PracticalTask, actor: Actor, now: datetime, threshold: Decimal = THRESHOLD
) -> SimilarityCheck:
    """Compare every counting submission of the task with every other; code that candidates were given is left out.

    The comparing reads only; the rows are written at the end, in one transaction. Effects: a check with its pairs, an
    audit row. Refusal ``nothing_to_compare`` with fewer than two submissions.
    """
    jobs = {str(job.attempt_id): job for job in counting_jobs(sitting, task)}
    if len(jobs) < 2:
        raise Refusal("nothing_to_compare", _("这项任务提交的作答不足两份，无法比较"))
    pairs = similar(
        {key: submitted_files(job) for key, job in jobs.items()},
        starter=given_code(task),
        settings=Settings(threshold=float(threshold)),
    )
    return _keep(sitting, task, threshold, jobs, pairs, actor, now)


def given_code(task: PracticalTask) -> dict[str, bytes]:
    """Files that every candidate of the task has: starter code and material."""
    return {name: data for name, data in open_task(task).files.items() if name.startswith(GIVEN)}


@transaction.atomic
def _keep(
    sitting: Sitting,
    task: PracticalTask,
    threshold: Decimal,
    jobs: Mapping[str, JudgeJob],
    pairs: list[Pair],
    actor: Actor,
    now: datetime,
) -> SimilarityCheck:
    found = SimilarityCheck.objects.create(
        sitting=sitting,
        task=task,
        threshold=threshold,
        submissions=len(jobs),
        checked_at=now,
        checked_by=actor.label,
    )
    SimilarPair.objects.bulk_create(_row(found, pair, jobs) for pair in pairs)
    record("similarity.check", found, actor=actor, now=now, data={"submissions": len(jobs), "pairs": len(pairs)})
    return found


def _row(found: SimilarityCheck, pair: Pair, jobs: Mapping[str, JudgeJob]) -> SimilarPair:
    first, second = jobs[pair.first], jobs[pair.second]
    assert first.attempt is not None
    assert second.attempt is not None
    return SimilarPair(
        check_run=found,
        first=first,
        second=second,
        score=Decimal(str(pair.score)),
        shared=pair.shared,
        distance=seats_apart(first.attempt.seat, second.attempt.seat),
        regions=[asdict(region) for region in pair.regions],
    )


def seats_apart(one: Seat, other: Seat) -> int | None:
    """The larger of the differences in row and column; None for seats of different rooms."""
    if one.room_id != other.room_id:
        return None
    return max(abs(one.row - other.row), abs(one.column - other.column))
