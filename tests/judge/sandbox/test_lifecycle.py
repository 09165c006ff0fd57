"""Rooms come, stay while needed and go, also when the judge is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from jinbang.judge.sandbox import Box, RunSpec, rooms, slots

pytestmark = pytest.mark.sandbox
JUDGE = """
import sys
from pathlib import Path
from jinbang.judge.sandbox import Box, RunSpec, Toolchain, rooms
toolchain = Toolchain(Path(sys.executable).resolve())
with Box(files={"main.py": b"import time; time.sleep(60)"}, toolchain=toolchain) as box:
    box.reset()
    room = rooms.room_for(toolchain, None)
    print(room._process.pid, *room.keepers(), *room.others(), flush=True)
    box.run(RunSpec(script="main.py"))
"""


def test_a_killed_judge_takes_everything_with_it():
    judge = subprocess.Popen([sys.executable, "-c", JUDGE], stdout=subprocess.PIPE, env={"PYTHONPATH": "src"})
    pids = [int(word) for word in judge.stdout.readline().split()]
    time.sleep(0.3)
    assert len(pids) == 4  # bubblewrap, the keeper, the process of the next box, this box
    judge.kill()
    judge.communicate()
    deadline = time.monotonic() + 5
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in pids if _runs(pid)] == []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_closing_leaves_no_process_and_no_zombie(toolchain):
    with Box(files={"main.py": b""}, toolchain=toolchain) as box:
        box.run(RunSpec(script="main.py"))
    pids = [pid for room in rooms._rooms().all() for pid in (room._process.pid, *room.keepers())]
    assert pids
    rooms.close_all()
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_a_box_that_fails_in_use_is_cleaned_up(toolchain):
    with pytest.raises(ZeroDivisionError), Box(files={}, toolchain=toolchain):
        raise ZeroDivisionError
    assert rooms.left_over() == 0


def test_slots_are_not_shared(toolchain):
    with slots.slot() as first, slots.slot() as second:
        assert first != second
    with slots.slot() as again:
        assert again == first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has uids to give")
def test_two_boxes_run_under_two_real_uids(toolchain):
    with Box(files={}, toolchain=toolchain) as one, Box(files={}, toolchain=toolchain) as two:
        one.reset()
        two.reset()
        room = rooms.room_for(toolchain, None)
        uids = {os.stat(f"/proc/{pid}").st_uid for pid in room.others()}
    assert len(uids) == 2
    assert min(uids) >= slots.BASE


def test_a_room_without_the_process_of_its_next_box_is_replaced(toolchain):
    before = rooms.room_for(toolchain, None)
    os.kill(before.keepers()[1], signal.SIGKILL)
    before._process.wait(10)
    with Box(files={"main.py": b"print('again')"}, toolchain=toolchain) as box:
        assert box.run(RunSpec(script="main.py")).stdout == b"again\n"
    assert rooms.room_for(toolchain, None) is not before


def test_boxes_asked_for_at_once_are_each_their_own(toolchain):
    """One process at a time waits for the next box: who asks while it is being replaced gets the next, in turn."""
    room = rooms.room_for(toolchain, None)
    with ExitStack() as stack:
        boxes = [stack.enter_context(Box(files={"n": b"%d" % n}, toolchain=toolchain)) for n in range(12)]
        assert [box.read_files() for box in boxes] == [{"n": b"%d" % n} for n in range(12)]
        assert len(room.others()) == 12
        assert len(room.keepers()) == 2
    assert rooms.left_over() == 0
    assert len(room.keepers()) == 2


def test_the_least_used_room_goes(toolchain, monkeypatch):
    rooms.close_all()
    monkeypatch.setattr(rooms, "KEPT", 2)
    for warm in (None, "", "json"):
        rooms.room_for(toolchain, warm)
    assert len(rooms._rooms().all()) == 2
    rooms.close_all()


def test_signals_from_the_terminal_do_not_reach_the_room(toolchain):
    """Ctrl-C goes to the session of the terminal: the judge decides what it means for its boxes."""
    room = rooms.room_for(toolchain, None)
    assert os.getsid(room.keepers()[0]) != os.getsid(0)
