"""Finding an interpreter of a wanted version on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ASK = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.base_prefix, sys.implementation.name, sep='\\n')"


@dataclass(frozen=True)
class Interpreter:
    """A Python that answered: `prefix` is the folder that must be visible for it to run."""

    python: Path
    version: str
    prefix: Path
    implementation: str

    @property
    def minor(self) -> tuple[int, int]:
        """(3, 11) of "3.11.7"."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


def find(wanted: tuple[str, ...]) -> Interpreter | None:
    """The first interpreter that satisfies the earliest possible entry of `wanted` (see Profile.python)."""
    for want in wanted:
        for python in _candidates(want):
            found = _ask(python)
            if found is not None and _satisfies(found, want):
                return found
    return None


def _satisfies(found: Interpreter, want: str) -> bool:
    if want == "running":
        return True
    least = want.removeprefix(">=")
    major, minor = (int(part) for part in least.split("."))
    return found.minor >= (major, minor) if want.startswith(">=") else found.minor == (major, minor)


def _candidates(want: str) -> Iterator[Path]:
    running = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    yield running if running.exists() else Path(sys.executable)
    if want == "running":
        return
    minors = [want] if not want.startswith(">=") else [f"3.{n}" for n in range(int(want.split(".")[1]), 20)]
    for minor in minors:
        yield from _named(minor)


def _named(minor: str) -> Iterator[Path]:
    """`$JINBANG_PYTHONS` (folders or interpreters, ':' between), PATH, then where pyenv and uv put theirs."""
    for entry in filter(None, os.environ.get("JINBANG_PYTHONS", "").split(":")):
        path = Path(entry)
        yield path if path.is_file() else path / "bin" / f"python{minor}"
    on_path = shutil.which(f"python{minor}")
    if on_path:
        yield Path(on_path)
    home = Path(os.environ.get("HOME", "/nonexistent"))
    for folder, pattern in (
        (home / ".pyenv" / "versions", f"{minor}.*"),
        (home / ".local" / "share" / "uv" / "python", f"cpython-{minor}.*"),
        (Path("/opt"), f"python*{minor}*"),
    ):
        for prefix in sorted(folder.glob(pattern), reverse=True) if folder.is_dir() else ():
            yield prefix / "bin" / f"python{minor}"


def _ask(python: Path) -> Interpreter | None:
    if not python.exists():
        return None
    try:
        done = subprocess.run([python, "-I", "-c", _ASK], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None  # a shim that points nowhere is no interpreter
    version, prefix, implementation = done.stdout.split("\n")[:3]
    return Interpreter(python, version, Path(prefix), implementation)
