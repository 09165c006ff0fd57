"""The real site in a process of its own, as `jinbang serve` runs it, with a lease as short as a test can wait for.

    python -m tests.judge.worker.site_process FD LEASE_S [unguarded]

`unguarded` takes the locks out of granting, so that a test of races is seen to be able to fail.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from datetime import timedelta

from jinbang.cli.main import setup_django
from jinbang.cli.web import main


def shorten(lease_s: float) -> None:
    """A short lease and short pauses; many tries, because a busy machine may let a lease of a live worker lapse."""
    from jinbang.grading.domain import queue

    queue.LEASE = timedelta(seconds=lease_s)
    queue.PAUSES_S = (0.1, 0.1, 0.1)
    queue.MAX_TRIES = 50


def unguard() -> None:
    """Choose and grant without transaction or lock; the first two requests have both chosen before either grants."""
    from jinbang.grading.domain import queue
    from jinbang.grading.models import JudgeJob

    chosen = threading.Barrier(2, timeout=60)

    def waiting(_request, _now):  # type: ignore[no-untyped-def]
        found = list(JudgeJob.objects.select_related("task__package", "submission").filter(state="queued"))
        if found and not chosen.broken:
            with suppress(threading.BrokenBarrierError):  # the other went on to grant before this one woke
                chosen.wait()
        return found

    def unlocked(job, event, **_more):  # type: ignore[no-untyped-def]
        JudgeJob.objects.filter(pk=job.pk).update(state="leased")
        chosen.abort()
        return job

    queue._waiting = waiting
    queue._free_lapsed = lambda _now: None
    queue.move = unlocked
    queue.move = unlocked
    queue.lease = queue.lease.__wrapped__


if __name__ == "__main__":
    setup_django()
    shorten(float(sys.argv[2]))
    if "unguarded" in sys.argv[3:]:
        unguard()
    sys.exit(main(int(sys.argv[1])))
