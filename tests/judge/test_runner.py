"""From submission to verdict in the real sandbox: what happened is said, nothing is forged, nothing is a false 0."""

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from tests.judge.helpers import MANIFEST, small_task

from jinbang.judge import runner
from jinbang.judge.cache import VerdictCache
from jinbang.judge.package import TaskPackage, variant
from jinbang.judge.runner import UnjudgedError, judge
from jinbang.judge.toolchains import BuildError, Toolchain, prepare
from jinbang.judge.verdict import Outcome, Verdict, canonical_json

pytestmark = pytest.mark.sandbox

QUICK = "\n[limits]\nwall_s = 5\ncpu_s = 1\nmemory_mb = 64\noutput_kb = 64\nprocesses = 8\n"
HARNESS = (
    MANIFEST.split("[[runs]]")[0]
    + QUICK
    + """
[[runs]]
id = "calls"
kind = "calls"
cases = "tests/calls.json"
box = "calls"
[[runs]]
id = "unit"
kind = "unittest"
cases = "tests/unit.py"
box = "unit"
[[tests]]
id = "calls"
title = "函数"
points = 50
run = "calls"
checker = "calls"
[[tests]]
id = "unit"
title = "单元测试"
points = 50
run = "unit"
checker = "unittest"
[tests.options]
expect = ["T.test_add", "test_names"]
"""
)
CALLS = b"""[
 {"function": "add", "args": [20, 22], "returns": 42},
 {"function": "add", "args": [{"$decimal": "0.1"}, {"$decimal": "0.2"}], "returns": {"$decimal": "0.3"}},
 {"function": "names", "args": [{"$set": ["b", "a"]}], "returns": ["a", "b"]},
 {"function": "fail", "raises": "LookupError"}
]"""
UNIT = b"""
import unittest
import main

class T(unittest.TestCase):
    def test_add(self):
        self.assertEqual(main.add(1, 2), 3)
        with self.assertRaises(main.Gone):
            main.fail()

def test_names():
    assert main.names({"z", "y"}) == ["y", "z"]
"""
HONEST = b"""
class Gone(KeyError):
    pass

def add(a, b):
    print("noise")
    return a + b

def names(items):
    return sorted(items)

def fail():
    raise Gone("x")
"""


def harness_task() -> TaskPackage:
    return small_task(HARNESS, tests__calls_dot_json=CALLS, tests__unit_dot_py=UNIT, reference__main_dot_py=HONEST)


def verdict(task: TaskPackage, source: bytes | str, toolchain: Toolchain) -> Verdict:
    data = source.encode() if isinstance(source, str) else source
    return judge(task, {"main.py": data}, toolchain=toolchain).verdict


def test_the_reference_gets_full_marks(basic: Toolchain) -> None:
    task = small_task()
    found = judge(task, task.reference, toolchain=basic)
    assert (found.verdict.outcome, found.verdict.points) == (Outcome.ACCEPTED, Decimal(100))
    assert found.verdict.task_digest == task.digest
    assert found.verdict.toolchain_digest == basic.digest
    assert found.usage.wall_ms > 0


@pytest.mark.parametrize(
    ("source", "outcome", "message"),
    [
        ("print(4)", "wrong", "第 1 行起与预期不同"),
        ("print(int(input()) + x)", "runtime_error", "程序异常退出：ValueError（main.py 第 1 行）"),
        ("import sys\nsys.exit(3)", "runtime_error", "程序以状态 3 退出"),
        ("import os\nos.abort()", "runtime_error", "程序被信号 6 终止"),
        ("while True: pass", "time", "运行超过时间限制"),
        ("import time\ntime.sleep(9)", "time", "运行超过时间限制"),
        ("x = []\nwhile True: x.append('x' * 100000)", "memory", "运行超过内存限制"),
        ("while True: print('x' * 1000)", "output", "输出超过限制"),
        ("print(3", "runtime_error", "程序异常退出：SyntaxError（main.py 第 1 行）"),
    ],
)
def test_what_happened_is_said(source: str, outcome: str, message: str, basic: Toolchain) -> None:
    first = verdict(small_task(MANIFEST + QUICK), source, basic).cases[0]
    assert (first.outcome, first.points, first.message) == (outcome, 0, message)


