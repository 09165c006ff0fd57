"""The real worker against the real site: the two halves of the protocol, over HTTP."""

import json
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.models import QuerySet
from tests.judge.worker import samples
from tests.judge.worker.leases import LeaseServer
from tests.judge.worker.test_worker import end, start

from jinbang.accounts.models import Organisation
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.audit.actor import SYSTEM
from jinbang.config import clock
from jinbang.content.models import PracticalTask
from jinbang.documents.domain import files
from jinbang.grading.domain import queue
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import JudgeJob, JudgeVerdict, JudgeWorker
from jinbang.judge.toolchains import Toolchain

pytestmark = [pytest.mark.sandbox, pytest.mark.django_db(transaction=True)]


class Site(LeaseServer):
    """Stands where the in-memory server stands in `start`: an address and a token."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(token=token)
        self.url = url


@pytest.fixture
def site(live_server) -> Site:
    _, token = register_worker(name="hall-1", actor=SYSTEM, now=clock.now())
    return Site(live_server.url, token)


@pytest.fixture
def task() -> PracticalTask:
    awarding = Organisation.objects.create(kind="awarding", name="评价组织", code="A")
    certificate = CertificateType.objects.create(code="python", name="Python程序开发", awarding=awarding)
    level = CertificateLevel.objects.create(certificate_type=certificate, code="elementary", name="初级", rank=1)
    digest, package = samples.task()
    stored = files.store(data=package, name="t.zip", content_type="application/zip", actor=SYSTEM, now=clock.now())
    return PracticalTask.objects.create(
        slug="two-lines",
        digest=digest,
        title="两行",
        level=level,
        toolchain="basic",
        package=stored,
        statement="",
        total_points=10,
        added_at=clock.now(),
    )


def there(rows: QuerySet) -> bool:
    """Whether rows exist; the shared in-memory SQLite of the tests answers "locked" while the site writes."""
    try:
        return rows.exists()
    except OperationalError:
        return False


def put(task: PracticalTask, submission: dict[str, bytes], kind: str = "practice") -> JudgeJob:
    return queue.enqueue(kind=kind, task=task, submission=submission, actor=SYSTEM, now=clock.now())


def test_the_site_gets_the_verdicts_of_its_queue(site: Site, task: PracticalTask, tmp_path: Path, basic: Toolchain):
    right, wrong = put(task, samples.RIGHT, "exam"), put(task, samples.WRONG)
    status, errors = end(start(site, tmp_path, "--until-idle"))
    assert status == 0, errors
    found = {verdict.job_id: verdict for verdict in JudgeVerdict.objects.all()}
    assert {job: verdict.outcome for job, verdict in found.items()} == {right.pk: "accepted", wrong.pk: "wrong"}
    assert found[right.pk].toolchain_digest == basic.digest
    assert json.loads(found[right.pk].canonical)["submission_digest"] == right.submission_digest
    assert JudgeWorker.objects.get().profiles["basic"] == basic.digest
    assert {job.state for job in JudgeJob.objects.all()} == {"done"}


def test_workers_killed_twice_leave_the_site_exactly_one_verdict(
    site: Site, task: PracticalTask, tmp_path: Path, basic: Toolchain, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue, "LEASE", timedelta(seconds=2))
    monkeypatch.setattr(queue, "PAUSES_S", (0.1, 0.1, 0.1))
    job = put(task, samples.SLOW, "exam")
    started = JudgeJob.objects.filter(pk=job.pk, phase="judging")
    for grants in (1, 2):
        process = start(site, tmp_path)
        site.wait(lambda grants=grants: there(started.filter(grants=grants)))
        process.send_signal(signal.SIGKILL)
        end(process)
    process = start(site, tmp_path)
    site.wait(lambda: there(JudgeVerdict.objects.all()))
    process.terminate()
    assert end(process)[0] == 0
    assert JudgeVerdict.objects.get().outcome == "accepted"
    job.refresh_from_db()
    assert (job.state, job.grants, job.tries) == ("done", 3, 2)


def test_an_unknown_token_is_turned_away(site: Site, tmp_path: Path, basic: Toolchain):
    site.token = "wrong"
    status, errors = end(start(site, tmp_path))
    assert status == 2
    assert "401: unknown token" in errors
