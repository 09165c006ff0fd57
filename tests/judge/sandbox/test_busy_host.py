"""A verdict says what a program does, not how busy the host was: the wall clock stops while a core is kept from it.

Everything here is on one core, with busy processes beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jinbang.judge.sandbox import Box, Kill, Limits, RunSpec, SandboxError, rooms

pytestmark = pytest.mark.sandbox
# Half a second of a core, by the processor's own clock.
WORK = b"import time\nwhile time.process_time() < 0.5: pass\nprint('done')"
SLEEP = b"import time; time.sleep(1.5)"


@pytest.fixture(autouse=True)
def one_core() -> Iterator[int]:
    """Rooms made in the test stay on it."""
    before = os.sched_getaffinity(0)
    rooms.close_all()
    rooms.pin({min(before)})
    yield min(before)
    rooms.close_all()
    rooms.pin(before)


@contextmanager
def busy(core: int, count: int) -> Iterator[None]:
    """That many processes that want the core all the time."""
    program = [sys.executable, "-IS", "-c", "while True: pass"]
    hogs = [subprocess.Popen(program, start_new_session=True) for _ in range(count)]
    try:
        for hog in hogs:
            os.sched_setaffinity(hog.pid, {core})
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def run(toolchain, program: bytes, wall_s: float):
    limits = Limits(wall_s=wall_s, cpu_s=5)
    with Box(files={"main.py": program}, toolchain=toolchain, warm="") as box:
        return box.run(RunSpec(script="main.py", limits=limits))


def test_a_program_that_is_kept_waiting_has_more_time(toolchain, one_core):
    with busy(one_core, 2):
        result = run(toolchain, WORK, 0.8)
    assert (result.killed, result.stdout) == (None, b"done\n")


def test_a_program_that_sleeps_is_over_its_time_however_busy_the_host(toolchain, one_core):
    with busy(one_core, 2):
        assert run(toolchain, SLEEP, 0.3).killed is Kill.TIME


def test_a_program_that_got_no_core_is_not_judged(toolchain, one_core):
    with busy(one_core, 20), pytest.raises(SandboxError, match="too busy"):
        run(toolchain, WORK, 0.6)


def test_processor_time_over_the_limit_counts_even_if_it_ends_unseen(toolchain):
    """Forty milliseconds over the limit: whether the watch looks in between is chance, the result is not."""
    program = b"import time\nwhile time.process_time() < 0.14: pass"
    with Box(files={"main.py": program}, toolchain=toolchain, warm="") as box:
        result = box.run(RunSpec(script="main.py", limits=Limits(cpu_s=0.1)))
    assert result.killed is Kill.CPU