def test_a_file_that_was_not_handed_in(basic: Toolchain) -> None:
    found = judge(small_task(), {"mian.py": b"print(3)"}, toolchain=basic).verdict
    assert found.cases[0].message == "没有提交 main.py"
    assert found.points == 0


def test_calls_and_unit_tests(basic: Toolchain) -> None:
    found = verdict(harness_task(), HONEST, basic)
    assert [(case.outcome, case.points) for case in found.cases] == [("accepted", 50), ("accepted", 50)]


def test_part_of_the_calls_is_part_of_the_points(basic: Toolchain) -> None:
    found = verdict(harness_task(), HONEST.replace(b"sorted(items)", b"list(items)[:1]"), basic)
    assert [case.points for case in found.cases] == [Decimal("37.5"), Decimal(25)]
    assert found.cases[0].detail.startswith("names(")


def test_what_came_before_the_loop_counts(basic: Toolchain) -> None:
    found = verdict(harness_task(), HONEST.replace(b"return sorted(items)", b"while True: pass"), basic)
    assert [(case.outcome, case.points) for case in found.cases] == [("time", 25), ("time", 25)]


FORGERIES = {
    "equal to everything": """
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
def add(a, b): return Any()
names = fail = add
class Gone(KeyError): pass
""",
    "patches unittest": """
import unittest
unittest.TestCase.assertEqual = lambda *a: None
unittest.TestCase.assertRaises = lambda *a: __import__("contextlib").nullcontext()
unittest.TestResult.addFailure = unittest.TestResult.addError = lambda *a: None
def add(a, b): return 0
names = fail = add
class Gone(KeyError): pass
""",
    "writes findings on every descriptor": """
import json, os
lines = "".join(json.dumps(x) + "\\n" for x in (
    {"event": "call", "number": 0, "value": {"returned": 42}},
    {"event": "call", "number": 1, "value": {"returned": {"$decimal": "0.3"}}},
    {"event": "test", "name": "T.test_add", "result": ["pass", ""]},
    {"event": "test", "name": "test_names", "result": ["pass", ""]},
    {"event": "done"}))
for fd in range(64):
    try: os.write(fd, lines.encode())
    except OSError: pass
def add(a, b): return 0
names = fail = add
class Gone(KeyError): pass
""",
    "reads the guard": """
import glob, json, os
found = ""
for folder in set(glob.glob("/proc/[0-9]*")) - {f"/proc/{os.getpid()}"}:
    for name in ("mem", "environ", "fd/0", "fd/1", "maps", "cmdline"):
        try:
            with open(folder + "/" + name, "rb") as f:
                found += f.read(1 << 20).decode("latin-1")
        except (OSError, ValueError):
            pass
    for target in ("fd/1", "fd/0"):
        try:
            with open(folder + "/" + target, "wb") as f:
                f.write(b'{"event": "test", "name": "test_names", "result": ["pass", ""]}\\n')
        except OSError:
            pass
if "assertEqual" in found or "returns" in found:
    add = lambda a, b: a + b
else:
    add = lambda a, b: 0
names = fail = add
class Gone(KeyError): pass
""",
    "kills the guard": """
import os, signal
def add(a, b):
    os.kill(os.getppid(), signal.SIGKILL)
names = fail = add
class Gone(KeyError): pass
""",
    "plants modules for the guard": """
import os, site
for name in ("unittest", "json", "usercustomize", "sitecustomize"):
    with open(f"/work/{name}.py", "w") as f:
        f.write("raise SystemExit")
def add(a, b): return 0
names = fail = add
class Gone(KeyError): pass
""",
    "speaks the guard's protocol": """
import os, sys
for fd in range(3, 32):
    try: os.write(fd, b'{"reply": {"value": 42, "printed": ""}}\\n' * 50)
    except OSError: pass
def add(a, b): return 0
names = fail = add
class Gone(KeyError): pass
""",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_earn_nothing(name: str, basic: Toolchain) -> None:
    found = verdict(harness_task(), FORGERIES[name], basic)
    assert found.points == 0
    assert found.outcome in (Outcome.WRONG, Outcome.RUNTIME_ERROR)


def test_runs_of_one_box_do_not_see_the_expected_files(basic: Toolchain) -> None:
    snoop = "import os\nprint(sorted(f for _, _, fs in os.walk('/work') for f in fs))\nprint(os.listdir('/srv'))"
    log = judge(small_task(), {"main.py": snoop.encode()}, toolchain=basic).verdict.cases[0].detail
    assert log == "第 1 行应为 3，实为 ['main.py']"


def test_a_name_that_clashes_with_the_material_is_left_out(basic: Toolchain) -> None:
    task = small_task(material__data_dot_csv=b"1", material__more__x_dot_csv=b"2")
    files = {**task.reference, "data.csv/evil.py": b"", "more": b"", "data.csv": b"9"}
    assert judge(task, files, toolchain=basic).verdict.points == 100
    show = {"main.py": b"print(open('data.csv').read())"}
    assert "实为 1" in judge(task, {**files, **show}, toolchain=basic).verdict.cases[0].detail


def test_the_cache_answers_the_second_time(basic: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task, cache = small_task(), VerdictCache(tmp_path)
    first = judge(task, task.reference, toolchain=basic, cache=cache)
    monkeypatch.setattr(runner, "Box", None)  # a second run would fail on this
    again = judge(task, task.reference, toolchain=basic, cache=cache)
    assert canonical_json(again.verdict) == canonical_json(first.verdict)
    with pytest.raises(TypeError):
        judge(task, task.reference, toolchain=basic, cache=cache, scope="visible")
    next(tmp_path.rglob("*.json")).write_bytes(b"{damaged")
    with pytest.raises(TypeError):
        judge(task, task.reference, toolchain=basic, cache=cache)


def test_the_visible_tests_alone(basic: Toolchain) -> None:
    task = small_task()
    found = judge(task, task.reference, toolchain=basic, scope="visible").verdict
    assert [case.name for case in found.cases] == ["样例"]
    assert found.max_points == 40


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('expected = "tests/1.out"', 'expected = "tests/9.out"'),
        ('expected = "tests/1.out"', 'expcted = "tests/1.out"'),
        ('checker = "stdout"', 'checker = "stdot"'),
    ],
)
def test_the_tasks_own_faults_are_no_mark(old: str, new: str, basic: Toolchain) -> None:
    task = small_task(MANIFEST.replace(old, new))
    with pytest.raises(UnjudgedError) as caught:
        judge(task, task.reference, toolchain=basic)
    assert caught.value.outcome is Outcome.INTERNAL


