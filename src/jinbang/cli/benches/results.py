"""What a result costs, next to merely adding up the same stored marks in the same run.

The database is a throw-away one that Django makes for tests; the installation's own is not touched. Its rows are
made up and written directly; the results themselves come from the verb.
"""

from __future__ import annotations

import random
import resource
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models

REGISTRATIONS = 3_000
_STARTS = datetime(2022, 5, 21, 0, 30, tzinfo=UTC)
_AFTER = _STARTS + timedelta(days=2)
_FULL = Decimal(100)


def run(registrations: int = REGISTRATIONS) -> dict[str, object]:
    """CPU of computing every result of a sitting, of finding nothing changed, and of releasing them, per result.

    Keys: ``compute_cpu_ms``, ``again_cpu_ms``, ``release_cpu_ms``, ``bare_cpu_ms``, ``ratio`` of computing to bare,
    ``again_ratio``; ``ok`` if every registration got exactly one result and the second computation changed none.
    """
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        return _measured(registrations)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _measured(count: int) -> dict[str, object]:
    from jinbang.audit.actor import SYSTEM
    from jinbang.grading.domain.results import compute_results, release_results
    from jinbang.grading.models import Result

    sitting = _closed_sitting(count)
    done = []
    bare = _cpu_of(lambda: _bare(sitting)) / count

    def compute() -> None:
        done.append(compute_results(sitting=sitting, actor=SYSTEM, now=_AFTER))

    first, again = _cpu_of(compute) / count, _cpu_of(compute) / count
    release = _cpu_of(lambda: release_results(sitting=sitting, actor=SYSTEM, now=_AFTER)) / count
    outcomes = [(row.computed, row.unchanged, len(row.pending)) for row in done]
    return {
        "results": count,
        "compute_cpu_ms": round(first * 1000, 3),
        "again_cpu_ms": round(again * 1000, 3),
        "release_cpu_ms": round(release * 1000, 3),
        "bare_cpu_ms": round(bare * 1000, 3),
        "ratio": round(first / bare, 1),
        "again_ratio": round(again / bare, 1),
        "ok": outcomes == [(count, 0, 0), (0, count, 0)] and Result.objects.filter(state="released").count() == count,
    }


def _closed_sitting(count: int) -> Any:
    """A closed sitting: theory marked at hand-in, one judged practical answer each."""
    from jinbang.audit.actor import SYSTEM
    from jinbang.audit.domain import move
    from jinbang.delivery.domain.prepare import prepare_sitting
    from jinbang.delivery.drill.site import build
    from jinbang.delivery.models import Attempt, PaperSet
    from jinbang.exams.models import SittingSubject

    sitting = build(candidates=count, starts_at=_STARTS, minutes=90, released=False).sitting
    theory = PaperSet.objects.get(sitting_subject__sitting=sitting)
    _one(SittingSubject(sitting=sitting, subject="practical", starts_at=_STARTS + timedelta(minutes=100), minutes=150))
    task, form = _practical(theory.level)
    forms = {("theory", theory.level_id): theory.form, ("practical", theory.level_id): form}
    prepare_sitting(sitting=sitting, actor=SYSTEM, now=_STARTS, forms=forms)
    rng = random.Random(2022)  # noqa: S311 — made-up marks
    attempts = list(Attempt.objects.select_related("sitting_subject"))
    entries = list(theory.form.entries.order_by("position"))
    for attempt in attempts:
        _hand_in(attempt, entries, rng)
    Attempt._base_manager.bulk_update(attempts, ["state", "handed_in_at", "theory_detail"], batch_size=500)
    _judge([a for a in attempts if a.sitting_subject.subject == "practical"], task, form.entries.get(), rng)
    for event in ("freeze_arrangement", "seal", "open", "close"):
        move(sitting, event, actor=SYSTEM, now=_AFTER)
    return sitting


