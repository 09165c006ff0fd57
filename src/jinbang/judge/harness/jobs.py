"""What a guard can be asked to do. Each job gets the description, the remote and a place to put findings."""

from __future__ import annotations

import io
import re
import sys
import traceback
import types
import unittest
from typing import Any, Callable, Dict, Iterator

from .peer import Gone
from .proxy import Remote

Job = Dict[str, Any]
Emit = Callable[[Job], None]


def calls(job: Job, remote: Remote, emit: Emit) -> None:
    """Call functions of the candidate's module; findings hold what came back, unjudged."""
    module = _module(job["module"], remote, emit)
    if module is None:
        return
    for number, call in enumerate(job["calls"]):
        emit(dict(_call(call, module, remote), event="call", number=number))


def _call(call: dict[str, Any], module: int, remote: Remote) -> dict[str, Any]:
    found = remote.raw(op="path", on=module, name=call["function"])
    if "raised" in found:
        return {"missing": True}
    try:
        target = found["value"]["$object"]["id"]
    except (KeyError, TypeError):
        return {"missing": True}
    kwargs = call.get("kwargs", {})
    reply: dict[str, Any] = remote.raw(op="call", on=target, args=call.get("args", []), kwargs=kwargs, after=True)
    return reply


def figures(job: Job, remote: Remote, emit: Emit) -> None:
    """Run a program and pass on the description of its figures."""
    reply = remote.raw(op="figures", script=job["script"], args=job["args"])
    emit(dict(reply, event="figures"))


def unit(job: Job, remote: Remote, emit: Emit) -> None:
    """Run a test file here, in the guard, with the candidate's module standing in as a handle."""
    if _module(job["module"], remote, emit) is None:
        return
    handle = remote.ask(op="module", name=job["module"])
    sys.modules[job["module"]] = handle
    tests = types.ModuleType("tests")
    sys.modules["tests"] = tests
    exec(compile(job["source"], "tests.py", "exec"), tests.__dict__)
    for name, run in _tests_of(tests):
        emit({"event": "test", "name": name, "result": _run(run)})


def _module(name: str, remote: Remote, emit: Emit) -> Any:
    reply = remote.raw(op="module", name=name)
    if "raised" in reply:
        emit({"event": "import", "raised": reply["raised"]})
        return None
    return reply["value"]["$object"]["id"]


def _tests_of(module: types.ModuleType) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    for case in _flat(unittest.defaultTestLoader.loadTestsFromModule(module)):
        yield case.id().split(".", 1)[1], _unittest(case)
    for name, value in list(vars(module).items()):
        if name.startswith("test") and isinstance(value, types.FunctionType):
            for label, arguments in _parameters(value):
                yield name + label, _function(value, arguments)


def _flat(suite: Any) -> Iterator[Any]:
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            for inner in _flat(item):
                yield inner
        else:
            yield item


def _parameters(function: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """pytest's `parametrize`, read from the mark it leaves; other marks and fixtures are not known here."""
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        yield "", {}
        return
    names, rows = marks[0].args[:2]
    keys = [key.strip() for key in names.split(",")] if isinstance(names, str) else list(names)
    for number, row in enumerate(rows):
        yield f"[{number}]", dict(zip(keys, row if len(keys) > 1 else (row,)))


def _unittest(case: Any) -> Callable[[], list[str]]:
    def run() -> list[str]:
        result = unittest.TestResult()
        case.run(result)
        if result.failures:
            return ["fail", _last_line(result.failures[0][1])]
        if result.errors:
            return ["error", _last_line(result.errors[0][1])]
        return ["pass", ""] if not result.skipped else ["skip", result.skipped[0][1]]

    return run


def _function(function: Any, arguments: dict[str, Any]) -> Callable[[], list[str]]:
    def run() -> list[str]:
        try:
            function(**arguments)
        except Gone:
            raise
        except AssertionError as error:
            return ["fail", f"AssertionError: {error}"]
        except BaseException:  # a test that raises has failed, whatever it raised
            return ["error", _last_line(traceback.format_exc())]
        return ["pass", ""]

    return run


def _run(run: Callable[[], list[str]]) -> list[str]:
    quiet, sys.stdout = sys.stdout, io.StringIO()
    try:
        return run()
    finally:
        sys.stdout = quiet


def _last_line(text: str) -> str:
    """The line that names the exception; unittest writes a difference below it."""
    lines = [line for line in text.splitlines() if re.match(r"[A-Za-z_][\w.]*(: |$)", line)]
    return lines[-1][:500] if lines else ""


JOBS: dict[str, Callable[[Job, Remote, Emit], None]] = {"calls": calls, "unittest": unit, "figures": figures}
