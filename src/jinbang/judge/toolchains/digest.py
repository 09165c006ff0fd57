"""The digest of a toolchain: over contents only, so the same wheels elsewhere give the same digest."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distributions
from pathlib import Path

from jinbang.judge.toolchains.interpreters import Interpreter

# Depend on where and how it was installed, not on what: byte code, paths in scripts, pip's own notes.
_SKIP_FILES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
_SKIP_FOLDERS = frozenset({"__pycache__", "site-packages", "test", "tests", "idlelib", "ensurepip"})


def installed(site: Path) -> tuple[str, ...]:
    """`name version` of every distribution in the folder, sorted by name."""
    found = {(dist.metadata["Name"], dist.version) for dist in distributions(path=[str(site)])}
    return tuple(f"{name} {version}" for name, version in sorted(found, key=lambda item: item[0].lower()))


def digest(base: Interpreter, site: Path) -> str:
    """SHA-256 (hex) over interpreter version, machine, standard library and every installed file."""
    total = hashlib.sha256()
    total.update(f"{base.implementation} {base.version} {platform.machine()}\n".encode())
    library = base.prefix / "lib" / f"python{base.minor[0]}.{base.minor[1]}"
    for label, root, skip in (("lib", library, _SKIP_FOLDERS), ("site", site, frozenset({"__pycache__"}))):
        for line in _lines(root, skip):
            total.update(f"{label} {line}\n".encode())
    return total.hexdigest()


def _lines(root: Path, skip: frozenset[str]) -> Iterator[str]:
    paths = sorted(_files(root, skip))
    with ThreadPoolExecutor(2) as pool:
        for path, hexdigest in zip(paths, pool.map(_hash, paths), strict=True):
            yield f"{path.relative_to(root).as_posix()} {hexdigest}"


def _files(root: Path, skip: frozenset[str]) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in skip and not name.startswith("config-")]
        for name in names:
            if name not in _SKIP_FILES and not name.endswith((".pyc", ".a")) and "sysconfigdata" not in name:
                yield Path(folder) / name


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
