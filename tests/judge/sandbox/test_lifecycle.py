"""Rooms come, stay while needed and go, also when the judge is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
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
    room = rooms.room_for(toolchain, None)
    print(room._process.pid, *room.keepers(), *room.others(), flush=True)
    box.run(RunSpec(script="main.py"))
"""


def test_a_killed_judge_takes_everything_with_it():
    judge = subprocess.Popen([sys.executable, "-c", JUDGE], stdout=subprocess.PIPE, env={"PYTHONPATH": "src"})
    pids = [int(word) for word in judge.stdout.readline().split()]
    time.sleep(0.3)
    assert len(pids) >= 3
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
    with Box(files={}, toolchain=toolchain), Box(files={}, toolchain=toolchain):
        room = rooms.room_for(toolchain, None)
        uids = {os.stat(f"/proc/{pid}").st_uid for pid in room.others()}
    assert len(uids) == 2
    assert min(uids) >= slots.BASE


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
