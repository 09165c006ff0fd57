"""The archive of ``jinbang backup``: a tar whose manifest carries the hash of everything in it.

``manifest.json`` is the last member: an archive that was cut short has none and is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024


class ArchiveError(Exception):
    """An archive that cannot be trusted, or a target that must not be touched; the text says why."""


def sha256_of(file: IO[bytes]) -> str:
    """SHA-256 (hex) of what ``file`` holds from here on."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


class Writer:
    """Adds files one by one and ends with the manifest."""

    def __init__(self, target: Path) -> None:
        self._tar = tarfile.open(target, "w")  # noqa: SIM115 - closed by finish
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> None:
        """Put ``path`` in as ``name``."""
        with path.open("rb") as file:
            digest = sha256_of(file)
            file.seek(0)
            member = tarfile.TarInfo(name)
            member.size, member.mode = path.stat().st_size, 0o600
            self._tar.addfile(member, file)
        self.files[name] = {"sha256": digest, "size": member.size}

    def add_tree(self, name: str, folder: Path) -> None:
        """Put every regular file below ``folder`` in, names relative to it."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.add(f"{name}/{path.relative_to(folder).as_posix()}", path)

    def finish(self, about: dict[str, Any]) -> None:
        """Write the manifest and close."""
        text = json.dumps({"format": FORMAT, **about, "files": self.files}, ensure_ascii=False, indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(text), 0o600
        self._tar.addfile(member, io.BytesIO(text))
        self._tar.close()


def unpack(archive: Path, target: Path) -> dict[str, Any]:
    """Unpack into the empty directory ``target`` and return the manifest, every hash checked.

    Raises :class:`ArchiveError` if anything is missing, surplus, altered, or would land outside ``target``.
    """
    try:
        with tarfile.open(archive, "r:") as tar:
            seen = dict(_extract(tar, target))
    except (tarfile.TarError, EOFError) as fault:
        raise ArchiveError(f"{archive} is not a whole archive: {fault}") from fault
    if MANIFEST not in seen:
        raise ArchiveError(f"{archive} has no manifest: it was cut short")
    manifest: dict[str, Any] = json.loads((target / MANIFEST).read_text())
    if manifest.get("format") != FORMAT:
        raise ArchiveError(f"format {manifest.get('format')!r} is not known; use the version that made the archive")
    expected = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    found = {name: digest for name, digest in seen.items() if name != MANIFEST}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise ArchiveError(f"{len(wrong)} files are missing or altered, the first is {wrong[0]}")
    return manifest


def _extract(tar: tarfile.TarFile, target: Path) -> Iterator[tuple[str, str]]:
    for member in tar:
        place = (target / member.name).resolve()
        if not member.isreg() or not place.is_relative_to(target.resolve()):
            raise ArchiveError(f"{member.name}: not a plain file inside the archive")
        source = tar.extractfile(member)
        assert source is not None
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        with place.open("wb") as file:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
        place.chmod(0o600)
        yield member.name, digest.hexdigest()
