"""`jinbang judge selftest [--json] [--here]`: does the sandbox hold against programs that try to get out of it?

Every program of judge/hostile is run twice, in a new interpreter and in a warm one; every upload of upload_tricks is
tried. Where this runs as root, all of it is done again as an ordinary user (`--here` leaves that out). Most programs
wait, so several processes try their shares side by side, each with rooms and canaries of its own: what one program
touches is never laid on another. Exit status 0 only if all was contained and this host may judge at all.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from . import upload_tricks
from .sandbox import Box, Limits, Toolchain, probe, rooms
from .sandbox.cases import CASES
from .sandbox.trial import BoxLike, Case, Finding, World, attempt, world

_SOURCE = Path(__file__).parents[2]
_ORDINARY = "nobody"
_SIDE_BY_SIDE = 2
_TRIES = 3
_TRIALS: Sequence[tuple[str, str | None, Case]] = [
    (mode, warm, case) for mode, warm in (("cold", None), ("warm", "")) for case in CASES
]
# As a login would leave him: no privilege, no groups, and no standing with the kernel's out-of-memory killer.
_BECOME = """
import os, pwd, sys
open("/proc/self/oom_score_adj", "w").write("0")
entry = pwd.getpwnam(sys.argv[1])
os.setgroups([])
os.setresgid(*[entry.pw_gid] * 3)
os.setresuid(*[entry.pw_uid] * 3)
os.execv(sys.argv[2], sys.argv[2:])
"""


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="jinbang judge selftest", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--here", action="store_true", help="as the present user only")
    options = parser.parse_args(argv)
    passes = [_pass_here(quiet=options.json)]
    if os.geteuid() == 0 and not options.here:
        passes.append(_pass_as(_ORDINARY))
    report = _report(passes)
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return 0 if report["ok"] else 1


def _pass_here(*, quiet: bool) -> dict[str, Any]:
    toolchain = Toolchain(Path(sys.executable).resolve())
    state = probe(toolchain)
    findings: list[Finding] = []
    if state.ok:
        for finding in _findings(toolchain):
            findings.append(finding)
            if not quiet:
                print(f"{finding.case:24} {finding.mode:7} {finding.why or 'contained'}", flush=True)
    return {
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "uid": os.geteuid(),
        "tried": len(findings),
        "contained": sum(each.contained for each in findings),
        "failures": [vars(each) for each in findings if not each.contained],
        "cases": [f"{each.case}/{each.mode}" for each in findings],
        "probe": state.as_dict(),
        "reason": "; ".join(f"{each.name}: {each.reason}" for each in state.failures),
    }


def _findings(toolchain: Toolchain) -> Iterator[Finding]:
    """Uploads, then programs cold, then warm, in the order of their tables."""
    for name in upload_tricks.TRICKS:
        yield Finding(name, "upload", upload_tricks.contained(name))
    rooms.close_all()  # those of the probe
    code = "import sys; from jinbang.judge import selftest; selftest.try_share(int(sys.argv[1]), sys.argv[2])"
    command = [sys.executable, "-B", "-c", code]
    env = os.environ | {"PYTHONPATH": str(_SOURCE)}
    processes = [
        subprocess.Popen([*command, str(number), str(toolchain.python)], env=env, stdout=subprocess.PIPE, text=True)
        for number in range(_SIDE_BY_SIDE)
    ]
    for number in range(len(_TRIALS)):
        process = processes[number % _SIDE_BY_SIDE]
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"trials ended early, with status {process.wait()}")
        yield Finding(*json.loads(line))
    for process in processes:
        process.communicate()


def try_share(number: int, python: str) -> None:
    """Every `_SIDE_BY_SIDE`th trial from `number` on, in this process: prints [case, mode, why], a line each."""
    toolchain = Toolchain(Path(python))
    with world() as here:
        for trial in _TRIALS[number::_SIDE_BY_SIDE]:
            finding = _tried(*trial, toolchain, here)
            print(json.dumps([finding.case, finding.mode, finding.why]), flush=True)
    rooms.close_all()


def _tried(mode: str, warm: str | None, case: Case, toolchain: Toolchain, here: World) -> Finding:
    """What came of it at last: a trial that the sandbox broke off is made again, as a job would be."""

    def make_box(files: Mapping[str, bytes], limits: Limits) -> AbstractContextManager[BoxLike]:
        return Box(files=files, limits=limits, toolchain=toolchain, warm=warm)

    for _ in range(_TRIES - 1):
        finding = attempt(case, mode, here, make_box, rooms.left_over)
        if not finding.broken:
            return finding
    return attempt(case, mode, here, make_box, rooms.left_over)


def _pass_as(user: str) -> dict[str, Any]:
    """The same in a process of an ordinary user, with an interpreter that he can reach."""
    nothing = {"user": user, "uid": pwd.getpwnam(user).pw_uid, "tried": 0, "contained": 0, "failures": []}
    with _readable_copy() as source:
        python = _python_for(user, source)
        if python is None:
            return nothing | {"reason": f"no Python ≥ 3.11 that {user} can read"}
        done = _run_as(user, python, source)
    if not done.stdout.strip():
        return nothing | {"reason": done.stderr.strip()[-500:]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["passes"][0]
    return answer


@contextmanager
def _readable_copy() -> Iterator[Path]:
    """A folder with the judge in it that every user can read: ours may lie where only root can look."""
    with tempfile.TemporaryDirectory(prefix="jinbang-selftest-", dir="/tmp") as folder:
        source = Path(folder)
        shutil.copytree(_SOURCE / "jinbang" / "judge", source / "jinbang" / "judge")
        shutil.copy(_SOURCE / "jinbang" / "__init__.py", source / "jinbang")
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        yield source


def _run_as(user: str, python: str, source: Path) -> subprocess.CompletedProcess[str]:
    code = "from jinbang.judge.selftest import main; raise SystemExit(main(['--json', '--here']))"
    return subprocess.run(
        [sys.executable, "-c", _BECOME, user, python, "-B", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(source),
        cwd="/tmp",
    )


def _python_for(user: str, source: Path) -> str | None:
    test = "import sys; sys.version_info >= (3, 11) or sys.exit(1); import jinbang.judge.selftest"
    for python in dict.fromkeys((sys.executable, str(Path(sys.executable).resolve()), "/usr/bin/python3")):
        command = [sys.executable, "-c", _BECOME, user, python, "-B", "-c", test]
        done = subprocess.run(command, capture_output=True, check=False, env=_environment(source), cwd="/")
        if done.returncode == 0:
            return python
    return None


def _environment(source: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(source), "PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def _report(passes: list[dict[str, Any]]) -> dict[str, Any]:
    tried, contained = (sum(each[key] for each in passes) for key in ("tried", "contained"))
    ok = tried == contained and all(each["tried"] for each in passes)
    return {"ok": ok, "tried": tried, "contained": contained, "passes": passes}


def _print(report: dict[str, Any]) -> None:
    for each in report["passes"]:
        print(f"{each['user']} (uid {each['uid']}): {each['contained']} of {each['tried']} contained {each['reason']}")
        for failure in each["failures"]:
            print(f"  {failure['case']} ({failure['mode']}): {failure['why']}")


if __name__ == "__main__":
    raise SystemExit(main())
