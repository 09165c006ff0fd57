"""Practical practice by pages: a program is run, waits, is decided; the student's teacher reads it, others do not."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.accreditation.factories import person as someone
from tests.judge.helpers import MANIFEST, small_task

from jinbang.accounts.models import Organisation, Person, Role
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.audit.actor import SYSTEM
from jinbang.config import clock
from jinbang.content.domain.tasks import add_task
from jinbang.content.models import PracticalTask
from jinbang.documents.domain import files
from jinbang.grading.domain import queue
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import JudgeJob
from jinbang.judge.package import to_zip
from jinbang.judge.protocol import LeaseRequest, Scope, Usage, VerdictReport, sha256
from jinbang.judge.verdict import CaseVerdict, Outcome, Verdict, canonical_json
from jinbang.learning.domain import practice

pytestmark = pytest.mark.django_db
PROGRAM = "a, b = input().split()\nprint(a + b)\n"


@pytest.fixture
def school(db: None) -> Organisation:
    return Organisation.objects.create(kind="school", name="测试学院", code="S1")


@pytest.fixture
def task(db: None) -> PracticalTask:
    awarding = Organisation.objects.create(kind="awarding", name="评价组织", code="A")
    certificate = CertificateType.objects.create(code="python", name="Python程序开发", awarding=awarding)
    CertificateLevel.objects.create(certificate_type=certificate, code="elementary", name="初级", rank=1)
    package = small_task(starter__main_dot_py=b"# start here\n", material__data_dot_csv=b"1,2\n")
    return taken(to_zip(package.files), certificate, for_practice=True)


def taken(package: bytes, certificate: CertificateType, *, for_practice: bool) -> PracticalTask:
    return add_task(
        package=package, certificate_type=certificate, actor=SYSTEM, now=clock.now(), for_practice=for_practice
    )


@pytest.fixture
def student(school: Organisation) -> Person:
    return person("pupil", Role.STUDENT, school)


def person(name: str, role: str, school: Organisation) -> Person:
    made = someone(name, role, school)
    made.home_organisation = school
    made.save()
    return made


def enter(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def run(client: Client, task: PracticalTask, code: str = PROGRAM, *files: SimpleUploadedFile) -> object:
    return client.post(reverse("program", args=[task.pk]), {"text0": code, "files": list(files)})


def decide(job: JudgeJob) -> None:
    """A judge host takes the job and gives it 40 of 40, with something for teachers only."""
    worker, _token = register_worker(name="hall-1", actor=SYSTEM, now=clock.now())
    request = LeaseRequest("hall-1", 4, {"basic": "c" * 64}, {"ok": True}, "1")
    (held,) = queue.lease(worker=worker, request=request, now=clock.now()).jobs
    assert (held.job, held.scope) == (job.key, Scope.VISIBLE)
    case = CaseVerdict("样例", Outcome.ACCEPTED, Decimal(40), Decimal(40), "正确", "给教师看的细节", True)
    verdict = Verdict(
        Outcome.ACCEPTED, Decimal(40), Decimal(40), (case,), held.task_digest, "c" * 64, held.submission_digest
    )
    canonical = canonical_json(verdict)
    report = VerdictReport(held.lease, canonical.decode(), sha256(canonical), Usage(5, 6, 7), "[one] exit=0")
    queue.record_verdict(worker=worker, key=job.key, report=report, now=clock.now())


def test_a_program_is_run_waits_and_is_decided(task: PracticalTask, student: Person) -> None:
    client = enter(student)
    assert "两数之和" in text(client, reverse("program_list"))
    page = text(client, reverse("program", args=[task.pk]))
    assert "# start here" in page
    assert "另有 1 个测试点只在考试中使用" in page
    assert run(client, task).status_code == 302
    job = JudgeJob.objects.get()
    assert (job.kind, job.state, job.practice_key) == ("practice", "queued", f"person:{student.pk}")
    waiting = text(client, reverse("program_run", args=[job.pk]))
    assert "排队中，第 1 位" in waiting
    assert "没有装有这个环境的判题机" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    decide(job)
    state = text(client, reverse("program_run_state", args=[job.pk]))
    assert "40 / 40" in state
    assert "[one] exit=0" in state
    assert "给教师看的细节" not in state
    assert "hx-trigger" not in state
    again = text(client, reverse("program", args=[task.pk]))
    assert "print(a + b)" in again
    assert reverse("program_run", args=[job.pk]) in again


def test_one_run_waits_at_a_time(task: PracticalTask, student: Person) -> None:
    client = enter(student)
    run(client, task)
    refused = run(client, task, "print(3)\n")
    assert refused.status_code == 422
    assert "上一次运行还没有结果" in refused.content.decode()
    assert JudgeJob.objects.count() == 1
    decide(JudgeJob.objects.get())
    assert run(client, task, "print(3)\n").status_code == 302


def zipped(**members: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, code in members.items():
            archive.writestr(f"{name}.py", code)
    return SimpleUploadedFile("work.zip", out.getvalue())


def test_files_replace_what_was_pasted(task: PracticalTask, student: Person) -> None:
    client = enter(student)
    run(client, task, "# pasted\n", zipped(main="# zipped\n", other="# not asked for\n"))
    page = text(client, reverse("program_run", args=[JudgeJob.objects.get().pk]))
    assert "# zipped" in page
    assert "# pasted" not in page
    assert "not asked for" not in page


def test_what_cannot_be_run_is_said(task: PracticalTask, student: Person) -> None:
    client = enter(student)
    for code, given, said in (
        ("  \n", (), "缺少文件 main.py"),
        ("", (zipped(other="x"),), "没有题目要求的文件：main.py"),
        ("", (SimpleUploadedFile("work.zip", b"PK no zip"),), "不是有效的 zip"),
    ):
        answer = run(client, task, code, *given)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    big = run(client, task, "", SimpleUploadedFile("main.py", b"#" * (257 * 1024)))
    assert "超过 256 KB" in big.content.decode()
    assert not JudgeJob.objects.exists()


def test_material_and_starter_come_as_a_zip(task: PracticalTask, student: Person) -> None:
    answer = enter(student).get(reverse("program_material", args=[task.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert archive.namelist() == ["data.csv", "main.py"]


def test_a_package_that_cannot_be_read_any_more_says_so(task: PracticalTask, student: Person) -> None:
    task.package = files.store(data=b"old", name="t.zip", content_type="application/zip", actor=SYSTEM, now=clock.now())
    task.save()
    for name in ("program", "program_material"):
        answer = enter(student).get(reverse(name, args=[task.pk]), follow=True)
        assert answer.redirect_chain == [(reverse("program_list"), 302)]
        assert "试题包不能使用" in answer.content.decode()


def test_tasks_of_examinations_are_not_there(task: PracticalTask, student: Person) -> None:
    certificate = task.level.certificate_type
    sealed = MANIFEST.replace("two-sums", "sealed")
    exam = taken(to_zip(small_task(sealed).files), certificate, for_practice=False)
    client = enter(student)
    assert reverse("program", args=[exam.pk]) not in text(client, reverse("program_list"))
    assert client.get(reverse("program", args=[exam.pk])).status_code == 404
    assert run(client, exam).status_code == 404
    assert client.get(reverse("program_material", args=[exam.pk])).status_code == 404


def test_the_teacher_reads_the_runs_of_linked_students_only(
    task: PracticalTask, student: Person, school: Organisation
) -> None:
    run(enter(student), task)
    job = JudgeJob.objects.get()
    decide(job)
    teacher, other = person("teacher", Role.TEACHER, school), person("t2", Role.TEACHER, school)
    address = reverse("program_run", args=[job.pk])
    for stranger in (person("pupil2", Role.STUDENT, school), other, teacher):
        assert enter(stranger).get(address).status_code == 404
    practice.link_student(teacher=teacher, student=student, actor=SYSTEM, now=clock.now())
    page = text(enter(teacher), address)
    assert "给教师看的细节" in page
    assert "print(a + b)" not in page.partition("<h1>")[0]
    assert student.name in page
    listed = text(enter(teacher), reverse("student_runs"))
    assert student.name in listed
    assert "40 / 40" in listed
    assert student.name not in text(enter(other), reverse("student_runs")).partition("<main")[2]
    assert enter(student).get(reverse("student_runs")).status_code == 403


@pytest.mark.parametrize("runs", [1, 3])
def test_the_list_of_runs_costs_the_same_however_many(
    task: PracticalTask, student: Person, school: Organisation, runs: int, django_assert_max_num_queries
) -> None:
    for number in range(runs):
        queue.enqueue(
            kind="practice", task=task, submission={"main.py": f"# {number}\n".encode()}, actor=SYSTEM,
            now=clock.now(), practice_key=f"person:{student.pk}",
        )  # fmt: skip
    teacher = person("teacher", Role.TEACHER, school)
    practice.link_student(teacher=teacher, student=student, actor=SYSTEM, now=clock.now())
    client = enter(teacher)
    with django_assert_max_num_queries(10):
        client.get(reverse("student_runs"))
