"""Templates: a server's data folder with the task's seed already loaded, made once and copied for each box."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket as sockets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from jinbang.judge.sandbox.spec import Mount
from jinbang.judge.services.model import ServiceError
from jinbang.judge.toolchains.store import data_dir

NOBODY = 65534
DATA, _TEMPLATE = "/tmp/data", "/srv/template"  # as a companion sees them
Make = Callable[[Path], Mapping[str, str]]


def template(kind: str, identity: Sequence[bytes], make: Make) -> tuple[Path, dict[str, str]]:
    """The template's data folder and its notes, made by `make(folder)` unless it is there.

    `identity` is everything it depends on (server version, seed, schema of the template). Effects: writes under
    `$JINBANG_DATA/services`; a template half made by a killed process is never seen.
    """
    name = hashlib.sha256(b"\0".join(identity)).hexdigest()[:24]
    home = data_dir() / "services" / f"{kind}-{name}"
    if not (home / "meta.json").exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with _alone(home.with_suffix(".lock")):
            if not (home / "meta.json").exists():
                _make(home, make)
    return home / "data", json.loads((home / "meta.json").read_bytes())


def _make(home: Path, make: Make) -> None:
    shutil.rmtree(home, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        with scratch() as folder:
            meta = make(folder / "data")
            shutil.copytree(folder / "data", partial / "data", copy_function=_copy, symlinks=True)
        _readable(partial)
        (partial / "meta.json").write_text(json.dumps(dict(meta)))
        (partial / "meta.json").chmod(0o600)
        partial.rename(home)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copy(source: str, target: str) -> str:
    """Sockets and pid files stay behind; a plain file keeps its bytes, not its owner."""
    if os.path.isfile(source):
        shutil.copyfile(source, target)
    return target


def _readable(folder: Path) -> None:
    """The sandbox copies it as an unprivileged uid."""
    folder.chmod(0o755)
    for place, folders, names in os.walk(folder):
        for name in folders:
            os.chmod(os.path.join(place, name), 0o755)
        for name in names:
            os.chmod(os.path.join(place, name), 0o644)


def from_copy(template: Path, command: Sequence[str]) -> tuple[tuple[str, ...], tuple[Mount, ...]]:
    """A companion's `argv` and mounts that start `command` on a fresh copy of the template at `DATA`.

    That is in the companion's /tmp, which its memory bounds: no program can fill the host's disk through a database.
    """
    script = f'cp -r {_TEMPLATE} {DATA} && exec "$@"'
    return ("/bin/sh", "-c", script, "start", *command), (Mount(template, _TEMPLATE),)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def scratch() -> Iterator[Path]:
    """A private folder that the server account can write in; gone afterwards. Short path: sockets allow 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="jbsvc-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        own(folder)
        yield folder


def own(folder: Path) -> None:
    """Give a folder and what lies in it to the account that servers run as, when we are root."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


def as_server() -> dict[str, object]:
    """Keyword arguments for subprocess: run as nobody when we are root (servers refuse to run as root)."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@contextmanager
def server(argv: Sequence[str], socket: Path, *, timeout_s: float = 30.0) -> Iterator[None]:
    """Run a server outside any sandbox, on a unix socket only, to fill a template; ended by SIGTERM.

    Raises ServiceError with the end of its output when it does not come up.
    """
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(  # type: ignore[call-overload]
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=socket.parent, **as_server()
        )
        try:
            _wait(process, socket, timeout_s, out)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], socket: Path, timeout_s: float, out: object) -> None:
    """Up means that it answers: a server binds its socket's name a moment before it listens there."""
    end = time.monotonic() + timeout_s
    while not _listens(socket):
        if process.poll() is not None or time.monotonic() > end:
            out.seek(0)  # type: ignore[attr-defined]
            tail = out.read()[-2000:].decode(errors="replace")  # type: ignore[attr-defined]
            raise ServiceError(f"{process.args!r} did not come up:\n{tail}")
        time.sleep(0.01)


def _listens(socket: Path) -> bool:
    with sockets.socket(sockets.AF_UNIX) as probe:
        return probe.connect_ex(str(socket)) == 0
