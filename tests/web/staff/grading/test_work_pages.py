"""An answer as markers and the judge's people see it: files, versions, replay, verdicts; who may and who may not."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.accreditation.factories import ACTOR, person
from tests.grading.world import AFTER, DAY, Graded, graded_world, hand_in_file, judge

from jinbang.accounts.models import Role
from jinbang.audit.actor import SYSTEM
from jinbang.delivery.models import Upload
from jinbang.documents.domain import files
from jinbang.grading.domain import marking
from jinbang.grading.models import JudgeVerdict, MarkingTask

pytestmark = pytest.mark.django_db


def snapshot(world: Graded, version: int, **members: str) -> Upload:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.py", text)
    stored = files.store(data=out.getvalue(), name="w.zip", content_type="application/zip", actor=SYSTEM, now=DAY)
    attempt, at = world.attempt(0, "practical"), DAY - timedelta(minutes=30 - version)
    return Upload.objects.create(
        attempt=attempt, kind="snapshot", item=attempt.uploads.first().item, name="workspace.zip", version=version,
        size=len(out.getvalue()), sha256=stored.sha256, started_at=at, completed_at=at,
    )  # fmt: skip


@pytest.fixture
def world(db: None) -> Graded:
    """One candidate: two snapshots, two versions of ``main.py``, a verdict."""
    made = graded_world(((5, "6"),))
    snapshot(made, 1, main="x = 1\n")
    snapshot(made, 2, main="x = 1\ny = 2\n", draft="<script>alert(1)</script>\n")
    second = hand_in_file(made.attempt(0, "practical"), b"print('final')\n")
    Upload.objects.filter(pk=second.pk).update(completed_at=DAY + timedelta(minutes=1))
    judge(made)
    return made


def enter(made: Graded, role: str, name: str = "") -> Client:
    client = Client()
    client.force_login(person(name or f"p-{role}", role, made.awarding))
    return client


def text(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def test_the_judged_answer_with_its_verdict(world: Graded) -> None:
    job = world.job(0)
    page = text(enter(world, Role.CHIEF_MARKER), reverse("judge_job_work", args=[job.pk]))
    assert 'id="L1"' in page
    assert "&#x27;final&#x27;" in page
    for shown in ("部分通过", "6 / 10", job.verdict.sha256, "CPU 5 毫秒", "c" * 64, "没有一台机器保存着该摘要的环境"):
        assert shown in page, shown
    assert page.count("工作区快照") == 6


def test_every_state_can_be_seen_and_compared(world: Graded) -> None:
    chief, address = enter(world, Role.CHIEF_MARKER), reverse("judge_job_work", args=[world.job(0).pk])
    one, two = Upload.objects.filter(kind="snapshot").order_by("pk")
    first, second = Upload.objects.filter(kind="file").order_by("pk")
    htmx = {"HX-Request": "true", "HX-Target": "work-files"}
    part = text(chief, f"{address}?at=s{two.pk}", **htmx)
    assert "<html" not in part
    assert "&lt;script&gt;" in part
    assert "<script>alert" not in part
    assert "# 0 6" in text(chief, f"{address}?at=u{first.pk}", **htmx)
    assert "final" not in text(chief, f"{address}?at=u{first.pk}", **htmx)
    changed = text(chief, f"{address}?at=s{two.pk}&against=s{one.pk}", **htmx)
    assert changed.count('class="code-added"') == 2
    assert 'class="code-removed"' not in changed
    assert "final" in text(chief, f"{address}?at=u{second.pk}&against=u{first.pk}", **htmx)
    assert chief.get(f"{address}?at=u999999").status_code == 404


def test_files_and_texts_are_downloads_of_plain_bytes(world: Graded) -> None:
    chief, job = enter(world, Role.CHIEF_MARKER), world.job(0)
    two = Upload.objects.filter(kind="snapshot").last()
    address = reverse("judge_job_file", args=[job.pk])
    answer = chief.get(address, {"at": f"s{two.pk}", "name": "draft.py"})
    assert b"".join(answer) == b"<script>alert(1)</script>\n"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert answer["Content-Disposition"].startswith("attachment")
    assert chief.get(address, {"name": "../../etc/passwd"}).status_code == 404
    JudgeVerdict.objects.filter(job=job).update(log="x" * 9000)
    page = text(chief, reverse("judge_job_work", args=[job.pk]))
    assert "x" * 3000 in page
    assert "x" * 3001 not in page
    texts = reverse("judge_job_text", args=[job.pk])
    assert len(b"".join(chief.get(texts, {"part": "log"}))) == 9000
    assert b"".join(chief.get(texts, {"part": "1"})).decode().startswith("输出")
    assert chief.get(texts, {"part": "2"}).status_code == 404
    assert chief.get(texts, {"part": "log", "verdict": "999999"}).status_code == 404


def test_a_snapshot_that_is_no_zip_says_so(world: Graded) -> None:
    stored = files.store(data=b"no zip", name="w.zip", content_type="application/zip", actor=SYSTEM, now=DAY)
    Upload.objects.filter(kind="snapshot", version=2).update(sha256=stored.sha256)
    one = Upload.objects.get(kind="snapshot", version=2)
    page = text(enter(world, Role.CHIEF_MARKER), reverse("judge_job_work", args=[world.job(0).pk]) + f"?at=s{one.pk}")
    assert "不是有效的 zip" in page


def task_of(world: Graded) -> MarkingTask:
    return MarkingTask.objects.create(
        attempt=world.attempt(0, "practical"), item=world.job(0).item, part="风格", max_points=2, mode="1", threshold=0
    )


def test_a_marker_reads_what_was_given_to_them_and_nothing_else(world: Graded) -> None:
    task = task_of(world)
    marker = person("m1", Role.MARKER, world.awarding)
    marking.allocate(task=task, marker=marker, actor=ACTOR, now=AFTER)
    client, other, finance = Client(), enter(world, Role.MARKER, "m2"), enter(world, Role.FINANCE_OFFICER)
    client.force_login(marker)
    for name in ("marking_task", "marking_work"):
        page = text(client, reverse(name, args=[task.pk])).partition("<main")[2]
        assert "final" in page
        assert world.registrations[0].ticket_number not in page
        assert world.registrations[0].candidate.name not in page
    for name in ("marking_task", "marking_work", "marking_file", "marking_text"):
        assert other.get(reverse(name, args=[task.pk])).status_code == 404, name
        assert finance.get(reverse(name, args=[task.pk])).status_code == 403, name
    for name in ("judge_job_work", "judge_job_file", "judge_job_text"):
        assert client.get(reverse(name, args=[world.job(0).pk])).status_code == 403, name
    assert f"M{task.pk:06d}" in text(client, reverse("marking_list"))
    assert f"M{task.pk:06d}" not in text(other, reverse("marking_list"))


def test_the_mark_is_given_beside_the_program_and_reopened_with_a_reason(world: Graded) -> None:
    task = task_of(world)
    marker = person("m1", Role.MARKER, world.awarding)
    row = marking.allocate(task=task, marker=marker, actor=ACTOR, now=AFTER)
    client, chief = Client(), enter(world, Role.CHIEF_MARKER)
    client.force_login(marker)
    assert reverse("marking_mark", args=[row.pk]) in text(client, reverse("marking_task", args=[task.pk]))
    client.post(reverse("marking_mark", args=[row.pk]), {"points": "2", "comment": ""})
    address = reverse("marking_event", args=[task.pk, "reopen"])
    assert address in text(chief, reverse("marking_task", args=[task.pk]))
    assert client.get(address).status_code == 403
    assert chief.post(address, {"markings": [row.pk], "reason": ""}).status_code == 422
    assert chief.post(address, {"markings": [row.pk], "reason": "漏看了一个文件"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.settled_points) == ("allocated", None)
    client.post(reverse("marking_mark", args=[row.pk]), {"points": "1", "comment": ""})
    task.refresh_from_db()
    assert (task.state, task.settled_points) == ("settled", Decimal(1))
