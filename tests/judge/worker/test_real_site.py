"""The real server in processes of its own and real workers: kills in mid-run, and the race for a lease."""

from __future__ import annotations

import json
import signal
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from tests.judge.worker import samples
from tests.judge.worker.site import RunningSite, own_database, running_site, wait

from jinbang.accounts.models import Organisation
from jinbang.accreditation.models import CertificateType
from jinbang.audit.actor import SYSTEM
from jinbang.config import clock
from jinbang.content.domain.tasks import add_task
from jinbang.content.models import PracticalTask
from jinbang.grading.domain import queue
from jinbang.grading.models import JudgeJob, JudgeVerdict, JudgeWorker
from jinbang.judge import tasks as shipped_tasks
from jinbang.judge.package import load_folder, read_folder, to_zip
from jinbang.judge.protocol import LeaseReply, LeaseRequest, decode, encode
from jinbang.judge.toolchains import Toolchain

pytestmark = pytest.mark.sandbox
CRAWL = Path(next(iter(shipped_tasks.__path__))) / "j4-crawl-csv"
LEASE_S = 3.0
SLOW_START = b"import time\ntime.sleep(3)\n"


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker) -> Iterator[str]:  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock(), own_database() as url:
        awarding = Organisation.objects.create(kind="awarding", name="评价组织", code="A")
        certificate = CertificateType.objects.create(code="python", name="Python程序开发", awarding=awarding)
        certificate.levels.create(code="elementary", name="初级", rank=1)
        yield url


@pytest.fixture
def empty_queue(database: str) -> str:
    JudgeVerdict.objects.all().delete()
    JudgeJob.objects.all().delete()
    return database


def taken_in(package: bytes) -> PracticalTask:
    return add_task(package=package, certificate_type=CertificateType.objects.get(), actor=SYSTEM, now=clock.now())


def put(task: PracticalTask, submission: dict[str, bytes]) -> JudgeJob:
    return queue.enqueue(kind="exam", task=task, submission=submission, actor=SYSTEM, now=clock.now())


def answers() -> Iterator[tuple[str, dict[str, bytes]]]:
    """(outcome that it must get, files) of the shipped task's own solutions, some slow enough to be caught running."""
    package = load_folder(CRAWL)
    reference = dict(read_folder(CRAWL / "reference"))
    for number in range(3):
        yield "accepted", {**reference, "main.py": SLOW_START + b"# %d\n" % number + reference["main.py"]}
    for wrong in package.manifest.wrong:
        yield str(wrong.outcome), package.wrong(wrong)
    yield "accepted", reference


def test_the_site_gets_the_verdicts_of_its_queue(empty_queue: str, tmp_path: Path, basic: Toolchain) -> None:
    task = taken_in(samples.task()[1])
    right, wrong = put(task, samples.RIGHT), put(task, samples.WRONG)
    with running_site(empty_queue, tmp_path, lease_s=60) as site:
        status = site.worker("hall-1", "--until-idle").wait()
    assert status == 0, (tmp_path / "hall-1" / "log").read_text()
    found = {verdict.job_id: verdict for verdict in JudgeVerdict.objects.all()}
    assert {job: verdict.outcome for job, verdict in found.items()} == {right.pk: "accepted", wrong.pk: "wrong"}
    assert found[right.pk].toolchain_digest == basic.digest
    assert json.loads(found[right.pk].canonical)["submission_digest"] == right.submission_digest
    assert JudgeWorker.objects.get(name="hall-1").profiles["basic"] == basic.digest


def test_an_unknown_token_is_turned_away(empty_queue: str, tmp_path: Path, basic: Toolchain) -> None:
    with running_site(empty_queue, tmp_path, lease_s=60) as site:
        status = site.worker("stranger", token="wrong").wait()
    assert status == 2
    assert "401: unknown token" in (tmp_path / "stranger" / "log").read_text()


