"""A small world after an exam: a closed sitting, theory marked at hand-in, practical files handed in.

Everything but the exam hours themselves goes through verbs; what the exam engine writes (states, marks of theory,
uploads) is put into its tables as it would leave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from tests.accreditation.factories import ACTOR, NOW, at, person
from tests.exams.factories import ARRANGING, confirmed
from tests.exams.factories import world as exam_world

from jinbang.accounts.models import Organisation, Person
from jinbang.audit.actor import SYSTEM, Actor
from jinbang.audit.domain import move
from jinbang.content.domain import forms
from jinbang.content.domain.items import add_item, current_version, review_item, submit_item
from jinbang.content.domain.wording import Wording
from jinbang.content.models import Form, Item, PracticalTask, SkillPoint
from jinbang.delivery.domain import prepare
from jinbang.delivery.domain.scoring import item_id
from jinbang.delivery.models import Attempt, RoomSession, Upload
from jinbang.documents.domain import files
from jinbang.exams.domain import arrangements
from jinbang.exams.models import Registration, Sitting
from jinbang.grading.domain import queue
from jinbang.grading.domain.practical import queue_handed_in
from jinbang.grading.domain.results import compute_results, release_results
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import JudgeJob, JudgeVerdict, JudgeWorker, Result
from jinbang.judge.protocol import Job, LeaseRequest, Usage, VerdictReport, sha256
from jinbang.judge.verdict import CaseVerdict, Outcome, Verdict, canonical_json

DAY = at(5, 21, 12, 45)  # both subjects are over
AFTER = at(5, 23, 9)
ITEMS, ITEM_POINTS = 5, Decimal(20)
TASK_POINTS = Decimal(10)
PROFILES = {"basic": "c" * 64}
#: Candidate → right theory answers, practical points of 10 (None: no file); the last one never came.
CLASS: tuple[tuple[int, str | None] | None, ...] = ((5, "10"), (3, "6"), (5, "1"), (4, None), None)


@dataclass
class Graded:
    """The closed sitting with its people; ``registrations`` in the order of ``CLASS``."""

    sitting: Sitting
    school: Organisation
    awarding: Organisation
    forms: dict[str, Form]
    task: PracticalTask
    registrations: list[Registration]
    worker: JudgeWorker
    points: dict[int, str] = field(default_factory=dict)

    def attempt(self, number: int, subject: str) -> Attempt:
        """The attempt of candidate ``number`` (from 0) at a subject."""
        return Attempt.objects.get(registration=self.registrations[number], sitting_subject__subject=subject)

    def result(self, number: int) -> Result:
        """The result of candidate ``number`` that stands now."""
        return Result.objects.exclude(state="superseded").get(registration=self.registrations[number])

    def job(self, number: int) -> JudgeJob:
        """The counting job of candidate ``number``."""
        return JudgeJob.objects.get(attempt=self.attempt(number, "practical"), counts=True)


def graded_world(candidates: Sequence[tuple[int, str | None] | None] = CLASS, **rules: object) -> Graded:
    """The sitting closed, practical files handed in and not queued yet."""
    placed = exam_world(**rules)
    registrations = confirmed(placed, len(candidates))
    drawn = arrangements.draw(sitting=placed.sitting, site=placed.site, seed=7, actor=ACTOR, now=ARRANGING)
    arrangements.freeze(arrangement=drawn, actor=ACTOR, now=ARRANGING)
    made = {"theory": theory_form(placed.level), "practical": practical_form(practical_task(placed.level))}
    chosen = {(form.subject, form.level_id): form for form in made.values()}
    sitting = Sitting.objects.select_related("plan__rule_set", "plan__certificate_type").get(pk=placed.sitting.pk)
    prepare.prepare_sitting(sitting=sitting, actor=ACTOR, now=ARRANGING, forms=chosen)
    worker, _token = register_worker(name="hall-1", actor=SYSTEM, now=NOW)
    rows = list(Registration.objects.filter(pk__in=[row.pk for row in registrations]).order_by("pk"))
    task = made["practical"].entries.get().task
    assert task is not None
    world = Graded(sitting, placed.school, placed.level.certificate_type.awarding, made, task, rows, worker)
    _sit(world, candidates)
    _close(sitting)
    return world


def theory_form(level) -> Form:  # type: ignore[no-untyped-def]
    point, _made = SkillPoint.objects.get_or_create(
        certificate_type=level.certificate_type, code="J1.1", defaults={"level": level, "name": "变量"}
    )
    author, reviewer = _staff(level.certificate_type.awarding)
    entries = []
    for number in range(1, ITEMS + 1):
        wording = Wording("single", f"第 {number} 题？", (("A", "对"), ("B", "错")), ("A",), Decimal("0.6"))
        item = add_item(
            code=f"T-{number:04d}", level=level, skill_point=point, wording=wording, author=author, actor=ACTOR, now=NOW
        )
        submit_item(item=item, actor=ACTOR, now=NOW)
        review_item(item=item, reviewer=reviewer, accepted=True, comment="可用", actor=ACTOR, now=NOW)
        entries.append(forms.Entry("单选题", ITEM_POINTS, version=current_version(item)))
    return approved_form("F-THEORY", level, "theory", entries)


def _staff(awarding: Organisation) -> tuple[Person, Person]:
    return person("author", "item_author", awarding), person("reviewer", "item_reviewer", awarding)


def practical_task(level, digest: str = "d", points: Decimal = TASK_POINTS, slug: str = "t") -> PracticalTask:  # type: ignore[no-untyped-def]
    package = files.store(
        data=f"task {digest}".encode(), name="t.zip", content_type="application/zip", actor=SYSTEM, now=NOW
    )
    return PracticalTask.objects.create(
        slug=slug, digest=digest * 64, title="采集商品页", level=level, toolchain="basic", package=package,
        statement="写一个程序。", total_points=points, file_names=["main.py"], added_at=NOW,
    )  # fmt: skip


def practical_form(task: PracticalTask) -> Form:
    return approved_form("F-PRACTICAL", task.level, "practical", [forms.Entry("实操题", Decimal(100), task=task)])


OTHER = Actor(kind="person", key="2", label="测试员乙")


def approved_form(code: str, level, subject: str, entries: list[forms.Entry]) -> Form:  # type: ignore[no-untyped-def]
    form = forms.compose_form(code=code, level=level, subject=subject, entries=entries, actor=ACTOR, now=NOW)
    forms.submit_form(form=form, actor=ACTOR, now=NOW)
    return forms.approve_form(form=form, actor=OTHER, now=NOW)


def _sit(world: Graded, candidates: Sequence[tuple[int, str | None] | None]) -> None:
    for number, did in enumerate(candidates):
        theory, practical = world.attempt(number, "theory"), world.attempt(number, "practical")
        if did is None:
            for attempt in (theory, practical):
                move(attempt, "mark_absent", actor=SYSTEM, now=DAY)
            continue
        right, points = did
        theory.theory_detail = theory_detail(world.forms["theory"], right)
        theory.theory_points = right * ITEM_POINTS
        theory.save()
        if points is not None:
            hand_in_file(practical, f"# {number} {points}\n".encode())
            world.points[practical.pk] = points
        for attempt in (theory, practical):
            attempt.handed_in_at = DAY
            attempt.save()
            move(attempt, "start", actor=SYSTEM, now=DAY - timedelta(hours=2))
            move(attempt, "hand_in", actor=SYSTEM, now=DAY)


def theory_detail(form: Form, right: int) -> dict[str, list[str]]:
    """What delivery notes at hand-in: the first ``right`` items right, the next one wrong, the rest unanswered."""
    words = ["right"] * right + ["wrong"] + ["unanswered"] * ITEMS
    return {
        item_id(entry): [word, str(ITEM_POINTS) if word == "right" else "0"]
        for entry, word in zip(form.entries.order_by("position"), words, strict=False)
    }


def hand_in_file(attempt: Attempt, data: bytes, name: str = "main.py") -> Upload:
    """A whole file of the attempt's first task, as the engine leaves it."""
    stored = files.store(data=data, name=name, content_type="text/x-python", actor=SYSTEM, now=DAY)
    entry = attempt.paper_set.form.entries.order_by("position")[0]
    return Upload.objects.create(
        attempt=attempt, item=item_id(entry), name=name, version=1 + attempt.uploads.count(), size=len(data),
        sha256=stored.sha256, received=len(data), started_at=DAY, completed_at=DAY,
    )  # fmt: skip


