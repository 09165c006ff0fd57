"""Building a toolchain: an environment of its own, pip with the index the machine is set to, then a digest.

Interrupted builds go on where they were (pip keeps what it has downloaded and installed). Two builders of one
profile wait for each other.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jinbang.judge.toolchains import interpreters, store
from jinbang.judge.toolchains.digest import digest, installed
from jinbang.judge.toolchains.profile import Profile, profile
from jinbang.judge.toolchains.store import Toolchain

Say = Callable[[str], None]
_FOUND = re.compile(r"(?:Collecting|Processing) (?:\S*/)?(\S+)")  # pip's line for each package, from afar or at hand


class BuildError(RuntimeError):
    """The build failed; the text says at which step, why, and where the log is."""


def prepare(name: str, *, say: Say = print) -> Toolchain:
    """Build the profile unless it is built, and give it.

    Effects: writes under `$JINBANG_DATA/toolchains`; may download packages. Raises BuildError, KeyError.
    """
    wanted = profile(name)
    folder = store.home(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        try:
            return store.load(name)
        except store.NotPreparedError:
            return _build(wanted, folder, say)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(wanted: Profile, folder: Path, say: Say) -> Toolchain:
    base = interpreters.find(wanted.python)
    if base is None:
        raise BuildError(
            f"{wanted.name}: no Python {' or '.join(wanted.python)} on this machine; install one, "
            "or name its folder in JINBANG_PYTHONS"
        )
    env = folder / "env"
    log = folder / "build.log"
    say(f"{wanted.name}: Python {base.version} from {base.prefix}")
    _make_env(base, env, log, with_pip=bool(wanted.pins))
    if wanted.pins:
        say(f"{wanted.name}: installing {len(wanted.pins)} pinned packages and what they need")
        _install(wanted, env, folder, log, say)
    python = env / "bin" / "python"
    if wanted.imports:
        _step([python, "-c", "\n".join(f"import {module}" for module in wanted.imports)], log, "trial import")
    return _record(wanted, base, folder, python, say)


def _make_env(base: interpreters.Interpreter, env: Path, log: Path, *, with_pip: bool) -> None:
    python = env / "bin" / "python"
    if python.exists() and python.resolve().is_relative_to(base.prefix):
        return
    shutil.rmtree(env, ignore_errors=True)
    command: list[str | Path] = [base.python, "-m", "venv", env]
    if not with_pip:
        command.append("--without-pip")
    _step(command, log, "making the environment")


def _install(wanted: Profile, env: Path, folder: Path, log: Path, say: Say) -> None:
    """Install, then drop pip itself: no program under examination has a use for it."""
    requirements, constraints = folder / "requirements.txt", folder / "constraints.txt"
    requirements.write_text("\n".join(wanted.pins) + "\n")
    constraints.write_text("\n".join(wanted.constraints) + "\n")
    python = env / "bin" / "python"
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    if not any((env / "lib").glob("python*/site-packages/pip")):
        _step([python, "-m", "ensurepip"], log, "pip")
    _step(
        [*pip, "install", "--prefer-binary", "-r", requirements, "-c", constraints],
        log,
        "installing packages",
        _Progress(wanted, say).heard,
    )
    _step([*pip, "check"], log, "checking that the packages fit together")
    _step([*pip, "uninstall", "-y", "pip"], log, "removing pip")


class _Progress:
    """Tells of each package as pip comes to it, out of how many."""

    def __init__(self, wanted: Profile, say: Say) -> None:
        self._name, self._say = wanted.name, say
        self._all, self._found = len(wanted.pins) + len(wanted.constraints), 0

    def heard(self, line: str) -> None:
        if found := _FOUND.match(line):
            self._found += 1
            self._say(f"{self._name}: {self._found}/{self._all} {found[1]}")
        elif line.startswith("Installing collected packages"):
            self._say(f"{self._name}: putting {self._found} packages in place")


def _record(wanted: Profile, base: interpreters.Interpreter, folder: Path, python: Path, say: Say) -> Toolchain:
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    say(f"{wanted.name}: hashing")
    built = Toolchain(
        profile=wanted.name,
        title=wanted.title,
        digest=digest(base, site),
        version=base.version,
        python=python,
        roots=(folder / "env", base.prefix),
        site=site,
        installed=installed(site),
        warm=wanted.warm,
    )
    store.write(folder, built)
    return built


def _step(command: list[str | Path], log: Path, what: str, heard: Say = lambda _: None) -> None:
    """Run one command with its output in the log; `heard` is given each line as it comes.

    An unprivileged uid must be able to read what it makes.
    """
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONNOUSERSITE": "1"}
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        env.pop(name, None)
    with (
        log.open("ab") as out,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, umask=0o022) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            out.write(line)
            out.flush()
            heard(line.decode(errors="replace").rstrip())
    if process.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise BuildError(f"{what} failed (status {process.returncode}); the end of {log}:\n{tail}")
