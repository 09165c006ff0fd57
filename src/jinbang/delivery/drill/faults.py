"""What can go wrong during a rehearsal, each as a coroutine that does it, lasts, and puts it right again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinbang.delivery.drill.candidate import Candidate
from jinbang.delivery.drill.elsewhere import Elsewhere
from jinbang.delivery.drill.installation import Installation
from jinbang.delivery.drill.proxy import Line, Weather


@dataclass
class Scene:
    """What faults act upon: the server, one line a room, a second line for one seat alone, the machines."""

    server: Installation | Elsewhere
    rooms: Sequence[Line]
    seat: Line
    lasting_s: float
    candidates: Sequence[Candidate] = field(default_factory=list)

    @property
    def installation(self) -> Installation:
        """The server, where it may be taken hold of: faults that need it are not offered for one elsewhere."""
        assert isinstance(self.server, Installation)
        return self.server


Fault = Callable[[Scene], Awaitable[None]]


async def kill_server(scene: Scene) -> None:
    """Every server process is killed with SIGKILL in mid-work and started again at once."""
    await asyncio.to_thread(scene.installation.end_servers, signal.SIGKILL)
    scene.installation.spawn()


async def kill_repeatedly(scene: Scene) -> None:
    """SIGKILL every five seconds, four times."""
    for left in (3, 2, 1, 0):
        await kill_server(scene)
        if left:
            await asyncio.sleep(5)


async def stop_database(scene: Scene) -> None:
    """PostgreSQL is stopped at once and started again; SQLite is locked by someone else for as long."""
    postgres = scene.installation.postgres
    if postgres is None:
        await asyncio.to_thread(_hold_lock, scene.installation.folder / "data" / "jinbang.sqlite3", scene.lasting_s)
        return
    await asyncio.to_thread(postgres.crash)
    await asyncio.sleep(scene.lasting_s)
    await asyncio.to_thread(postgres.start)


def _hold_lock(path: Path, seconds: float) -> None:
    import time

    import pysqlite3.dbapi2 as sqlite3

    connection = sqlite3.connect(str(path), isolation_level=None, timeout=10)
    try:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def fill_disk(scene: Scene) -> None:
    """No file of server or database may grow any more: writing fails as on a full disk (EFBIG), then there is room.

    The postmaster is spared: PostgreSQL answers a full disk by restarting its processes, which it forks.
    """
    postgres = scene.installation.postgres
    spared = set() if postgres is None else {postgres.pid}
    with _files_full([pid for pid in scene.installation.pids() if pid not in spared]):
        await asyncio.sleep(scene.lasting_s)


@contextlib.contextmanager
def _files_full(pids: Sequence[int]) -> Iterator[None]:
    """Limit the file size of running processes; Python and PostgreSQL ignore the signal and see the error."""
    for pid in pids:
        _limit_files(pid, "4096")
    try:
        yield
    finally:
        for pid in pids:
            _limit_files(pid, "unlimited")


def _limit_files(pid: int, size: str) -> None:
    """Set the soft limit as the process's owner, who needs no privilege for it; a process that is gone is fine."""
    with contextlib.suppress(FileNotFoundError):
        owner = Path(f"/proc/{pid}").stat().st_uid
        command = ["prlimit", "--pid", str(pid), f"--fsize={size}:"]
        subprocess.run(command, user=owner, check=False, capture_output=True)


async def lose_packets(scene: Scene) -> None:
    """One chunk in thirty is lost on every line, and its connection with it."""
    await _weather(scene, scene.rooms, Weather(drop=1 / 30))


async def cut_room(scene: Scene) -> None:
    """The first room loses its network."""
    await _weather(scene, scene.rooms[:1], Weather(cut=True))


async def cut_seat(scene: Scene) -> None:
    """A single seat loses its network."""
    await _weather(scene, [scene.seat], Weather(cut=True))


async def slow_clients(scene: Scene) -> None:
    """Every line takes its time."""
    await _weather(scene, scene.rooms, Weather(delay_s=0.15))


async def repeat_requests(scene: Scene) -> None:
    """Requests arrive twice, or seconds late and behind younger ones."""
    await _weather(scene, scene.rooms, Weather(twice=0.2, hold=0.05))


async def jump_clock(scene: Scene) -> None:
    """The server's clock jumps a minute ahead, then a minute back behind the truth, then right."""
    for seconds in (60.0, -60.0, 0.0):
        scene.installation.shift_clock(seconds)
        await asyncio.sleep(scene.lasting_s / 2)


async def jump_machines(scene: Scene) -> None:
    """Every candidate's machine is half a minute ahead, then half a minute behind, then right."""
    for seconds in (30.0, -30.0, 0.0):
        for candidate in scene.candidates:
            candidate.skew_ms = seconds * 1000
        await asyncio.sleep(scene.lasting_s / 2)


async def _weather(scene: Scene, lines: Sequence[Line], weather: Weather) -> None:
    for line in lines:
        line.set(weather)
    await asyncio.sleep(scene.lasting_s)
    for line in lines:
        line.set(Weather())


FAULTS: dict[str, Fault] = {
    "kill": kill_server,
    "database": stop_database,
    "disk": fill_disk,
    "packets": lose_packets,
    "room": cut_room,
    "seat": cut_seat,
    "clock": jump_clock,
    "machines": jump_machines,
    "repeat": repeat_requests,
    "slow": slow_clients,
    "kill5": kill_repeatedly,
}
#: What ``--faults all`` means: every fault once, ``kill5`` being four kills in a row.
ALL = tuple(FAULTS)
#: Those that need no hand on the server: network and candidates' machines.
FROM_OUTSIDE = ("packets", "room", "seat", "machines", "repeat", "slow")


def chosen(text: str, known: Sequence[str] = ALL) -> tuple[str, ...]:
    """Fault names of ``all``, ``none`` or a comma-separated list. Raises ``ValueError`` naming an unknown one."""
    if text in ("all", "none"):
        return tuple(known) if text == "all" else ()
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown fault {unknown[0]!r}; known: {', '.join(known)}")
    return names