def _close(sitting: Sitting) -> None:
    for session in RoomSession.objects.filter(sitting_subject__sitting=sitting):
        move(move(session, "open", actor=SYSTEM, now=DAY), "close", actor=SYSTEM, now=DAY)
    for event in ("seal", "open", "close"):
        move(sitting, event, actor=SYSTEM, now=DAY)


# -- the judge -------------------------------------------------------------------------------------


def judge(world: Graded, points: Mapping[int, str] | None = None, *, pending: str = "0") -> int:
    """Queue, lease and decide everything: ``points`` by attempt, else those of ``CLASS``. Returns how many."""
    queue_handed_in(now=AFTER)
    return decide_all(world, points or world.points, pending=pending)


def decide_all(world: Graded, points: Mapping[int, str], *, pending: str = "0") -> int:
    decided = 0
    while jobs := lease(world.worker):
        for job in jobs:
            attempt = JudgeJob.objects.get(key=job.job).attempt_id
            assert attempt is not None
            report = verdict_of(job, points[attempt], pending)
            queue.record_verdict(worker=world.worker, key=job.job, report=report, now=AFTER)
            decided += 1
    return decided


def lease(worker: JudgeWorker) -> list[Job]:
    request = LeaseRequest(worker.name, 8, PROFILES, {"ok": True}, "1")
    return list(queue.lease(worker=worker, request=request, now=AFTER).jobs)


