"""The practical: what was handed in goes to the judge; what the judge and the markers said becomes marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from jinbang.audit.actor import SYSTEM
from jinbang.content.models import FormEntry
from jinbang.content.models.form import Subject
from jinbang.core.scoring import Mark, Outcome, rounded
from jinbang.delivery.domain.scoring import item_id
from jinbang.delivery.models import Attempt, Upload
from jinbang.delivery.queries.answers import final_uploads, upload_path
from jinbang.grading.domain import queue
from jinbang.grading.models import JudgeJob, JudgeVerdict, MarkingTask
from jinbang.judge.verdict import from_json

MARK_PLACES = 2


def queue_handed_in(*, now: datetime, limit: int = 500) -> int:
    """Queue what was handed in and is not queued yet; the tables say what that is, so a lost message costs nothing.

    Effects: exam jobs, at most ``limit`` attempts' worth a call, each attempt's in a transaction of its own. Returns
    how many jobs were made. An attempt that handed in no file for a task gets no job: it is scored 0 for that task,
    with the reason in its mark.
    """
    attempts = list(_unqueued().select_related("paper_set").order_by("handed_in_at", "pk")[:limit])
    files = _handed_in([attempt.pk for attempt in attempts])
    entries = _entries(attempt.paper_set.form_id for attempt in attempts)
    return sum(
        _queue_attempt(attempt, entries[attempt.paper_set.form_id], files.get(attempt.pk, {}), now)
        for attempt in attempts
    )


def _unqueued() -> QuerySet[Attempt]:
    return Attempt.objects.filter(
        Exists(Upload.objects.filter(attempt=OuterRef("pk"), kind="file", completed_at__isnull=False)),
        ~Exists(JudgeJob.objects.filter(attempt=OuterRef("pk"), kind=JudgeJob.Kind.EXAM)),
        state="handed_in",
        sitting_subject__subject=Subject.PRACTICAL,
    )


@transaction.atomic
def _queue_attempt(
    attempt: Attempt, entries: Iterable[FormEntry], files: Mapping[str, Mapping[str, bytes]], now: datetime
) -> int:
    """All jobs of an attempt or none, so that a stop between two of them leaves nothing half-queued."""
    locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.judge_jobs.filter(kind=JudgeJob.Kind.EXAM).exists():
        return 0
    made = 0
    for entry in entries:
        submission = files.get(item_id(entry))
        if not submission:
            continue
        assert entry.task is not None
        queue.enqueue(
            kind=JudgeJob.Kind.EXAM,
            task=entry.task,
            submission=submission,
            actor=SYSTEM,
            now=now,
            attempt=attempt,
            item=item_id(entry),
        )
        made += 1
    return made


def _handed_in(attempts: Collection[int]) -> dict[int, dict[str, dict[str, bytes]]]:
    """Attempt → item → file name → bytes, of the newest complete version of each file."""
    found: dict[int, dict[str, dict[str, bytes]]] = {}
    for attempt, uploads in final_uploads(attempts).items():
        items: dict[str, dict[str, bytes]] = defaultdict(dict)
        for upload in uploads:
            items[upload.item][upload.name] = upload_path(upload).read_bytes()
        found[attempt] = items
    return found


def theory_entries(forms: Iterable[int]) -> Mapping[int, list[FormEntry]]:
    """Entries of theory forms, in order, with the wording that each holds."""
    found: dict[int, list[FormEntry]] = defaultdict(list)
    rows = FormEntry.objects.filter(form__in=set(forms), item_version__isnull=False)
    for entry in rows.select_related("item_version__item"):
        found[entry.form_id].append(entry)
    return found


def _entries(forms: Iterable[int]) -> Mapping[int, list[FormEntry]]:
    found: dict[int, list[FormEntry]] = defaultdict(list)
    for entry in FormEntry.objects.filter(form__in=set(forms), task__isnull=False).select_related("task"):
        found[entry.form_id].append(entry)
    return found


@dataclass(frozen=True)
class _Judged:
    """What is known of the practical answers of some attempts, by (attempt, item)."""

    verdicts: Mapping[tuple[int, str], JudgeVerdict]
    people: Mapping[tuple[int, str], list[MarkingTask]]
    with_file: frozenset[tuple[int, str]]
    unjudged: frozenset[tuple[int, str]]


def practical_marks(attempts: Collection[int]) -> dict[int, tuple[Mark, ...] | None]:
    """Marks of each practical attempt; None while a verdict or a person's mark is still missing.

    A file that was handed in and has no verdict, queued or not, is missing, never worth 0.
    """
    rows = Attempt.objects.filter(pk__in=attempts).select_related("paper_set")
    forms = {row.pk: row.paper_set.form_id for row in rows}
    entries = _entries(forms.values())
    known = _Judged(_verdicts(attempts), _people(attempts), _with_file(attempts), _unjudged(attempts))
    return {key: _marks_of(key, entries[form], known) for key, form in forms.items()}


def _verdicts(attempts: Collection[int]) -> dict[tuple[int, str], JudgeVerdict]:
    """The verdict that counts for each (attempt, item)."""
    chosen: dict[tuple[int, str], JudgeVerdict] = {}
    verdicts = JudgeVerdict.objects.filter(job__attempt__in=attempts, job__state="done", job__counts=True)
    for verdict in verdicts.select_related("job").order_by("job__queued_at", "job__pk"):
        assert verdict.job.attempt_id is not None
        chosen[verdict.job.attempt_id, verdict.job.item] = verdict
    return chosen


def _unjudged(attempts: Collection[int]) -> frozenset[tuple[int, str]]:
    """Items whose counting job has no verdict yet: in the queue, leased or buried."""
    jobs = JudgeJob.objects.filter(attempt__in=attempts, counts=True).exclude(state__in=("done", "cancelled"))
    return frozenset((attempt, item) for attempt, item in jobs.values_list("attempt_id", "item") if attempt is not None)


def _with_file(attempts: Collection[int]) -> frozenset[tuple[int, str]]:
    """Items for which a whole file was handed in."""
    files = Upload.objects.filter(attempt__in=attempts, kind=Upload.Kind.FILE, completed_at__isnull=False)
    return frozenset(files.values_list("attempt_id", "item"))


def _people(attempts: Collection[int]) -> dict[tuple[int, str], list[MarkingTask]]:
    found: dict[tuple[int, str], list[MarkingTask]] = defaultdict(list)
    for task in MarkingTask.objects.filter(attempt__in=attempts):
        found[task.attempt_id, task.item].append(task)
    return found


def _marks_of(attempt: int, entries: Iterable[FormEntry], known: _Judged) -> tuple[Mark, ...] | None:
    marks: list[Mark] = []
    for entry in entries:
        mark = _mark_of((attempt, item_id(entry)), entry, known)
        if mark is None:
            return None
        marks.append(mark)
    return tuple(marks)


def _mark_of(key: tuple[int, str], entry: FormEntry, known: _Judged) -> Mark | None:
    if key in known.unjudged:
        return None
    verdict = known.verdicts.get(key)
    if verdict is not None:
        return _judged(entry, verdict, known.people.get(key, []))
    return None if key in known.with_file else _no_file(entry)


def _no_file(entry: FormEntry) -> Mark:
    return Mark(item_id(entry), 1, Decimal(0), entry.points, Outcome.UNANSWERED, "no file was handed in")


def _judged(entry: FormEntry, verdict: JudgeVerdict, people: list[MarkingTask]) -> Mark | None:
    """The judge's points and the markers', scaled to what the form gives for the task; None until both are in."""
    settled = {task.part: task.settled_points for task in people}
    given = verdict.points
    for case in from_json(verdict.canonical.encode()).cases:
        if case.pending:
            points = settled.get(case.name)
            if points is None:
                return None
            given += points
    awarded = rounded(entry.points * given / verdict.max_points, MARK_PLACES)
    outcome = Outcome.RIGHT if given == verdict.max_points else Outcome.PARTIAL if given else Outcome.WRONG
    return Mark(item_id(entry), 1, awarded, entry.points, outcome, f"verdict {verdict.sha256[:12]}")