def kill_in_mid_run(site: RunningSite, name: str) -> JudgeJob:
    """Start a worker, wait until it judges something, kill it. The job that it left behind has no verdict."""
    process = site.worker(name)
    judging = JudgeJob.objects.filter(worker__name=name, state="leased", phase="judging")
    wait(judging.exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = judging.first()
    assert left is not None, f"{name} had ended its work before it was killed"
    assert not JudgeVerdict.objects.filter(job=left).exists()
    return left


def test_workers_are_killed_twice_and_every_submission_gets_exactly_one_verdict(
    empty_queue: str, tmp_path: Path, basic_web: Toolchain
) -> None:
    task = taken_in(to_zip(read_folder(CRAWL)))
    wanted = {put(task, files).pk: outcome for outcome, files in answers()}
    with running_site(empty_queue, tmp_path, lease_s=LEASE_S) as site:
        left = {kill_in_mid_run(site, name).pk for name in ("first", "second")}
        site.worker("third")
        site.worker("fourth")
        wait(lambda: not JudgeJob.objects.exclude(state__in=("done", "dead")).exists())
    given = list(JudgeVerdict.objects.values_list("job", "outcome", "toolchain_digest"))
    assert Counter(job for job, _outcome, _digest in given) == dict.fromkeys(wanted, 1)
    assert {job: outcome for job, outcome, _digest in given} == wanted
    assert {digest for _job, _outcome, digest in given} == {basic_web.digest}
    assert all(job.tries >= 1 and job.grants >= 2 for job in JudgeJob.objects.filter(pk__in=left))
    assert set(JudgeJob.objects.values_list("state", flat=True)) == {"done"}


def race(site: RunningSite, tokens: list[str], rounds: int) -> tuple[list[str], list[str]]:
    """Every token asks for one job at a time, all at once. Returns (keys of jobs granted, errors)."""
    granted: list[str] = []
    errors: list[str] = []
    together = threading.Barrier(len(tokens))

    def ask(name: str, token: str) -> None:
        body = encode(LeaseRequest(name, 1, {"basic": "c" * 64}, {"ok": True}, "1"))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        for _ in range(rounds):
            request = urllib.request.Request(f"{site.url}/judge/v1/lease", body, headers)
            together.wait()
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:
                    granted.extend(job.job for job in decode(answer.read(), LeaseReply).jobs)
            except OSError as error:
                errors.append(repr(error))

    threads = [threading.Thread(target=ask, args=(f"racer-{n}", token)) for n, token in enumerate(tokens)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return granted, errors


def test_many_workers_at_once_are_never_granted_one_job_twice(empty_queue: str, tmp_path: Path) -> None:
    task = taken_in(samples.task()[1])
    keys = {put(task, {"main.py": b"print(%d)" % number}).key for number in range(32)}
    with running_site(empty_queue, tmp_path, lease_s=600, processes=2) as site:
        granted, errors = race(site, [site.token(f"racer-{n}") for n in range(8)], rounds=4 if _blocks() else 8)
    assert errors == []
    assert len(granted) == len(set(granted))
    assert set(granted) == keys if _blocks() else set(granted) <= keys
    jobs = JudgeJob.objects.filter(key__in=granted)
    assert set(jobs.values_list("grants", "state")) == {(1, "leased")}


def _blocks() -> bool:
    """Whether askers wait for one another (SQLite); on PostgreSQL they skip each other's rows and may go short."""
    return connection.vendor == "sqlite"


def test_without_the_locks_the_same_race_grants_one_job_twice(empty_queue: str, tmp_path: Path) -> None:
    task = taken_in(samples.task()[1])
    put(task, {"main.py": b"print(0)"})
    with running_site(empty_queue, tmp_path, lease_s=600, mode="unguarded") as site:
        granted, errors = race(site, [site.token(f"racer-{n}") for n in range(2)], rounds=1)
    assert errors == []
    assert len(granted) == 2
    assert len(set(granted)) == 1