def verdict_of(job: Job, points: str, pending: str = "0", full: Decimal = TASK_POINTS) -> VerdictReport:
    """A verdict with one judged test and, if ``pending`` is not 0, one part for people."""
    got, open_points = Decimal(points), Decimal(pending)
    most = full - open_points
    outcome = Outcome.ACCEPTED if got == most else Outcome.PARTIAL if got else Outcome.RUNTIME_ERROR
    cases = [CaseVerdict("输出", outcome, got, most, "", "", True)]
    if open_points:
        cases.append(CaseVerdict("代码风格", Outcome.PENDING, Decimal(0), open_points, "", "", True, open_points))
    verdict = Verdict(outcome, got, full, tuple(cases), job.task_digest, "c" * 64, job.submission_digest)
    text = canonical_json(verdict)
    return VerdictReport(job.lease, text.decode(), sha256(text), Usage(5, 6, 7))


def released_world(**rules: object) -> Graded:
    """Judged, computed and released."""
    world = graded_world(**rules)
    judge(world)
    compute_results(sitting=world.sitting, actor=ACTOR, now=AFTER)
    release_results(sitting=world.sitting, actor=ACTOR, now=AFTER)
    world.sitting.refresh_from_db()
    return world


def verdicts(world: Graded) -> list[tuple[str, str]]:
    """(kind of job, points) of every verdict, oldest first."""
    rows = JudgeVerdict.objects.order_by("pk").values_list("job__kind", "points")
    return [(kind, str(points)) for kind, points in rows]


def items_of(world: Graded) -> list[Item]:
    return [entry.item_version.item for entry in world.forms["theory"].entries.all() if entry.item_version]
