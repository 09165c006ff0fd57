"""What a program can see: the bubblewrap arguments for a read-only root, built up from nothing.

The system's own folders are shown as they are (they hold no secret), the toolchain at `/toolchain`, its base
interpreter where the venv's symlink expects it. Everything else of the host is simply not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from .spec import Mount

TOOLCHAIN = "/toolchain"
PATH = f"{TOOLCHAIN}/bin:/usr/local/bin:/usr/bin:/bin"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "ssl/certs",
    "ssl/openssl.cnf",
    "pki/tls/certs",
    "pki/ca-trust/extracted",
    "fonts",
    "alternatives",
    "mime.types",
)
# Read by Debian's launcher: what a browser needs in a box, so that programs need not know that they are in one.
_BROWSER_FLAGS = """\
CHROMIUM_FLAGS="$CHROMIUM_FLAGS --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
CHROMIUM_FLAGS="$CHROMIUM_FLAGS --disable-background-networking --disable-component-update --disable-sync"
"""
TOPS = ("/run", "/srv", "/mnt", "/data", "/var")  # inside/boxed.py has the same: there a box may add mounts
_RESERVED = ("/work", "/tmp", "/proc", "/dev", "/etc", "/sys", "/run", "/.jinbang")


class ToolchainLike(Protocol):
    """An interpreter (in a venv or not) and further folders it needs, each shown under its own path."""

    @property
    def python(self) -> Path: ...
    @property
    def roots(self) -> tuple[Path, ...]: ...


@dataclass(frozen=True)
class Toolchain:
    """The simplest toolchain: just an interpreter."""

    python: Path
    roots: tuple[Path, ...] = ()


def inside_python(python: Path) -> str:
    """Where the toolchain's interpreter is found inside the sandbox."""
    venv = _venv(python)
    if venv is None:
        return str(python.resolve())
    return f"{TOOLCHAIN}/{python.absolute().relative_to(venv)}"


def toolchain_mounts(toolchain: ToolchainLike) -> tuple[Mount, ...]:
    """The venv at `/toolchain`, its base interpreter and the further roots at their own paths.

    Raises ValueError for a base interpreter in a place that the sandbox keeps for itself.
    """
    venv = _venv(toolchain.python)
    mounts = [] if venv is None else [Mount(venv, TOOLCHAIN)]
    base = toolchain.python.resolve().parent.parent
    for root in dict.fromkeys((base, *toolchain.roots)):
        if (venv and root.is_relative_to(venv)) or _is_system(root):
            continue
        if any(root == Path(place) or root.is_relative_to(place) for place in _RESERVED):
            raise ValueError(f"{root}: the sandbox keeps this place for itself; move the interpreter")
        mounts.append(Mount(root, str(root)))
    return tuple(mounts)


def bwrap_root(mounts: Iterable[Mount]) -> Iterator[Any]:
    """Arguments that build the root: system folders, a bare /etc, /dev, then `mounts`."""
    for folder in _SYSTEM:
        if os.path.islink(folder):
            yield from ("--symlink", os.readlink(folder), folder)
        elif os.path.isdir(folder):
            yield from ("--ro-bind", folder, folder)
    yield from ("--perms", "0755", "--dir", "/etc")
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    yield from ("--perms", "0755", "--dir", "/etc/chromium.d", "--perms", "0644", "--file", {"data": _BROWSER_FLAGS})
    yield "/etc/chromium.d/jinbang"
    yield from ("--perms", "0755", "--dir", "/etc/opt")
    for browser in ("/etc/chromium", "/etc/opt/chrome"):  # a box may mount policies there, but not below /etc
        yield from ("--perms", "0755", "--dir", browser, "--perms", "0755", "--dir", f"{browser}/policies")
        yield from ("--symlink", "/run/jinbang/policies", f"{browser}/policies/managed")
    yield from ("--dev", "/dev")
    yield from bwrap_mounts(mounts)


def bwrap_mounts(mounts: Iterable[Mount]) -> Iterator[Any]:
    """Arguments for `mounts` alone, in their order; folders above them are made open to every uid."""
    for mount in mounts:
        yield from bwrap_folders(mount.target)
        yield from ("--bind" if mount.writable else "--ro-bind", {"source": str(mount.source)}, mount.target)


def bwrap_folders(target: str) -> Iterator[str]:
    """Arguments that make the folders above `target`; bubblewrap alone would close them to other uids."""
    for folder in reversed(PurePosixPath(target).parents[:-1]):
        if not _is_system(Path(folder)):
            yield from ("--perms", "0755", "--dir", str(folder))


def _venv(python: Path) -> Path | None:
    folder = python.absolute().parent.parent
    return folder if (folder / "pyvenv.cfg").is_file() else None


def _is_system(folder: Path) -> bool:
    return any(folder.is_relative_to(place) for place in _SYSTEM)
