"""What goes into a box, what comes out, and that runs do not disturb each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinbang.judge.sandbox import Box, Limits, Mount, RunSpec, SandboxError, Toolchain, rooms

pytestmark = pytest.mark.sandbox


def run(toolchain: Toolchain, warm: str | None, program: str, **spec: object):
    with Box(files={"main.py": program.encode()}, toolchain=toolchain, warm=warm) as box:
        return box.run(RunSpec(script="main.py", **spec))  # type: ignore[arg-type]


def test_input_arguments_and_environment_reach_the_program(toolchain, warm):
    program = "import os, sys; print(input(), sys.argv, os.environ['KEY'], os.getcwd(), __name__)"
    result = run(toolchain, warm, program, argv=("a", "b c"), stdin="你好\n".encode(), env={"KEY": "值"})
    assert result.stdout.decode() == "你好 ['main.py', 'a', 'b c'] 值 /work __main__\n"
    assert (result.exit_code, result.signal, result.killed) == (0, None, None)


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("", 0),
        ("raise SystemExit", 0),
        ("raise SystemExit(3)", 3),
        ("exit(4)", 4),
        ("raise SystemExit('bad')", 1),
        ("1 / 0", 1),
        ("def f(:", 1),
        ("import os; os._exit(9)", 9),
        ("import sys; sys.exit(-1)", 255),
        ("import atexit; atexit.register(print, 'bye')", 0),
    ],
)
def test_exit_status(toolchain, warm, program, status):
    assert run(toolchain, warm, program).exit_code == status


def test_a_traceback_shows_the_program_and_nothing_of_ours(toolchain, warm):
    result = run(toolchain, warm, "def f():\n    return 1 / 0\n\nf()\n")
    text = result.stderr.decode()
    assert text.startswith('Traceback (most recent call last):\n  File "')
    assert text.count("File ") == 2
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_exit_functions_and_threads_are_waited_for(toolchain, warm):
    program = """
import atexit, threading, time
atexit.register(print, "exit")
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
print("main")
"""
    assert run(toolchain, warm, program).stdout == b"main\nthread\nexit\n"


def test_a_signal_is_told_from_a_status(toolchain, warm):
    result = run(toolchain, warm, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (result.exit_code, result.signal, result.killed) == (None, 11, None)


def test_large_input_and_output_pass_whole(toolchain, warm):
    data = b"0123456789abcdef" * 40_000
    program = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert run(toolchain, warm, program, stdin=data).stdout == data[::-1]


def test_input_that_is_not_read_does_no_harm(toolchain, warm):
    assert run(toolchain, warm, "print(1)", stdin=b"x" * 1_000_000).stdout == b"1\n"


def test_own_modules_and_folders_are_found(toolchain, warm):
    files = {"main.py": b"import tools.more; print(tools.more.X)", "tools/__init__.py": b"", "tools/more.py": b"X = 5"}
    with Box(files=files, toolchain=toolchain, warm=warm) as box:
        assert box.run(RunSpec(script="main.py")).stdout == b"5\n"


def test_multiprocessing_works(toolchain, warm):
    program = """
from multiprocessing import Pool
def square(n):
    return n * n
if __name__ == "__main__":
    with Pool(2) as pool:
        print(pool.map(square, range(4)))
"""
    result = run(toolchain, warm, program)
    assert result.stdout == b"[0, 1, 4, 9]\n", result.stderr


def test_subprocesses_work(toolchain, warm):
    program = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'print(7)'], capture_output=True))"
    assert b"stdout=b'7\\n'" in run(toolchain, warm, program).stdout


def test_a_program_that_is_not_there(toolchain):
    with Box(files={}, toolchain=toolchain) as box:
        result = box.run(RunSpec(("no-such-program",)))
    assert result.exit_code == 127
    assert b"No such file" in result.stderr


def test_runs_of_a_box_share_work_but_not_tmp(toolchain, warm):
    write = b"open('/work/a', 'w').write('1'); open('/tmp/a', 'w').write('1'); open('/dev/shm/a', 'w').write('1')"
    look = b"import os; print(*[os.path.exists(d + '/a') for d in ('/work', '/tmp', '/dev/shm')])"
    with Box(files={"write.py": write, "look.py": look}, toolchain=toolchain, warm=warm) as box:
        box.run(RunSpec(script="write.py"))
        assert box.run(RunSpec(script="look.py")).stdout == b"True False False\n"
        box.reset()
        assert box.run(RunSpec(script="look.py")).stdout == b"False False False\n"
        assert set(box.read_files()) == {"write.py", "look.py"}


def test_read_files_gives_regular_files_alone(toolchain):
    program = b"""
