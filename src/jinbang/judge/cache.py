"""Verdicts kept by what made them, so that the same question is not judged twice."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jinbang.judge.verdict import JUDGE_VERSION, Verdict, canonical_json, from_json


@dataclass(frozen=True)
class CacheKey:
    """What a verdict is a function of. `scope` tells a full judgement from one on the visible tests only."""

    task_digest: str
    toolchain_digest: str
    submission_digest: str
    scope: str = "all"
    judge_version: str = JUDGE_VERSION

    @property
    def name(self) -> str:
        """The key as a file name."""
        parts = (self.task_digest, self.toolchain_digest, self.submission_digest, self.scope, self.judge_version)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class VerdictCache:
    """A folder of canonical verdicts; safe for several processes at once (whole files, renamed into place)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: CacheKey) -> Verdict | None:
        """The verdict, or None. A damaged entry counts as none."""
        try:
            return from_json(self._path(key).read_bytes())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: CacheKey, verdict: Verdict) -> None:
        """Keep a verdict that is a mark; the judge's own failures are not kept."""
        if not verdict.outcome.is_a_mark:
            return
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(canonical_json(verdict))
        os.replace(partial, path)

    def _path(self, key: CacheKey) -> Path:
        return self._folder / key.name[:2] / f"{key.name}.json"
