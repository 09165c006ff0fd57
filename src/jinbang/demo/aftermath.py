"""After the exam: judging, results, certificates and their verification, training, practice, resources, support."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from subprocess import Popen

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.certificates.domain import issuance
from jinbang.certificates.domain.credential import signing_key, verify
from jinbang.certificates.models import Certificate
from jinbang.demo.fixtures.load import Loaded
from jinbang.demo.office import at
from jinbang.demo.world import actor_of
from jinbang.exams.models import Sitting
from jinbang.grading.domain.practical import queue_handed_in
from jinbang.grading.domain.results import compute_results, release_results
from jinbang.grading.models import JudgeJob, JudgeVerdict, Result
from jinbang.learning.domain import announcements, practice, resources, support, training
from jinbang.learning.models import Announcement, PracticeRun, Resource, SupportRequest, TrainingTerm

Tell = Callable[[str, int, int], None]
POLL_S = 0.5
SILENT_S = 180.0


def judge_all(sitting: Sitting, worker: Popen[bytes], log: Path, now: Callable[[], datetime], tell: Tell) -> int:
    """Queue what was handed in and wait until the judge has decided all of it. Returns how many verdicts there are.

    RuntimeError with the end of the worker's log if it dies, or nothing moves for three minutes.
    """
    queue_handed_in(now=now())
    jobs = JudgeJob.objects.filter(attempt__registration__sitting=sitting, counts=True)
    total, moved, last = jobs.count(), time.monotonic(), -1
    while (done := jobs.filter(state="done").count()) < total:
        if done != last:
            moved, last = time.monotonic(), done
            tell("judge", done, total)
        if worker.poll() is not None or jobs.filter(state="dead").exists() or time.monotonic() - moved > SILENT_S:
            reasons = set(jobs.exclude(last_failure="").values_list("last_failure", flat=True))
            tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise RuntimeError(f"judging stopped at {done} of {total}: {'; '.join(reasons)}\n{tail}")
        time.sleep(POLL_S)
    tell("judge", total, total)
    return JudgeVerdict.objects.filter(job__in=jobs).count()


def publish_results(sitting: Sitting, people: dict[str, Person], now: datetime) -> dict[str, int]:
    """Compute and release; passes and fails."""
    officer = actor_of(people["officer"])
    if sitting.state == "closed":
        compute_results(sitting=sitting, actor=officer, now=now)
        release_results(sitting=sitting, actor=officer, now=now)
    released = Result.objects.filter(registration__sitting=sitting, state="released")
    return {
        "results": released.count(),
        "passed": released.filter(outcome=Result.Outcome.PASSED).count(),
        "failed": released.filter(outcome=Result.Outcome.FAILED).count(),
        "absent": released.filter(outcome=Result.Outcome.ABSENT).count(),
    }


def ensure_issuers(loaded: Loaded) -> None:
    """The two issuers of the dual award."""
    issuance.ensure_issuer(
        certificate_type=loaded.certificate_type,
        organisation=loaded.awarding,
        code="ZY",
        certificate_name="职业技能等级证书",
        number_format="=ZY year4 level1 serial6 check",
        position=1,
    )
    issuance.ensure_issuer(
        certificate_type=loaded.certificate_type,
        organisation=loaded.co_issuer,
        code="RJ",
        certificate_name="专业技术证书",
        number_format="=RJ year4 level1 serial6 check",
        position=2,
    )


def certify(sitting: Sitting, people: dict[str, Person], now: datetime) -> int:
    """Approve, number and issue; returns how many certificates there are."""
    officer = actor_of(people["certificates"])
    issuance.approve_certificates(sitting=sitting, actor=officer, now=now)
    issuance.issue_all(sitting=sitting, actor=officer, now=now)
    return Certificate.objects.filter(registration__sitting=sitting, replaces__isnull=True).count()


def verify_all(url: str, sitting: Sitting, people: dict[str, Person], now: datetime) -> dict[str, int]:
    """Check every credential's signature and every public page over HTTP; then revoke one and see the page say so."""
    certificates = list(Certificate.objects.filter(registration__sitting=sitting).order_by("pk"))
    verified = sum(_agrees(url, certificate, state=certificate.state) for certificate in certificates)
    if certificates and certificates[-1].state == "issued":
        issuance.revoke(
            certificate=certificates[-1],
            reason="演示：持证人信息核实有误",
            actor=actor_of(people["certificates"]),
            now=now,
        )
    revoked = sum(_agrees(url, certificate, state="revoked") for certificate in certificates[-1:])
    return {"verified": verified, "revoked": revoked}