import os
os.makedirs("out/deep")
open("out/deep/a.txt", "w").write("kept")
os.symlink("/etc/passwd", "link")
os.mkfifo("pipe")
"""
    with Box(files={"main.py": program}, toolchain=toolchain) as box:
        box.run(RunSpec(script="main.py"))
        assert box.read_files() == {"main.py": program, "out/deep/a.txt": b"kept"}


def test_what_is_read_back_is_bounded(toolchain):
    program = b"for n in range(5):\n    open('f%d' % n, 'wb').truncate(1 << 20)"
    with Box(files={"main.py": program}, toolchain=toolchain, limits=Limits(tmp_mb=3)) as box:
        box.run(RunSpec(script="main.py"))
        assert sum(map(len, box.read_files().values())) <= 3 << 20


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "", "a\0b"])
def test_files_cannot_be_put_outside(toolchain, name):
    with pytest.raises(ValueError, match="not a file name"):
        Box(files={name: b""}, toolchain=toolchain)


def test_a_mount_shows_read_only(toolchain, warm, tmp_path):
    tmp_path.chmod(0o755)  # a mount keeps its own permissions: as root the program is another user
    (tmp_path / "table.csv").write_text("a,b")
    program = b"""
print(open("/data/material/table.csv").read())
try:
    open("/data/material/new", "w")
except OSError as error:
    print(error.strerror)
"""
    mounts = (Mount(tmp_path, "/data/material"),)
    with Box(files={"main.py": program}, toolchain=toolchain, warm=warm, mounts=mounts) as box:
        assert box.run(RunSpec(script="main.py")).stdout == b"a,b\nRead-only file system\n"


@pytest.mark.parametrize("target", ["/etc", "/usr/lib/x", "/run", "/run/../etc/x", "/toolchain/x"])
def test_mounts_have_their_places(toolchain, target):
    with pytest.raises(ValueError, match="may add mounts below"):
        Box(files={}, toolchain=toolchain, mounts=(Mount(Path("/usr"), target),))


def test_a_mount_of_nothing_is_refused(toolchain):
    box = Box(files={}, toolchain=toolchain, mounts=(Mount(Path("/no/such/folder"), "/data/x"),))
    with pytest.raises(SandboxError, match="No such file"):
        box.__enter__()


def test_warm_modules_are_there_and_unspoilt_by_other_runs(toolchain):
    spoil = b"import decimal; decimal.Decimal = None; print('spoilt')"
    look = b"import sys; print('decimal' in sys.modules, sys.modules['decimal'].Decimal(1) + 1)"
    with Box(files={"spoil.py": spoil, "look.py": look}, toolchain=toolchain, warm="decimal json") as box:
        assert box.run(RunSpec(script="spoil.py")).stdout == b"spoilt\n"
        assert box.run(RunSpec(script="look.py")).stdout == b"True 2\n"


def test_a_warm_import_that_fails_is_the_judges_fault(toolchain):
    with pytest.raises(SandboxError, match="no_such_module"):
        Box(files={}, toolchain=toolchain, warm="no_such_module").__enter__()


def test_hash_order_is_the_same_in_every_run(toolchain, warm):
    program = "print(list({str(n) for n in range(50)}))"
    assert len({run(toolchain, warm, program).stdout for _ in range(4)}) == 1


def test_many_boxes_at_once_keep_apart(toolchain, warm):
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> bytes:
        return run(toolchain, warm, "print(input())", stdin=str(number).encode()).stdout

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(40))) == [f"{number}\n".encode() for number in range(40)]
    assert rooms.left_over() == 0


def test_a_dead_room_is_replaced(toolchain):
    first = rooms.room_for(toolchain, "")
    first._process.kill()
    first._process.wait()
    assert run(toolchain, "", "print(1)").stdout == b"1\n"


def test_usage_is_measured(toolchain, warm):
    program = (
        "import time\nkeep = bytearray(b'x') * (40 << 20)\nend = time.process_time() + 0.2\n"
        "while time.process_time() < end:\n    pass\n"
    )
    result = run(toolchain, warm, program)
    assert result.cpu_s > 0.15
    assert result.peak_kb > 40 << 10
    assert result.wall_s >= 0.2
