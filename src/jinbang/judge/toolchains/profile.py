"""Profiles: what a toolchain is to hold, as data."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Profile:
    """One `*.toml`: pins to install on the first interpreter found of those it names.

    `python` holds "3.7" (that minor version), ">=3.13", or "running" (the judge's own). `pins` are what the
    profile promises, `constraints` hold what these bring along to versions that work together. `imports` must
    succeed before the toolchain counts as built; `warm` may be imported ahead by a zygote.
    """

    name: str
    title: str
    source: str
    python: tuple[str, ...]
    pins: tuple[str, ...]
    constraints: tuple[str, ...]
    imports: tuple[str, ...]
    warm: tuple[str, ...]
    text: bytes

    @property
    def key(self) -> str:
        """Changes with the profile's text, so an edited profile is built beside the old one."""
        return hashlib.sha256(self.text).hexdigest()[:12]


def profiles() -> tuple[str, ...]:
    """Names of all profiles, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def profile(name: str) -> Profile:
    """The profile of that name; raises KeyError with the names there are."""
    path = FOLDER / f"{name}.toml"
    if name not in profiles():
        raise KeyError(f"no toolchain profile {name!r}; there are: {', '.join(profiles())}")
    text = path.read_bytes()
    data = tomllib.loads(text.decode())
    lists = {key: tuple(data.get(key, ())) for key in ("python", "pins", "constraints", "imports", "warm")}
    return Profile(name=name, title=data["title"], source=data["source"], text=text, **lists)
