"""The canonical form of a candidate's answers, whose hash every receipt shows (see docs/exam-protocol.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

FLAG = "flag:"


@dataclass(frozen=True)
class Digest:
    """``count`` answered items and the SHA-256 (hex) of their canonical text."""

    count: int
    sha256: str

    @property
    def code(self) -> str:
        """Eight characters of the hash, for people to compare."""
        return f"{self.sha256[:4]}-{self.sha256[4:8]}".upper()


def digest(answers: Mapping[str, str]) -> Digest:
    """The digest of ``answers`` (item → value); flags and empty values are no answers."""
    lines = [
        f"{item}:{len(value.encode())}:{value}\n"
        for item, value in sorted(answers.items())
        if value and not item.startswith(FLAG)
    ]
    return Digest(len(lines), hashlib.sha256("".join(lines).encode()).hexdigest())
