"""Each limit ends what goes over it and leaves alone what stays below."""

from __future__ import annotations

import pytest

from jinbang.judge.sandbox import Box, Kill, Limits, RunSpec

pytestmark = pytest.mark.sandbox

OVER = [
    pytest.param("import time; time.sleep(30)", Limits(wall_s=0.3), Kill.TIME, id="wall"),
    pytest.param("while True: pass", Limits(cpu_s=0.3), Kill.CPU, id="cpu"),
    pytest.param("x = []\nwhile True: x.append(b'x' * 1000000)", Limits(memory_mb=64), Kill.MEMORY, id="memory"),
    pytest.param("while True: print('x' * 1000)", Limits(output_kb=64), Kill.OUTPUT, id="output"),
    pytest.param("import ctypes; ctypes.CDLL(None).unshare(0x10000000)", Limits(), Kill.FORBIDDEN, id="forbidden"),
]


@pytest.mark.parametrize(("program", "limits", "why"), OVER)
def test_over_the_limit(toolchain, warm, program, limits, why):
    with Box(files={"main.py": program.encode()}, toolchain=toolchain, warm=warm, limits=limits) as box:
        result = box.run(RunSpec(script="main.py", limits=limits))
        assert result.killed is why
        assert box.run(RunSpec(("/bin/echo", "next"))).stdout == b"next\n"


def test_output_up_to_the_limit_is_kept(toolchain, warm):
    limits = Limits(output_kb=64)
    with Box(files={"main.py": b"print('x' * 65000)"}, toolchain=toolchain, warm=warm) as box:
        result = box.run(RunSpec(script="main.py", limits=limits))
    assert result.ok
    assert len(result.stdout) == 65001


def test_memory_of_children_counts_together(toolchain, warm):
    program = b"""
import os, signal
for _ in range(6):
    if os.fork() == 0:
        keep = bytearray(b"x") * (30 << 20)
        signal.pause()
signal.pause()
"""
    for limit, why in ((100, Kill.MEMORY), (400, Kill.TIME)):
        limits = Limits(memory_mb=limit, wall_s=1.0)
        with Box(files={"main.py": program}, toolchain=toolchain, warm=warm) as box:
            assert box.run(RunSpec(script="main.py", limits=limits)).killed is why


def test_memory_shared_with_the_zygote_is_not_charged_to_every_child(toolchain):
    """Twelve children of a warm program map the same pages; they are counted once."""
    program = b"""
import os, time
for _ in range(12):
    if os.fork() == 0:
        time.sleep(0.3)
        os._exit(0)
for _ in range(12):
    os.wait()
"""
    limits = Limits(memory_mb=64)
    with Box(files={"main.py": program}, toolchain=toolchain, warm="decimal json asyncio") as box:
        assert box.run(RunSpec(script="main.py", limits=limits)).killed is None


def test_processes_are_limited(toolchain, warm):
    program = b"""
import os, signal
made = 0
try:
    while True:
        if os.fork() == 0:
            signal.pause()
        made += 1
except OSError:
    print(made)
"""
    with Box(files={"main.py": program}, toolchain=toolchain, warm=warm) as box:
        result = box.run(RunSpec(script="main.py", limits=Limits(processes=10, wall_s=2)))
    assert result.stdout == b"9\n" or result.killed is Kill.PROCESSES


def test_work_is_sized_by_the_box(toolchain):
    program = b"""
import os
try:
    open("/work/big", "wb").write(bytes(5 << 20))
except OSError as error:
    print(error.strerror)
"""
    for size, says in ((4, b"No space left on device\n"), (8, b"")):
        with Box(files={"main.py": program}, toolchain=toolchain, limits=Limits(tmp_mb=size)) as box:
            assert box.run(RunSpec(script="main.py")).stdout == says


def test_the_end_comes_soon_after_the_program(toolchain, warm):
    """A child that holds the output open does not hold up the result."""
    program = b"import os, time\nif os.fork() == 0:\n    time.sleep(20)\nprint('done')"
    with Box(files={"main.py": program}, toolchain=toolchain, warm=warm) as box:
        result = box.run(RunSpec(script="main.py"))
    assert (result.stdout, result.exit_code, result.killed) == (b"done\n", 0, None)