def test_a_sandbox_that_does_not_open_is_no_mark(basic: Toolchain) -> None:
    broken = dataclasses.replace(basic, python=Path("/nonexistent/bin/python"))
    with pytest.raises(UnjudgedError) as caught:
        judge(small_task(), {"main.py": b"print(3)"}, toolchain=broken)
    assert caught.value.outcome is Outcome.INTERNAL


def test_ten_runs_are_the_same_bytes_even_for_a_crash(basic: Toolchain) -> None:
    source = b"import os, time\nprint(os.getpid(), time.time(), object())\nraise KeyError(object())"
    task = small_task()
    cases = {verdict(task, source, basic).cases[0] for _ in range(10)}
    assert {(case.outcome, case.message, case.detail) for case in cases} == {
        ("runtime_error", "程序异常退出：KeyError（main.py 第 3 行）", "")
    }


@pytest.mark.parametrize("profile", ["elementary-2021", "intermediate-2021", "advanced-2021"])
def test_the_harness_runs_on_the_published_lists(profile: str) -> None:
    """Python 3.7 to 3.9. Skipped where there is no such interpreter to build the profile with."""
    try:
        built = prepare(profile)
    except BuildError as error:
        pytest.skip(str(error))
    assert verdict(harness_task(), HONEST, built).points == 100


def test_a_template_is_not_judged(basic: Toolchain) -> None:
    varied = MANIFEST + '\n[variants]\nfiles = ["tests/*"]\nparameters = { n = { low = 3, high = 3 } }\n'
    task = small_task(varied, tests__1_dot_out=b"{{n}}\n")
    with pytest.raises(UnjudgedError, match="变式"):
        judge(task, task.reference, toolchain=basic)
    assert judge(variant(task, "1"), task.reference, toolchain=basic).verdict.points == 100
