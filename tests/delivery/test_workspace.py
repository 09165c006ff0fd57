"""Workspace snapshots: the check tool as a candidate runs it, against real servers."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import importlib.util
import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jinbang.delivery.domain import workspace
from jinbang.delivery.drill.candidate import Candidate, RefusedByServer
from jinbang.delivery.drill.http import Client

from .conftest import ROOT, Site

TOOL = ROOT / "src/jinbang/web/static/jinbang/candidate/tool/jinbang-check.py"
OLDEST = sorted(Path.home().glob(".pyenv/versions/3.7*/bin/python"))


@pytest.fixture(scope="module")
def watched(site: Site) -> Site:
    """The same sitting, whose rules keep snapshots."""
    site.do(
        "for s in RoomSession.objects.all():\n"
        "    s.rules |= {'workspace_snapshots': True, 'packages': {'初级': ['json', 'no-such-package']}}; s.save()"
    )
    return site


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("jinbang_check", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def _started(site: Site) -> tuple[Candidate, str]:
    candidate = site.candidate()
    await candidate.sign_in()
    await asyncio.sleep(0.7)
    await candidate.start()
    return candidate, (await candidate.ask("GET", "/snapshots"))["code"]


def _python() -> str:
    """The oldest Python that the tool promises to run on, where there is one."""
    return str(OLDEST[-1]) if OLDEST else sys.executable


def _replayed(site: Site, attempt: int) -> Any:
    return json.loads(
        site.do(
            "import json\nfrom jinbang.delivery.domain.replay import replay\n"
            f"print(json.dumps([[m.changed, m.gone, {{n: d and d.decode() for n, d in m.files.items()}}]"
            f" for m in replay({attempt})]))"
        )
    )


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
async def test_the_tool_sends_a_folder_and_what_changes_in_it(watched: Site, tmp_path: Path) -> None:
    candidate, code = await _started(watched)
    (tmp_path / "main.py").write_text("print(1)\n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "main.py").write_text("not this")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    command = [_python(), str(TOOL), watched.installation.base_url, code.lower(), str(tmp_path), "--every", "0.2"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    await _until(candidate, 1)
    (tmp_path / "main.py").unlink()
    (tmp_path / "学生.py").write_text("print('二')\n", encoding="utf-8")
    await _until(candidate, 2)
    receipt = await candidate.hand_in()
    (tmp_path / "late.py").write_text("too late")
    printed = (await asyncio.to_thread(running.communicate, timeout=20))[0].decode()
    assert running.returncode == 0, printed
    assert "pip install no-such-package" in printed
    assert receipt["count"] == 0  # snapshots are no answers
    assert (await candidate.ask("GET", "/uploads"))["uploads"] == []
    found = _replayed(watched, candidate.session["attempt"])[:2]
    assert found == [
        [["main.py"], [], {"main.py": "print(1)\n"}],
        [["学生.py"], ["main.py"], {"学生.py": "print('二')\n"}],
    ]


async def _until(candidate: Candidate, count: int) -> None:
    for _ in range(300):
        state = await candidate.ask("GET", "/snapshots")
        if state["count"] >= count:
            assert state["last_at"] <= state["now"]
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"only {state['count']} snapshots arrived")


async def test_what_was_taken_during_a_cut_is_sent_later_and_the_oldest_go(
    watched: Site, tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate, code = await _started(watched)
    monkeypatch.setattr(tool, "KEEP", 2)
    monkeypatch.setattr(tool, "MAX_NEW", 40)
    file, snapshots = tmp_path / "main.py", tool.Snapshots(str(tmp_path))
    away = tool.Server("127.0.0.1:9", code)
    for n in range(4):
        file.write_text(f"version = {n}\n" * 2)
        snapshots.take(n)
        with pytest.raises(tool.Unreachable):
            await asyncio.to_thread(tool.send_all, away, snapshots)
    snapshots.take(4)  # nothing changed since: nothing is added to what waits
    assert [taken for taken, _ in snapshots.waiting] == [2, 3]
    body = snapshots.oldest()[1]
    assert snapshots.oldest()[1] == body
    server = tool.Server(watched.installation.base_url, code)
    server.ask("/workspace", body)  # this acknowledgement is lost
    assert await asyncio.to_thread(tool.send_all, server, snapshots) == 2
    assert snapshots.contents == {}
    found = _replayed(watched, candidate.session["attempt"])
    assert [files["main.py"] for _, _, files in found] == ["version = 2\n" * 2, "version = 3\n" * 2]


def _snapshot(held: dict[str, bytes], **other: Any) -> bytes:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}
    contents = {digests[name]: b64encode(data).decode() for name, data in held.items()}
    plain = {"format": workspace.FORMAT, "taken_ms": 5, "files": digests, "contents": contents, **other}
    return gzip.compress(json.dumps(plain).encode())


async def test_codes_open_nothing_else(watched: Site) -> None:
    candidate, code = await _started(watched)
    other, _ = await _started(watched)
    good = _snapshot({"a.py": b"a"})
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for path, token, expected in (
        ("/workspace", wrong, "code_wrong"),
        ("/workspace", "1", "code_wrong"),
        ("/workspace", candidate.client.token, "code_wrong"),
        ("/steps", code, "token_unknown"),
    ):
        client = Client(watched.installation.base_url)
        client.token = token
        reply = await client.call("POST", path, good if path == "/workspace" else {"steps": []})
        client.close()
        assert (reply.status in (401, 403), reply.json()["code"]) == (True, expected)
    other.client.token = code
    assert (await other.ask("POST", "/workspace", good))["version"] == 1
    assert (await other.ask("POST", "/workspace", good))["version"] == 1
    assert (await other.ask("GET", "/workspace"))["ticket"] == candidate.ticket
    with pytest.raises(RefusedByServer, match="bad_request"):
        await other.ask("POST", "/workspace", b"not a snapshot")


async def test_a_moved_seat_voids_the_code(watched: Site) -> None:
    candidate, code = await _started(watched)
    watched.do(
        f"a = Attempt.objects.get(pk={candidate.session['attempt']}); a.device_key = ''; a.save()\n"
        "AttemptEvent.objects.create(attempt=a, at=clock.now(), kind='move', actor='test')"
    )
    await asyncio.sleep(1.2)
    candidate.client.token = code
    with pytest.raises(RefusedByServer, match="code_wrong"):
        await candidate.ask("GET", "/workspace")


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"[]"),
        gzip.compress(b"\0" * (workspace.MAX_PLAIN + 1)),
        _snapshot({"a.py": b"a"})[:-3],
        _snapshot({"a.py": b"a"}, taken_ms="now"),
        _snapshot({"a.py": b"a"}, contents={"0" * 64: "YQ=="}),
        _snapshot({"a.py": b"a"}, files={}),
        _snapshot({"\0": b"a"}),
        _snapshot({"a.py": b"a"}, files=[]),
        b"\0" * (workspace.MAX_BODY + 1),
    ],
)
def test_what_is_no_snapshot_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        workspace.read_snapshot(data)


def test_codes_survive_being_typed() -> None:
    code = workspace.pairing_code(b"k" * 32, 123456, "device")
    assert workspace.attempt_of_code(f" {code.lower()} ".replace("-", "")) == 123456
    assert workspace.same_code(code.replace("0", "o").replace("1", "l"), code)
    assert not workspace.same_code(workspace.pairing_code(b"k" * 32, 123456, "other"), code)
    assert workspace.attempt_of_code("") is None
