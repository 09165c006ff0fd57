"""Scripts of a warm room are copies of its zygote, which no box and no process 1 is a child of."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jinbang.judge.sandbox import Box, Kill, Limits, RunSpec, SandboxError, rooms

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def own_rooms() -> Iterator[None]:
    rooms.close_all()
    yield
    rooms.close_all()


def run(toolchain, program: bytes, **spec):
    with Box(files={"main.py": program}, toolchain=toolchain, warm="json") as box:
        return box.run(RunSpec(script="main.py", **spec))


def test_only_the_program_has_the_modules(toolchain):
    """The box and process 1 beside it are children of the keeper, which has imported nothing."""
    with Box(files={"main.py": b"import time; time.sleep(1)"}, toolchain=toolchain, warm="decimal") as box:
        runner = threading.Thread(target=box.run, args=(RunSpec(script="main.py"),))
        runner.start()
        time.sleep(0.5)
        room = rooms.room_for(toolchain, "decimal")
        maps = {pid: Path(f"/proc/{pid}/maps").read_text() for pid in room.others()}
        runner.join()
    assert sorted("_decimal" in text for text in maps.values()) == [False, False, True]


def test_runs_at_the_same_time_do_not_meet(toolchain):
    def answer(number: int) -> bytes:
        return run(
            toolchain, b"import os, time; time.sleep(0.05); print(input(), os.listdir('/tmp'))", stdin=b"%d\n" % number
        ).stdout

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(answer, range(24)))
    assert answers == [b"%d []\n" % number for number in range(24)]
    assert rooms.left_over() == 0


def test_what_a_script_leaves_behind_ends_with_its_run(toolchain):
    program = b"import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\n"
    assert run(toolchain, program).exit_code == 0
    assert rooms.left_over() == 0


def test_time_of_the_copy_and_of_its_children_counts(toolchain):
    program = b"import os, time\nif os.fork() == 0:\n    while time.process_time() < 0.3: pass\nelse:\n    os.wait()\n"
    assert run(toolchain, program, limits=Limits(cpu_s=0.2, wall_s=20)).killed is Kill.CPU
    assert run(toolchain, program, limits=Limits(cpu_s=9, wall_s=20)).cpu_s >= 0.3


def test_a_room_without_its_zygote_is_replaced(toolchain):
    with Box(files={"main.py": b"import time; time.sleep(20)"}, toolchain=toolchain, warm="json") as box:
        before = rooms.room_for(toolchain, "json")
        threading.Timer(0.3, os.kill, (before.keepers()[1], signal.SIGKILL)).start()
        with pytest.raises(SandboxError):
            box.run(RunSpec(script="main.py"))
    before._process.wait(10)
    assert run(toolchain, b"print('again')").stdout == b"again\n"
    assert rooms.room_for(toolchain, "json") is not before
