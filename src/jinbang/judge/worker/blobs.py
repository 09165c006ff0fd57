"""Blobs on disk under their SHA-256: fetched once, checked each time, the oldest dropped beyond a cap."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

CAP_BYTES = 2 << 30


class Blobs:
    """A folder that several workers may share: whole files are renamed into place."""

    def __init__(self, folder: Path, fetch: Callable[[str], bytes], *, cap_bytes: int = CAP_BYTES) -> None:
        self._folder, self._fetch, self._cap = folder, fetch, cap_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, digest: str) -> bytes:
        """The bytes; raises whatever `fetch` raises when they are neither here nor to be had."""
        path = self._folder / digest[:2] / digest
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        if hashlib.sha256(data).hexdigest() == digest:
            os.utime(path) if path.exists() else None
            return data
        data = self._fetch(digest)
        self._keep(path, data)
        return data

    def _keep(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix="partial-")
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.replace(partial, path)
        self._prune()

    def _prune(self) -> None:
        """Least recently used first; half-written files of killed workers among them."""
        kept = []
        for path in self._folder.glob("*/*"):
            try:
                kept.append((path.stat().st_mtime, path.stat().st_size, path))
            except FileNotFoundError:
                continue
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if total <= self._cap:
                return
            path.unlink(missing_ok=True)
            total -= size
