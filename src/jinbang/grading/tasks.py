"""Sweeps of marking: what was handed in goes to the judge, what people mark goes to the markers."""

from __future__ import annotations

from datetime import datetime

from jinbang.audit.sweeps import sweep
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