def _practical(level: Any) -> tuple[Any, Any]:
    from jinbang.audit.actor import SYSTEM
    from jinbang.content.models import Form, FormEntry, PracticalTask
    from jinbang.documents.domain import files

    stored = files.store(data=b"bench", name="t.zip", content_type="application/zip", actor=SYSTEM, now=_STARTS)
    task = _one(
        PracticalTask(
            slug="bench", digest="b" * 64, title="演练任务", level=level, toolchain="basic", package=stored,
            statement="", total_points=_FULL, file_names=["main.py"], added_at=_STARTS,
        )
    )  # fmt: skip
    form = _one(Form(code="DRILL-P", level=level, subject="practical", created_at=_STARTS))
    _one(FormEntry(form=form, position=1, section="演练", task=task, points=_FULL))
    return task, form


def _hand_in(attempt: Any, entries: Iterable[Any], rng: random.Random) -> None:
    from jinbang.delivery.domain.scoring import item_id

    setattr(attempt, "state", "handed_in")  # noqa: B010 — what the exam engine writes, in a throw-away database
    attempt.handed_in_at = _STARTS
    if attempt.sitting_subject.subject == "theory":
        right = [rng.random() < 0.7 for _entry in entries]
        attempt.theory_detail = {
            item_id(entry): ["right", "2.50"] if hit else ["wrong", "0"]
            for entry, hit in zip(entries, right, strict=True)
        }


def _judge(attempts: Sequence[Any], task: Any, entry: Any, rng: random.Random) -> None:
    from jinbang.delivery.domain.scoring import item_id
    from jinbang.grading.models import JudgeJob

    jobs = [
        JudgeJob(
            key=uuid.uuid4().hex, kind="exam", priority=10, attempt=attempt, item=item_id(entry), task=task,
            task_digest=task.digest, toolchain=task.toolchain, submission_digest=f"{attempt.pk:064d}",
            submission=task.package, queued_at=_STARTS, state="done",
        )
        for attempt in attempts
    ]  # fmt: skip
    JudgeJob._base_manager.bulk_create(jobs, batch_size=500)
    verdicts = [_verdict(job, Decimal(rng.randrange(0, 101, 5))) for job in jobs]
    type(verdicts[0])._base_manager.bulk_create(verdicts, batch_size=500)


def _verdict(job: Any, points: Decimal) -> Any:
    from jinbang.grading.models import JudgeVerdict
    from jinbang.judge.protocol import sha256
    from jinbang.judge.verdict import CaseVerdict, Outcome, Verdict, canonical_json

    outcome = Outcome.ACCEPTED if points == _FULL else Outcome.PARTIAL
    share = points / 5
    cases = tuple(CaseVerdict(f"测试 {n}", outcome, share, _FULL / 5, "", "", True) for n in range(1, 6))
    text = canonical_json(Verdict(outcome, points, _FULL, cases, job.task_digest, "c" * 64, job.submission_digest))
    return JudgeVerdict(
        job=job, canonical=text.decode(), sha256=sha256(text), outcome=outcome.value, points=points,
        max_points=_FULL, toolchain_digest="c" * 64, at=_STARTS,
    )  # fmt: skip


def _bare(sitting: Any) -> int:
    """How many pass by adding up what is stored, with no explanation, no version and nothing written."""
    from jinbang.delivery.models import Attempt
    from jinbang.grading.models import JudgeVerdict

    own = {"attempt__registration__sitting": sitting}
    practical = dict(
        JudgeVerdict.objects.filter(**{f"job__{key}": value for key, value in own.items()}).values_list(
            "job__attempt__registration", "points"
        )
    )
    theory = Attempt.objects.filter(registration__sitting=sitting, theory_detail__isnull=False)
    passed = 0
    for registration, detail in theory.values_list("registration", "theory_detail"):
        points = sum((Decimal(awarded) for _outcome, awarded in detail.values()), Decimal(0))
        passed += points * 40 + practical[registration] * 60 >= 60 * _FULL
    return passed


def _one(row: models.Model) -> Any:
    row.save(force_insert=True)
    return row


def _cpu_of(action: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    action()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
