"""What holds on this host, measured by trying it. The judge refuses to work where something essential does not."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from . import cgroups, layout, rooms
from .box import Box
from .spec import Kill, Limits, RunSpec

_SECRET = "JINBANG_PROBE"
_LOOK = Path(__file__).with_name("probe_inside.py")
_SPIN = b"while True: pass"
_SLEEP = b"import time; time.sleep(60)"
_EAT = b"""
import os, signal
for _ in range(8):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1 << 20)) * 24
        signal.pause()
os.wait()
"""
_FLOOD = b"while True: print('x' * 1000)"


@dataclass(frozen=True)
class Check:
    """One property of the sandbox on this host. `reason` says what was seen, and what to do where it fails."""

    name: str
    holds: bool
    essential: bool
    reason: str


@dataclass(frozen=True)
class ProbeReport:
    """The checks in the order they were made. `ok` False: nothing may be judged here."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.holds for check in self.checks if check.essential)

    @property
    def failures(self) -> tuple[Check, ...]:
        """Essential checks that do not hold."""
        return tuple(check for check in self.checks if check.essential and not check.holds)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: what a worker tells the server about itself."""
        return {"ok": self.ok, "checks": [vars(check) for check in self.checks]}


def probe(toolchain: layout.ToolchainLike | None = None) -> ProbeReport:
    """Makes sandboxes and tries to get out of them; takes about a second. Never raises for what it finds."""
    toolchain = toolchain or layout.Toolchain(Path(sys.executable))
    checks: list[Check] = []
    for group in (_host, _walls, _limits, _extras):
        try:
            checks += group(toolchain)
        except (rooms.SandboxError, OSError, KeyError, ValueError) as error:
            checks.append(Check(group.__name__.strip("_"), False, True, str(error)))
            break
    return ProbeReport(tuple(checks))


@cache
def require() -> ProbeReport:
    """The report of this process's first probe. Raises SandboxError where nothing may be judged."""
    report = probe()
    if not report.ok:
        raise rooms.SandboxError(
            "this host cannot judge: " + "; ".join(f"{each.name}: {each.reason}" for each in report.failures)
        )
    return report


def _host(toolchain: layout.ToolchainLike) -> Iterator[Check]:
    machine = platform.machine()
    known = machine in ("x86_64", "aarch64")
    yield Check("architecture", known, True, f"{machine}: the system call filter knows x86_64 and aarch64")
    bwrap = rooms.find_bwrap()
    version = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    yield Check("bubblewrap", bool(version), True, f"{version} ({bwrap})")


def _walls(toolchain: layout.ToolchainLike) -> Iterator[Check]:
    """One program looks around inside, another is looked at from outside."""
    seen = _seen_inside(toolchain)
    for name, (holds, what) in seen.items():
        yield Check(name, holds, True, what)
    uid = _seen_outside(toolchain)
    mine = os.geteuid()
    yield Check("unprivileged", uid not in (0, None) and (mine != 0 or uid != mine), True, f"runs as real uid {uid}")


def _seen_inside(toolchain: layout.ToolchainLike) -> dict[str, tuple[bool, str]]:
    os.environ[_SECRET] = "planted"
    try:
        with Box(files={"look.py": _LOOK.read_bytes()}, toolchain=toolchain, limits=Limits(tmp_mb=4)) as box:
            result = box.run(RunSpec(script="look.py", limits=Limits(processes=8)))
    finally:
        del os.environ[_SECRET]
    if not result.ok:
        raise rooms.SandboxError(f"the probe's program failed: {result.stderr.decode(errors='replace')[-500:]}")
    return {name: (bool(holds), str(what)) for name, (holds, what) in json.loads(result.stdout).items()}


def _seen_outside(toolchain: layout.ToolchainLike) -> int | None:
    """The real uid a program runs under, from the host's /proc, found by a mark in its arguments."""
    mark = f"jinbang-probe-{os.getpid()}"
    found: list[int] = []

    def look() -> None:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _argv(entry)[-1:] == [mark]:
                found.append(entry.stat().st_uid)

    timer = threading.Timer(0.3, look)
    timer.start()
    with Box(files={"main.py": _SLEEP}, toolchain=toolchain) as box:
        box.run(RunSpec((mark,), script="main.py", limits=Limits(wall_s=0.8)))
    timer.join()
    return found[0] if found else None


def _argv(entry: Path) -> list[str]:
    try:
        return (entry / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def _limits(toolchain: layout.ToolchainLike) -> Iterator[Check]:
    """Each limit, by a program that goes over it."""
    for name, program, limits, why in (
        ("wall_limit", _SLEEP, Limits(wall_s=0.2), Kill.TIME),
        ("cpu_limit", _SPIN, Limits(cpu_s=0.2), Kill.CPU),
        ("memory_limit", _EAT, Limits(memory_mb=64, wall_s=5), Kill.MEMORY),
        ("output_limit", _FLOOD, Limits(output_kb=64), Kill.OUTPUT),
    ):
        with Box(files={"main.py": program}, toolchain=toolchain) as box:
            result = box.run(RunSpec(script="main.py", limits=limits))
        ended = str(result.killed) if result.killed else f"status {result.exit_code}"
        yield Check(name, result.killed is why, True, f"a program over it ended by: {ended}")


def _extras(toolchain: layout.ToolchainLike) -> Iterator[Check]:
    """Good to have; judging is safe without."""
    own_ids = os.geteuid() == 0
    yield Check("uid_per_slot", own_ids, False, "" if own_ids else "needs root; all slots share this user's uid")
    group, reason = cgroups.delegated()
    yield Check("cgroup_v2", group is not None, False, reason)
    kernel = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
    yield Check("process_limit", kernel >= (5, 14), False, f"kernel {platform.release()}; since 5.14 counted per box")
    isolate = shutil.which("isolate")
    yield Check("isolate", isolate is not None, False, isolate or "not installed; only the benchmark would use it")
