"""A service beside the program: reached by its sockets, and by nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jinbang.judge.sandbox import Box, Companion, CompanionError, Limits, Mount, ReadyCheck, RunSpec, rooms
from jinbang.judge.sandbox.layout import toolchain_mounts

pytestmark = pytest.mark.sandbox
PYTHON = str(Path(sys.executable).resolve())
SERVER = """
import os, socketserver, sys, threading
os.umask(0)
class Say(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"%d %d %s" % (os.getpid(), len(os.listdir("/data")), open("/data/seed.txt", "rb").read()))
class Unix(socketserver.ThreadingUnixStreamServer):
    pass
server = Unix("/run/service/socket", Say)
threading.Thread(target=server.serve_forever, daemon=True).start()
web = socketserver.ThreadingTCPServer(("127.0.0.1", 80), Say)
open("/data/written.txt", "w").close()
print("I am ready", flush=True)
web.serve_forever()
"""
PROGRAM = b"""
import os, socket
print(socket.create_connection(("service.example.cn", 80)).recv(100))
unix = socket.socket(socket.AF_UNIX)
unix.connect("/run/service/socket")
print(unix.recv(100))
for attempt in (lambda: os.unlink("/run/service/socket"), lambda: open("/data/seed.txt"), lambda: os.kill(3, 9)):
    try:
        attempt()
        print("GOT")
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.fixture
def places(tmp_path):
    """As a service lays them out: a folder for sockets and a seed, both open to the uid the sandbox chooses."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    run, seed = tmp_path / "run", tmp_path / "seed"
    run.mkdir()
    seed.mkdir()
    run.chmod(0o777)
    (seed / "seed.txt").write_text("sown")
    return run, seed


def companion(toolchain, places, ready, **changes):
    run, seed = places
    mounts = (*toolchain_mounts(toolchain), Mount(run, "/run/service", writable=True))
    settings = {
        "name": "service",
        "argv": (PYTHON, "-I", "-c", SERVER),
        "ready": ready,
        "mounts": mounts,
        "seed": (Mount(seed, "/data"),),
    }
    return Companion(**settings | changes)


@pytest.mark.parametrize(
    "ready",
    [ReadyCheck(tcp_port=80), ReadyCheck(unix_socket="/run/service/socket"), ReadyCheck(line="ready")],
    ids=["tcp", "unix", "line"],
)
def test_the_program_reaches_its_sockets_only(toolchain, warm, places, ready):
    with Box(
        files={"main.py": PROGRAM},
        toolchain=toolchain,
        companions=(companion(toolchain, places, ready),),
        hosts={"service.example.cn": "127.0.0.1"},
        mounts=(Mount(places[0], "/run/service"),),
        warm=warm,
    ) as box:
        for _ in range(2):
            result = box.run(RunSpec(script="main.py"))
            lines = result.stdout.decode().splitlines()
            assert lines[0] == lines[1] == "b'2 2 sown'", result.stderr
            assert lines[2:] == ["OSError", "FileNotFoundError", "ProcessLookupError"]
    assert not (places[1] / "written.txt").exists()


def test_boxes_do_not_see_each_others_services(toolchain, places):
    look = b"import socket; print(socket.socket().connect_ex(('127.0.0.1', 80)))"
    service = companion(toolchain, places, ReadyCheck(tcp_port=80))
    with (
        Box(files={}, toolchain=toolchain, companions=(service,)),
        Box(files={"main.py": look}, toolchain=toolchain) as other,
    ):
        assert other.run(RunSpec(script="main.py")).stdout == b"111\n"


def test_a_service_that_fails_says_why(toolchain, places):
    broken = companion(toolchain, places, ReadyCheck(tcp_port=80), argv=(PYTHON, "-c", "raise SystemExit('no disk')"))
    with pytest.raises(CompanionError, match="status 1: no disk"):
        Box(files={}, toolchain=toolchain, companions=(broken,)).__enter__()


def test_a_service_that_never_comes_up(toolchain, places):
    slow = companion(
        toolchain, places, ReadyCheck(tcp_port=80), argv=(PYTHON, "-c", "input()"), ready_timeout_s=0.5, seed=()
    )
    with pytest.raises(CompanionError, match=r"ended|not ready after 0\.5 s"):
        Box(files={}, toolchain=toolchain, companions=(slow,)).__enter__()


def test_nothing_of_a_service_stays(toolchain, places):
    service = companion(toolchain, places, ReadyCheck(tcp_port=80))
    before = _own_children()
    with Box(files={}, toolchain=toolchain, companions=(service,), limits=Limits()):
        assert len(_own_children()) > len(before)
    assert rooms.left_over() == 0
    assert _own_children() - before <= set(_keepers())


def _own_children() -> set[int]:
    task = Path(f"/proc/{os.getpid()}/task")
    return {int(pid) for each in task.iterdir() for pid in (each / "children").read_text().split()}


def _keepers() -> list[int]:
    return [room._process.pid for room in rooms._rooms().all()]
