"""`jinbang bench judge`: what a judgement costs here, from the job in hand to the verdict, sandbox made and gone.

All times are medians over ROUNDS. *Cold*: a box with all its namespaces and folders is made, a new interpreter started
in it, and all of it taken away; what stays is the room, as a prefork server's parent stays (its cost, paid once per
toolchain, is `room_ms`). *Warm*: the same, but the script runs in a copy of an interpreter that has imported the
profile's heavy modules. *Bare*: the same interpreter on the same empty program with no sandbox at all.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from .sandbox import Box, Limits, RunResult, RunSpec, Toolchain, ToolchainLike, require, rooms
from .services import Kind, Want, availability, stand, warm_up
from .toolchains import NotPreparedError, load, prepare
from .verdict import CaseVerdict, Outcome, Verdict, canonical_json, overall

ROUNDS = 50
QUEUE = 2000
SCIENTIFIC = "modern"
TARGETS = {
    "cold_ms": 20.0,
    "warm_scientific_ms": 60.0,
    "warm_ratio": 20.0,
    "runs_per_s_per_core": 25.0,
    "slowest_service_ms": 300.0,
}
_SEEDS: Mapping[Kind, bytes] = {
    "mariadb": b"CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(40)); INSERT INTO item VALUES (1, 'one');",
    "redis": b"SET item:1 one",
    "mongodb": b'{"exam": {"item": [{"name": "one"}]}}',
}
_FLAGS = ("-I", "-S", "-E")
_ELEMENTARY = b"a, b = map(int, input().split())\nprint(a + b)\n"
_PLOT = b"""import pandas, seaborn, sklearn
frame = pandas.DataFrame({"level": ["elementary", "advanced", "advanced"], "mark": [71, 64, 88]})
print(frame.groupby("level").mark.mean().to_dict())
"""
_LIMITS = Limits(memory_mb=1024, cpu_s=30, wall_s=30)


def run(*, rounds: int = ROUNDS, queue: int = QUEUE) -> dict[str, Any]:
    """All figures; `ok` tells whether the targets are met. Raises SandboxError where this host may not judge."""
    require()
    plain = Toolchain(Path(sys.executable).resolve())
    report: dict[str, Any] = {"rounds": rounds, "cores": os.cpu_count(), "python": sys.version.split()[0]}
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "an empty program, cold": lambda: _cold(plain, rounds),
        "the scientific profile, warm and cold (some minutes)": lambda: _scientific(rounds),
        "ten tests on one core": lambda: _elementary(plain, rounds),
        "services": lambda: _services(plain, rounds),
        f"a queue of {queue} (some minutes)": lambda: _queue(plain, queue),
        "isolate": lambda: _isolate(rounds),
    }
    for name, part in parts.items():
        print(f"judge: {name}", file=sys.stderr, flush=True)
        report |= part()
    rooms.close_all()
    report["targets"] = TARGETS
    report["missed"] = sorted(name for name in TARGETS if not _met(name, report[name]))
    return report | {"ok": not report["missed"]}


def _met(name: str, value: float | None) -> bool:
    if value is None:
        return False
    return value <= TARGETS[name] if name.endswith("_ms") else value >= TARGETS[name]


def _cold(toolchain: ToolchainLike, rounds: int) -> dict[str, Any]:
    rooms.close_all()
    start = time.perf_counter()
    _empty(toolchain)
    room_ms = (time.perf_counter() - start) * 1000
    works = (lambda: _empty(toolchain), lambda: _bare(toolchain))
    (cold, spread), (bare, _) = _medians_ms(works, rounds)
    return {
        "cold_ms": cold,
        "cold_p90_ms": spread,
        "bare_ms": bare,
        "cold_ratio_vs_bare": round(cold / bare, 2),
        "room_ms": round(room_ms - cold, 1),
    }


def _empty(toolchain: ToolchainLike) -> bytes:
    with Box(files={"main.py": b""}, toolchain=toolchain) as box:
        passed = _passed(box.run(RunSpec(("python", *_FLAGS, "main.py"))))
    return _verdict([passed])


def _bare(toolchain: ToolchainLike) -> bytes:
    done = subprocess.run(
        [str(toolchain.python), *_FLAGS, os.devnull], env={}, stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    return _verdict([done.returncode == 0])


def _passed(result: RunResult, expected: bytes | None = None) -> bool:
    """A program of the benchmark that fails would make the figures meaningless: raises RuntimeError."""
    if not result.ok or (expected is not None and result.stdout != expected):
        raise RuntimeError(f"a program of the benchmark failed: {result}")
    return True


def _verdict(passed: list[bool]) -> bytes:
    """The work of turning results into a verdict is part of every figure."""
    cases = tuple(
        CaseVerdict(str(number), Outcome.ACCEPTED if ok else Outcome.WRONG, Decimal(ok), Decimal(1), "", "", True)
        for number, ok in enumerate(passed)
    )
    points = sum((case.points for case in cases), Decimal(0))
    return canonical_json(Verdict(overall(cases), points, Decimal(len(cases)), cases, "0" * 64, "0" * 64, "0" * 64))


def _median_ms(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    return _medians_ms((work,), rounds)[0]


def _medians_ms(works: Sequence[Callable[[], object]], rounds: int) -> list[tuple[float, float]]:
    """Median and 90th percentile of each, after two rounds that are not counted.

    In turn within every round: whatever slows the host for a while slows all of them, and their ratio stays true.
    """
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds + 2):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append((time.perf_counter() - start) * 1000)
    return [_median_and_p90(taken[2:]) for taken in times]


def _median_and_p90(times: list[float]) -> tuple[float, float]:
    return round(statistics.median(times), 2), round(sorted(times)[int(0.9 * len(times))], 2)


def _scientific(rounds: int) -> dict[str, Any]:
    try:
        toolchain = load(SCIENTIFIC)
    except NotPreparedError:
        toolchain = prepare(SCIENTIFIC)
    imports = " ".join(toolchain.warm)

    def judged(warm: str | None) -> bytes:
        with Box(files={"main.py": _PLOT}, toolchain=toolchain, limits=_LIMITS, warm=warm) as box:
            return _verdict([_passed(box.run(RunSpec(script="main.py", limits=_LIMITS)))])

    warm, spread = _median_ms(lambda: judged(imports), rounds)
    cold, _ = _median_ms(lambda: judged(None), rounds)
    return {
        "warm_scientific_ms": warm,
        "warm_scientific_p90_ms": spread,
        "cold_scientific_ms": cold,
        "warm_ratio": round(cold / warm, 1),
        "memory": {"cold": _memory(toolchain, None), "warm_scientific": _memory(toolchain, imports)},
    }


def _memory(toolchain: ToolchainLike, warm: str | None) -> dict[str, float]:
    """MB (proportional share) of one busy slot, and of the room that all slots of the toolchain share."""
    room = rooms.room_for(toolchain, warm)
    with Box(files={"main.py": b"import time; time.sleep(0.6)"}, toolchain=toolchain, warm=warm) as box:
        runner = threading.Thread(target=box.run, args=(RunSpec(script="main.py"),))
        runner.start()
        time.sleep(0.3)
        slot, keeper = sum(map(_share_kb, room.others())), sum(map(_share_kb, room.keepers()))
        runner.join()
    return {"slot_mb": round(slot / 1024, 1), "room_mb": round(keeper / 1024, 1)}


def _share_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _ten_tests(toolchain: ToolchainLike) -> bytes:
    """A submission to a ten-test elementary task: one box, one run a test."""
    passed = []
    with Box(files={"main.py": _ELEMENTARY}, toolchain=toolchain, warm="") as box:
        for number in range(10):
            result = box.run(RunSpec(script="main.py", stdin=f"{number} 7\n".encode()))
            passed.append(_passed(result, f"{number + 7}\n".encode()))
    return _verdict(passed)


def _elementary(toolchain: ToolchainLike, rounds: int) -> dict[str, Any]:
    rooms.close_all()  # a room made now, with everything in it, stays on the one core
    with _one_core():
        median, _ = _median_ms(lambda: _ten_tests(toolchain), rounds)
    rooms.close_all()
    return {"ten_tests_ms": median, "runs_per_s_per_core": round(10 / median * 1000, 1)}


@contextmanager
def _one_core() -> Iterator[None]:
    """Everything of ours, children included, on a single core: threads are pinned one by one."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    rooms.pin({min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        rooms.pin(before)


