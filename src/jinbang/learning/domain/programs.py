"""Practical practice: students' programs run against the visible tests of tasks that are open for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.domain.tasks import open_task
from jinbang.content.models import PracticalTask
from jinbang.core.errors import Refusal
from jinbang.grading.domain import queue
from jinbang.grading.models import JudgeJob, JudgeWorker
from jinbang.judge.package.model import TaskPackage
from jinbang.judge.uploads import UploadError, accept_files, unpack
from jinbang.learning.models import TeacherLink

WAITING = ("queued", "leased")
#: A judge host that has not asked for work for so long counts as away.
AWAY = timedelta(minutes=2)


def key_of(student: Person) -> str:
    """What a student's runs carry as their ``practice_key``."""
    return f"person:{student.pk}"


def practice_tasks() -> QuerySet[PracticalTask]:
    """Tasks that are open for practice, of each slug the newest version."""
    newest = PracticalTask.objects.filter(slug=OuterRef("slug"), for_practice=True).order_by("-added_at", "-pk")
    return PracticalTask.objects.filter(for_practice=True, pk=Subquery(newest.values("pk")[:1]))


def runs_of(students: Iterable[Person]) -> QuerySet[JudgeJob]:
    """Every run of these students, newest first."""
    keys = [key_of(student) for student in students]
    runs = JudgeJob.objects.filter(kind=JudgeJob.Kind.PRACTICE, practice_key__in=keys)
    return runs.select_related("task__level", "verdict", "submission").order_by("-pk")


def readable_runs(person: Person) -> QuerySet[JudgeJob]:
    """The runs that a person may read: their own and those of the students whom they follow."""
    return runs_of([person, *Person.objects.filter(teachers__teacher=person)])


def best_of(student: Person) -> dict[str, Decimal]:
    """The most points that a student got by task slug."""
    rows = runs_of([student]).filter(verdict__isnull=False).order_by()
    return dict(rows.values_list("task__slug").annotate(Max("verdict__points")))


def student_of(run: JudgeJob) -> Person | None:
    """Whose run it is; None if the account is gone."""
    return Person.objects.filter(pk=run.practice_key.removeprefix("person:")).first()


def follows(teacher: Person, run: JudgeJob) -> bool:
    """Whether the run is by a student whom the person follows."""
    student = student_of(run)
    return student is not None and TeacherLink.objects.filter(teacher=teacher, student=student).exists()


@transaction.atomic
def run_program(
    *, student: Person, task: PracticalTask, files: Mapping[str, bytes], actor: Actor, now: datetime
) -> JudgeJob:
    """Queue a program for the visible tests of a task. ``files`` by name, those of the task's deliverables.

    Effects: stored submission, judge job (perhaps decided at once), audit row. Refusals: ``program_closed`` (the task
    is not open for practice), ``program_waiting`` (the student's last run is not decided yet), ``program_file``.
    """
    if not task.for_practice:
        raise Refusal("program_closed", _("这个任务不开放练习"))
    Person.objects.select_for_update().get(pk=student.pk)
    if runs_of([student]).filter(state__in=WAITING).exists():
        raise Refusal("program_waiting", _("上一次运行还没有结果，请等它完成后再运行"))
    _require_files(open_task(task), files)
    job = queue.enqueue(
        kind=JudgeJob.Kind.PRACTICE,
        task=task,
        submission=files,
        actor=actor,
        now=now,
        practice_key=key_of(student),
    )
    record("practice.run", job, actor=actor, now=now, data={"task": task.slug})
    return job


def _require_files(package: TaskPackage, files: Mapping[str, bytes]) -> None:
    for wanted in package.manifest.deliverables:
        data = files.get(wanted.name, b"")
        if wanted.required and not data.strip():
            raise Refusal("program_file", _("缺少文件 {name}，请粘贴代码或上传文件"), name=wanted.name)
        if len(data) > wanted.max_kb * 1024:
            raise Refusal("program_file", _("文件 {name} 超过 {most} KB"), name=wanted.name, most=wanted.max_kb)


def gathered(task: PracticalTask, pasted: Mapping[str, str], uploads: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files of a run: what was pasted, replaced by what was uploaded; a zip is unpacked, other names left out.

    Refusal ``program_file`` for an upload that is not taken or that holds nothing the task asks for.
    """
    found = {name: text.replace("\r\n", "\n").encode() for name, text in pasted.items() if text.strip()}
    for name, data in uploads:
        try:
            given = (
                unpack(data) if name.endswith(".zip") and name not in task.file_names else accept_files([(name, data)])
            )
        except UploadError as error:
            raise Refusal("program_file", str(error), field="files") from error
        wanted = {key: value for key, value in given.items() if key in task.file_names}
        if not wanted:
            names = "、".join(task.file_names)
            raise Refusal(
                "program_file", _("“{name}”里没有题目要求的文件：{names}"), name=name, names=names, field="files"
            )
        found.update(wanted)
    return found


def place_in_queue(run: JudgeJob) -> int:
    """How many jobs will be taken before this one, and it: 1 is next; 0 once a judge host has it."""
    if run.state != "queued":
        return 0
    sooner = Q(priority__lt=run.priority) | Q(priority=run.priority, queued_at__lt=run.queued_at)
    same = Q(priority=run.priority, queued_at=run.queued_at, pk__lt=run.pk)
    return 1 + JudgeJob.objects.filter(sooner | same, state="queued").count()


def judge_is_there(run: JudgeJob, now: datetime) -> bool:
    """Whether a judge host that has the run's toolchain asked for work lately."""
    hosts = JudgeWorker.objects.filter(is_active=True, last_seen_at__gte=now - AWAY)
    return any(run.toolchain in host.profiles for host in hosts)
