"""One submission's sandbox."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from . import layout
from .spec import DEFAULT_LIMITS, Companion, Kill, Limits, Mount, RunResult, RunSpec


class Box:
    """Holds a submission's files and runs programs on them; a context manager, used once."""

    def __init__(
        self,
        *,
        files: Mapping[str, bytes],
        limits: Limits = DEFAULT_LIMITS,
        mounts: tuple[Mount, ...] = (),
        toolchain: layout.ToolchainLike,
        companions: tuple[Companion, ...] = (),
        hosts: Mapping[str, str] | None = None,
        warm: str | None = None,
    ) -> None:
        self._files, self._limits, self._mounts, self._toolchain = files, limits, mounts, toolchain
        self._work = Path(tempfile.mkdtemp(prefix="jinbang-box-"))

    def __enter__(self) -> Box:
        for name, data in self._files.items():
            path = self._work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._work)

    def run(self, spec: RunSpec) -> RunResult:
        """Runs one program in the box."""
        python = layout.inside_python(self._toolchain.python)
        argv = spec.argv if spec.script is None else (python, spec.script, *spec.argv)
        mounts = (*layout.toolchain_mounts(self._toolchain), *self._mounts, *spec.mounts)
        env = {"PATH": layout.PATH, "LANG": "C.UTF-8", "HOME": "/work", "PYTHONHASHSEED": "0", **spec.env}
        command = [
            "bwrap",
            "--unshare-all",
            "--die-with-parent",
            *layout.bwrap_root(mounts),
            "--proc",
            "/proc",
        ]
        command += ["--tmpfs", "/tmp", "--bind", str(self._work), "/work", "--chdir", spec.cwd, "--clearenv"]
        for key, value in env.items():
            command += ["--setenv", key, value]
        start = time.monotonic()
        limits = spec.limits
        try:
            done = subprocess.run(
                [*command, *argv],
                input=spec.stdin,
                capture_output=True,
                timeout=limits.wall_s,
                env={},
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return RunResult(
                None, None, Kill.TIME, limits.wall_s, 0, 0, late.stdout or b"", late.stderr or b""
            )
        signal = done.returncode - 128 if done.returncode > 128 else None
        code = None if signal else done.returncode
        return RunResult(code, signal, None, time.monotonic() - start, 0, 0, done.stdout, done.stderr)

    def read_files(self) -> Mapping[str, bytes]:
        """The regular files below /work."""
        found: dict[str, bytes] = {}
        for folder, _, names in os.walk(self._work):
            for name in names:
                path = Path(folder, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    found[str(path.relative_to(self._work))] = path.read_bytes()
        return found
