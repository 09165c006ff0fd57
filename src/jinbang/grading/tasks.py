"""Background work of grading: handed-in work to the judge, people's parts to the markers; programs compared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django_tasks import task

from jinbang.accounts.domain.operations import advance_operation, finish_operation
from jinbang.audit.actor import Actor
from jinbang.audit.sweeps import sweep
from jinbang.config import clock
from jinbang.content.models import PracticalTask
from jinbang.core.errors import Refusal
from jinbang.exams.models import Sitting
from jinbang.grading.domain import similarity
from jinbang.grading.domain.marking import open_tasks
from jinbang.grading.domain.practical import queue_handed_in


@sweep(every_s=5)
def queue_for_judging(now: datetime) -> int:
    """Handed-in practical answers that are not queued yet."""
    return queue_handed_in(now=now)


@sweep(every_s=15)
def open_marking(now: datetime) -> int:
    """Judged answers with parts that people mark."""
    return open_tasks(now=now)


@task()
def check_similarity(sitting: int, practical_task: int, actor: dict[str, Any], operation: str) -> None:
    """Compare the programs of a sitting's task. Run twice, it makes a second check; the operation closes once."""
    try:
        found = similarity.check(
            sitting=Sitting.objects.get(pk=sitting),
            task=PracticalTask.objects.get(pk=practical_task),
            actor=Actor(**actor),
            now=clock.now(),
        )
    except Refusal as refusal:
        finish_operation(key=operation, now=clock.now(), error=str(refusal))
        return
    advance_operation(key=operation, done=found.submissions, total=found.submissions)
    pages = reverse("similarity_pairs", args=[found.pk])
    finish_operation(key=operation, now=clock.now(), result_url=pages, note=str(found.pairs.count()))
