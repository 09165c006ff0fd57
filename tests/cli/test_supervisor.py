"""Children: started again when they die, gone when the supervisor is, even by SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from jinbang.cli.supervisor import Child, ChildSpec, Supervisor

ROOT = Path(__file__).parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [sys.executable, "-c", "import signal,time; signal.signal(15, signal.SIG_IGN); print('x'); time.sleep(600)"]


def until(condition: Callable[[], bool], patience_s: float = 20.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def pauses_of(child: Child, deaths: int, lives_s: float) -> list[float]:
    """How long the child is left dead after each of ``deaths``, each life lasting ``lives_s`` of a made-up clock."""
    now, pauses = 0.0, []
    child.tend(now)
    for _ in range(deaths):
        assert child.process is not None
        child.process.wait()
        died = now = now + lives_s
        child.tend(now)
        while child.process is None:
            now += 0.125
            child.tend(now)
        pauses.append(now - died)
    assert child.process is not None
    child.process.wait()
    return pauses


FAILS = ChildSpec("fails", [sys.executable, "-S", "-c", "raise SystemExit(3)"])


def test_pauses_between_starts_double_up_to_half_a_minute() -> None:
    assert pauses_of(Child(FAILS), 8, lives_s=1.0) == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_child_that_lived_for_a_minute_starts_again_at_once() -> None:
    assert pauses_of(Child(FAILS), 3, lives_s=60.0) == [0.5, 0.5, 0.5]


def test_stopping_leaves_no_child_not_even_a_stubborn_one() -> None:
    supervisor = Supervisor([ChildSpec("a", SLEEP), ChildSpec("b", STUBBORN)], grace_s=1.0)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    until(lambda: all(child.process is not None for child in supervisor.children))
    pids = [child.process.pid for child in supervisor.children if child.process]
    time.sleep(0.5)  # let the stubborn one ignore the signal first
    supervisor.stop()
    thread.join(20)
    assert [alive(pid) for pid in pids] == [False, False]


PARENT = """
import sys
from jinbang.cli.supervisor import ChildSpec, Supervisor
supervisor = Supervisor([ChildSpec("child", [sys.executable, "-c", "import time; time.sleep(600)"])])
supervisor.tend()
print(supervisor.children[0].process.pid, flush=True)
supervisor.run()
"""


def test_a_supervisor_killed_outright_takes_its_children_along() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not alive(pid))
