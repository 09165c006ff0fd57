"""Practical practice: tasks to try, programs to run, what the visible tests say, and the teacher's view of it."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.accounts.permissions import scoped_get
from jinbang.content.domain.tasks import open_task
from jinbang.content.models import PracticalTask
from jinbang.core.errors import Refusal
from jinbang.grading.models import JudgeJob
from jinbang.grading.queries.submissions import submitted_files
from jinbang.judge.package.manifest import Deliverable
from jinbang.judge.package.model import TaskPackage
from jinbang.judge.protocol import pack_files
from jinbang.judge.verdict import from_json
from jinbang.learning.domain import programs
from jinbang.web.centre.learning.program_lists import STUDENT_RUNS, TASKS, program_tasks
from jinbang.web.shell.access import requires
from jinbang.web.shell.code import code_files, text_of
from jinbang.web.shell.details import Fact
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import PageAction
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file

_TEXT = (".py", ".md", ".txt", ".csv", ".json", ".sql", ".toml", ".cfg")
HISTORY = 20


class ManyFilesInput(forms.FileInput):
    """A file input that takes several at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(ManyFilesField, self).clean(file, initial) for file in data or []]


class ProgramForm(forms.Form):
    """A program: a box for each text file that the task asks for, and files that replace what is in the boxes."""

    def __init__(self, *args: Any, package: TaskPackage, texts: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, wanted in enumerate(package.manifest.deliverables):
            if wanted.name.endswith(_TEXT):
                self.fields[f"text{number}"] = forms.CharField(
                    label=_label(wanted),
                    required=False,
                    strip=False,
                    initial=texts.get(wanted.name, ""),
                    max_length=wanted.max_kb * 1024,
                    widget=forms.Textarea(attrs={"rows": 16, "class": "mono", "spellcheck": "false", "wrap": "off"}),
                )
        self.fields["files"] = ManyFilesField(
            label=_("上传文件"),
            required=False,
            help_text=_("可选多个文件或一个 zip；同名文件以上传的为准。"),
        )


def _label(wanted: Deliverable) -> str:
    words = [wanted.name, wanted.about, "" if wanted.required else _("（可以不交）")]
    return " ".join(word for word in words if word)


@requires("practice.sit")
def program_list(request: OfficeRequest) -> HttpResponseBase:
    """Tasks that are open for practice."""
    return render_list(request, TASKS)


@requires("practice.sit")
def program(request: OfficeRequest, pk: int) -> HttpResponse:
    """A task: statement, material, the program, its runs so far. POST runs it."""
    task = scoped_get(program_tasks(request), pk)
    student = request.access.person
    try:
        package = open_task(task)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("program_list"))
    history = list(programs.runs_of([student]).filter(task__slug=task.slug)[:HISTORY])

    def run(data: dict[str, Any]) -> JudgeJob:
        names = enumerate(task.file_names)
        pasted = {name: str(data.get(f"text{number}") or "") for number, name in names}
        uploads = [(str(file.name), file.read()) for file in data["files"]]
        given = programs.gathered(task, pasted, uploads)
        return programs.run_program(student=student, task=task, files=given, actor=request.actor, now=request.now)

    return form_page(
        request,
        ProgramForm,
        run,
        title=task.title,
        intro=str(task.level),
        done=lambda job: reverse("program_run", args=[job.pk]),
        success=_("已提交运行"),
        submit=_("运行"),
        template="centre/learning/program.html",
        context={
            "task": task,
            "history": history,
            "has_material": bool(package.material or package.starter),
            "visible": [test for test in package.manifest.tests if test.visible],
            "hidden": sum(not test.visible for test in package.manifest.tests),
            "waiting": next((row for row in history if row.state in programs.WAITING), None),
        },
        package=package,
        texts=_texts(package, history),
    )


def _texts(package: TaskPackage, history: list[JudgeJob]) -> dict[str, str]:
    """What the boxes hold at first: the last program that was run, else the starter."""
    files = submitted_files(history[0]) if history else package.starter
    return {name: text_of(data) or "" for name, data in files.items()}


@requires("practice.sit")
def program_material(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Material and starter of a task as a zip."""
    task: PracticalTask = scoped_get(program_tasks(request), pk)
    try:
        package = open_task(task)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("program_list"))
    data = pack_files({**package.material, **package.starter})
    return send_file(request, io.BytesIO(data), name=f"{task.slug}.zip", content_type="application/zip")


def _run(request: OfficeRequest, pk: int) -> JudgeJob:
    return scoped_get(programs.readable_runs(request.access.person), pk)


def _state(request: OfficeRequest, run: JudgeJob) -> dict[str, Any]:
    """What ``_program_run.html`` draws: the place in the queue, or the verdict."""
    row = getattr(run, "verdict", None)
    waiting = run.state in programs.WAITING
    return {
        "run": run,
        "waiting": waiting,
        "place": programs.place_in_queue(run),
        "judge_away": waiting and not programs.judge_is_there(run, request.now),
        "row": row,
        "cases": from_json(row.canonical.encode()).cases if row else (),
        "teacher": programs.follows(request.access.person, run),
    }


@requires("practice.sit", "practice.oversee")
def program_run(request: OfficeRequest, pk: int) -> HttpResponse:
    """One run: where it stands, what the tests say, the program."""
    run = _run(request, pk)
    student: Person | None = programs.student_of(run)
    own = student == request.access.person
    again = PageAction(_("修改后再运行"), reverse("program", args=[run.task_id]), "edit", primary=True)
    page = {
        **_state(request, run),
        "title": run.task.title,
        "subtitle": _("{name} 的运行").format(name=student.name) if student and not own else "",
        "facts": [
            Fact(_("提交时间"), run.queued_at, "datetime"),
            Fact(_("级别"), run.task.level),
            Fact(_("运行环境"), run.toolchain, "mono", link=reverse("toolchain", args=[run.toolchain])),
        ],
        "files": code_files(submitted_files(run)),
        "page_actions": [again] if own and run.task.for_practice else [],
    }
    return render(request, "centre/learning/program_run.html", page)


@requires("practice.sit", "practice.oversee")
def program_run_state(request: OfficeRequest, pk: int) -> HttpResponse:
    """The part of a run's page that changes while one waits."""
    return render(request, "centre/learning/_program_run.html", _state(request, _run(request, pk)))


@requires("practice.oversee")
def student_runs(request: OfficeRequest) -> HttpResponseBase:
    """What the teacher's students ran."""
    return render_list(request, STUDENT_RUNS)
