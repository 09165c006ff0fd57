"""An answer to a practical task as the people see it who mark it or answer for the judge.

The same pages serve two addresses: below a judge's job (with the ticket number in sight) and below a marking task,
where nothing says whose answer it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.grading.models import JudgeJob
from jinbang.grading.queries import toolchains
from jinbang.grading.queries.submissions import (
    State,
    files_of,
    judgements,
    readable_tasks,
    states,
    submitted_files,
)
from jinbang.judge.uploads import UploadError
from jinbang.judge.verdict import CaseVerdict, Verdict, from_json
from jinbang.web.shell.access import requires
from jinbang.web.shell.code import code_files
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file
from jinbang.web.staff.grading.diff import compare

#: Characters of a test's detail or of a log on a page; the rest is a download.
SHOWN_TEXT = 3_000
JUDGED = "judged"


@dataclass(frozen=True)
class Work:
    """An answer: the job that stands for it, where it was asked for, and everything that was uploaded for it."""

    job: JudgeJob
    url: str
    states: list[State]

    def files(self, key: str) -> dict[str, bytes]:
        """The files of a state by its key ("" or ``judged``: what the judge was given); 404 if there is none."""
        if key in ("", JUDGED):
            return submitted_files(self.job)
        found = next((state for state in self.states if state.key == key), None)
        if found is None:
            raise Http404
        return files_of(found, self.states)


def of_job(request: OfficeRequest, pk: int) -> Work:
    """The answer that a job judges."""
    request.access.require("judge_job.view")
    job = get_object_or_404(JudgeJob.objects.select_related("task", "submission", "verdict"), pk=pk)
    return _work(job, reverse("judge_job_work", args=[pk]))


def of_marking(request: OfficeRequest, pk: int) -> Work:
    """The answer of a marking task that the person may read; 404 for any other and where nothing is judged."""
    request.access.require("marking.view")
    task = scoped_get(readable_tasks(request.access), pk)
    jobs = JudgeJob.objects.filter(attempt=task.attempt_id, item=task.item, counts=True)
    job = jobs.select_related("task", "submission", "verdict").order_by("-pk").first()
    if job is None:
        raise Http404
    return _work(job, reverse("marking_work", args=[pk]))


def _work(job: JudgeJob, url: str) -> Work:
    return Work(job, url, states(job.attempt_id, job.item) if job.attempt_id else [])


Finder = Callable[[OfficeRequest, int], Work]


@requires("judge_job.view", "marking.view")
def page(request: OfficeRequest, pk: int, find: Finder) -> HttpResponse:
    """Files, versions, changes between them, and every verdict of an answer."""
    work = find(request, pk)
    shown = work_context(request, work)
    if request.htmx and request.htmx.target == "work-files":
        return render(request, "staff/grading/_work_files.html", shown)
    title = {"title": _("作答：{task}").format(task=work.job.task.title), "back": work.url.removesuffix("work/")}
    return render(request, "staff/grading/work.html", {**shown, **title})


def work_context(request: OfficeRequest, work: Work) -> dict[str, Any]:
    """What ``_work.html`` and ``_work_files.html`` draw."""
    return {"work": work, **_chosen_files(request, work), **_judged(request, work)}


def _chosen_files(request: OfficeRequest, work: Work) -> dict[str, Any]:
    at, against = request.GET.getlist("at")[-1:] or [JUDGED], request.GET.get("against", "")
    key = at[0]
    page: dict[str, Any] = {"at": key, "against": against, "steps": _steps(work, key), "file_trouble": ""}
    try:
        files = work.files(key)
        page["diffs"] = compare(work.files(against), files) if against else None
        page["files"] = code_files(files)
    except (Refusal, UploadError) as trouble:
        page["file_trouble"] = str(trouble)
    except OSError:
        page["file_trouble"] = _("文件在磁盘上找不到，请从备份恢复")
    return page


def _steps(work: Work, key: str) -> dict[str, Any]:
    """The neighbours of a state, for the buttons, and its place on the slider."""
    keys = [state.key for state in work.states]
    here = keys.index(key) if key in keys else len(keys)
    return {
        "here": here,
        "last": len(keys),
        "before": keys[here - 1] if here > 0 else "",
        "after": keys[here + 1] if here + 1 < len(keys) else JUDGED if here < len(keys) else "",
    }


@dataclass(frozen=True)
class Judged:
    """A verdict to show: the row, what it says, and the toolchain as far as it is known here."""

    job: JudgeJob
    verdict: Verdict | None
    toolchain: toolchains.Environment | None


def _judged(request: OfficeRequest, work: Work) -> dict[str, Any]:
    jobs = list(judgements(work.job))
    wanted = request.GET.get("verdict", "")
    chosen = next((job for job in jobs if str(job.pk) == wanted), work.job)
    return {"chosen": judged(chosen), "judgements": jobs, "shown_text": SHOWN_TEXT}


def judged(job: JudgeJob) -> Judged:
    """The verdict of a job, read; None where there is none yet."""
    row = getattr(job, "verdict", None)
    if row is None:
        return Judged(job, None, None)
    return Judged(job, from_json(row.canonical.encode()), toolchains.with_digest(row.toolchain_digest))


@requires("judge_job.view", "marking.view")
def file(request: OfficeRequest, pk: int, find: Finder) -> HttpResponseBase:
    """One file of a state, as it was handed in."""
    name = request.GET.get("name", "")
    try:
        data = find(request, pk).files(request.GET.get("at", "")).get(name)
    except (UploadError, OSError) as error:
        raise Http404 from error
    if data is None:
        raise Http404
    return _download(request, data, name.rpartition("/")[2])


@requires("judge_job.view", "marking.view")
def text(request: OfficeRequest, pk: int, find: Finder) -> HttpResponseBase:
    """The whole log of a verdict (``part=log``), or the whole detail of one of its tests (``part=3``)."""
    work = find(request, pk)
    job = scoped_get(judgements(work.job), request.GET.get("verdict") or work.job.pk, verdict__isnull=False)
    part = request.GET.get("part", "")
    if part == "log":
        return _download(request, job.verdict.log.encode(), "log.txt")
    cases = from_json(job.verdict.canonical.encode()).cases
    if not part.isdecimal() or not 1 <= int(part) <= len(cases):
        raise Http404
    return _download(request, _whole(cases[int(part) - 1]).encode(), f"test-{part}.txt")


def _whole(case: CaseVerdict) -> str:
    return f"{case.name}\n\n{case.message}\n\n{case.detail}\n"


def _download(request: OfficeRequest, data: bytes, name: str) -> HttpResponseBase:
    """Always as a download of plain bytes: nothing of a candidate's is drawn by the browser."""
    return send_file(request, io.BytesIO(data), name=name, content_type="application/octet-stream")
