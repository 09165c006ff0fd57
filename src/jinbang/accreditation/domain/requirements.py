"""What an exam site must have, as data: the numbers that are checked and the rows that are shown."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files as package_files


@dataclass(frozen=True)
class MachineRow:
    """A line of the machines' table in one language; ``minimum`` is empty where one value holds for both."""

    name: str
    recommended: str
    minimum: str


@dataclass(frozen=True)
class SiteRequirements:
    """``accreditation/site_requirements.toml``: seats a room, centimetres between desks, years of recordings, machines
    by language (``zh``, ``en``)."""

    least_seats: int
    least_spacing_cm: int
    camera_keeps_years: int
    machines: Mapping[str, tuple[MachineRow, ...]]


@lru_cache(maxsize=1)
def site_requirements() -> SiteRequirements:
    """The requirements in force."""
    text = (package_files("jinbang.accreditation") / "site_requirements.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    rows = values.pop("machines")
    return SiteRequirements(**values, machines={language: _rows(rows, language) for language in ("zh", "en")})


def _rows(rows: list[dict[str, dict[str, str]]], language: str) -> tuple[MachineRow, ...]:
    return tuple(
        MachineRow(*(row.get(name, {}).get(language, "") for name in ("name", "recommended", "minimum")))
        for row in rows
    )