def _agrees(url: str, certificate: Certificate, *, state: str) -> bool:
    """Whether signature, register and public page say the same of a certificate, and that it is in ``state``."""
    assert certificate.credential is not None
    payload = verify(certificate.credential["jws"], signing_key().public_key()).payload
    status = _status(f"{url}/c/{certificate.public_key}/status.json")
    same = payload["credentialSubject"]["licenseNumber"] == status["number"] == certificate.number
    return same and status["state"] == state and status["valid"] == (state == "issued")


def _status(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 — our own loopback address
        found: dict[str, object] = json.loads(answer.read())
    return found


def train(people: dict[str, Person]) -> int:
    """A teacher takes the first term of the 1+X programme; class hours earned."""
    term = TrainingTerm.objects.order_by("programme__code", "ordinal").filter(programme__code__startswith="1X")[0]
    teacher, manager = people["teacher"], actor_of(people["manager"])
    place = term.enrolments.filter(person=teacher).exclude(state="withdrawn").first()
    if place is None:
        place = training.enrol(
            term=term, person=teacher, actor=actor_of(teacher), now=term.enrolment_closes.replace(hour=1)
        )
    for day in term.sessions.order_by("date"):
        training.record_attendance(
            enrolment=place, session=day, hours=day.hours, actor=manager, now=at(day.date.isoformat(), "18:00")
        )
    return training.hours_earned(place)


def practise(level: CertificateLevel, people: dict[str, Person], now: datetime) -> dict[str, object]:
    """A student practises; the teacher sees how often and how well."""
    student, teacher = people["student"], people["teacher"]
    practice.link_student(teacher=teacher, student=student, actor=actor_of(people["school"]), now=now)
    if not PracticeRun.objects.filter(student=student, finished_at__isnull=False).exists():
        run = practice.start_practice(student=student, level=level, seed=2022, actor=actor_of(student), now=now)
        answers = {str(version.pk): list(version.answer) for version, _mark in practice.marked(run)[:15]}
        practice.finish_practice(run=run, answers=answers, actor=actor_of(student), now=now)
    row = practice.students_of(teacher).get(pk=student.pk)
    return {"practices": row.practices, "practice_best": str(row.best)}


def share_resources(level: CertificateLevel, people: dict[str, Person], now: datetime) -> int:
    """Courseware and an answer key go on the shelf, a teacher downloads one; number of resources."""
    manager = actor_of(people["manager"])
    for kind, title, teachers_only in (
        (Resource.Kind.COURSEWARE, "初级课件：静态网页采集", False),
        (Resource.Kind.ANSWERS, "初级习题参考答案", True),
    ):
        if not Resource.objects.filter(title=title).exists():
            resources.publish_resource(
                kind=kind,
                title=title,
                summary="演示资源",
                level=level,
                data=f"{title}（演示文件）\n".encode(),
                file_name=f"{title}.txt",
                content_type="text/plain",
                teachers_only=teachers_only,
                actor=manager,
                now=now,
            )
    teacher = people["teacher"]
    for resource in Resource.objects.filter(downloads__isnull=True):
        resources.download(resource=resource, person=teacher, actor=actor_of(teacher), now=now)
    if not Announcement.objects.exists():
        announcements.announce(
            title="考务工作培训会",
            body="考前两周召开考务工作培训会，请各考核站点负责人和监考员参加（演示公告）。",
            is_public=True,
            actor=manager,
            now=now,
        )
    return Resource.objects.count()


def ask_for_help(school: Organisation, people: dict[str, Person], now: datetime) -> str:
    """A teacher asks, the region's contact answers; the contact's name."""
    teacher = people["teacher"]
    known = SupportRequest.objects.filter(asked_by=teacher).first()
    request = known or support.ask(
        school=school,
        asked_by=teacher,
        subject="考生机白名单如何设置",
        question="路由器只能按域名放行，具体网址应如何填写？（演示问题）",
        actor=actor_of(teacher),
        now=now,
    )
    if request.state == "open":
        support.answer(
            request=request,
            text="请按主机名放行，系统的站点要求页已标出哪些条目只能按主机放行。",
            actor=actor_of(request.contact),
            now=now,
        )
    return request.contact.name