def _queue(toolchain: ToolchainLike, jobs: int) -> dict[str, Any]:
    """`jobs` submissions of ten tests are in hand at once; as many slots as cores."""
    slots = os.cpu_count() or 1
    start = time.perf_counter()
    with ThreadPoolExecutor(slots) as pool:
        for _ in pool.map(lambda _: _ten_tests(toolchain), range(jobs)):
            pass
    seconds = time.perf_counter() - start
    return {f"queue_of_{jobs}_s": round(seconds, 1), "queue_jobs_per_s": round(jobs / seconds, 1), "slots": slots}


def _services(toolchain: ToolchainLike, rounds: int) -> dict[str, Any]:
    """From nothing to a box in which a seeded server answers; None for one that this host has not."""
    ready = {kind: _ready_ms(toolchain, Want(kind, seed=seed), rounds) for kind, seed in _SEEDS.items()}
    return {"services_ready_ms": ready, "slowest_service_ms": max(filter(None, ready.values()), default=None)}


def _ready_ms(toolchain: ToolchainLike, want: Want, rounds: int) -> float | None:
    if not availability(want.kind).ok:
        return None
    times = []
    for _ in range(rounds + 1):  # the first one makes the template
        warm_up(want.kind)
        start = time.perf_counter()
        with stand([want]) as up, Box(files={}, toolchain=toolchain, companions=up.companions):
            times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times[1:]), 2)


def _isolate(rounds: int) -> dict[str, Any]:
    """The same empty program in ioi/isolate, where it is installed."""
    program = shutil.which("isolate")
    if program is None:
        return {"isolate": "not installed"}

    def judged() -> bytes:
        subprocess.run([program, "--init"], capture_output=True, check=True)
        command = [program, "--run", "--", "/usr/bin/python3", *_FLAGS, os.devnull]
        done = subprocess.run(command, capture_output=True, check=False)
        subprocess.run([program, "--cleanup"], capture_output=True, check=True)
        return _verdict([done.returncode == 0])

    return {"isolate": "installed", "isolate_ms": _median_ms(judged, rounds)[0]}
