"""What a form must look like, and what a bank lacks for it.

A quota says how many items of a kind a form holds: by section, skill point (a code such as ``J1`` covers
``J1.2``), difficulty band, or any combination. :func:`shortages` tells before any search, precisely and
per quota, what cannot be met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from jinbang.core.problems import Problem


@dataclass(frozen=True)
class BankItem:
    """An accepted item version. ``difficulty`` 0 (easy) … 1 (hard); ``enemies`` may not share a form with it."""

    key: str
    section: str
    skill: str
    difficulty: float
    exposure: int = 0
    enemies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Section:
    """``count`` items of one kind, ``points`` each (in tenths, so that they stay whole)."""

    name: str
    count: int
    points: int


@dataclass(frozen=True)
class Quota:
    """Between ``least`` and ``most`` items that match; ``low`` belongs to the band, ``high`` does not."""

    name: str
    least: int
    most: int
    section: str = ""
    skill: str = ""
    low: float = 0.0
    high: float = 1.01

    def matches(self, item: BankItem) -> bool:
        """Whether ``item`` counts for this quota."""
        return (
            self.section in ("", item.section)
            and (not self.skill or item.skill == self.skill or item.skill.startswith(self.skill + "."))
            and self.low <= item.difficulty < self.high
        )


@dataclass(frozen=True)
class Blueprint:
    """Sections in order, quotas, and how often an item may have been used before and in parallel forms."""

    sections: tuple[Section, ...]
    quotas: tuple[Quota, ...] = ()
    most_exposure: int = 1_000_000
    most_parallel: int = 1
    difficulty: float | None = None

    def __post_init__(self) -> None:
        names = [s.name for s in self.sections]
        if not names or len(set(names)) != len(names):
            raise ValueError("sections need names of their own")
        if any(s.count < 1 or s.points < 1 for s in self.sections) or self.most_parallel < 1:
            raise ValueError("counts and points are at least 1")
        if any(not 0 <= q.least <= q.most for q in self.quotas):
            raise ValueError("a quota runs from its least to its most")

    @property
    def points(self) -> int:
        """Points of a form, in tenths."""
        return sum(s.count * s.points for s in self.sections)

    @property
    def count(self) -> int:
        """Items of a form."""
        return sum(s.count for s in self.sections)


def eligible(items: Sequence[BankItem], blueprint: Blueprint) -> list[BankItem]:
    """Items of a wanted section that have not been seen too often, in order of key."""
    wanted = {s.name for s in blueprint.sections}
    fresh = (i for i in items if i.section in wanted and i.exposure <= blueprint.most_exposure)
    return sorted(fresh, key=lambda i: i.key)


def shortages(items: Sequence[BankItem], blueprint: Blueprint, forms: int) -> tuple[Problem, ...]:
    """Everything that is impossible by counting alone; empty does not yet promise a solution.

    Codes: ``section_short``, ``quota_short``, ``quotas_exceed_section``, ``quotas_below_section``.
    """
    bank = eligible(items, blueprint)
    found = []
    for section in blueprint.sections:
        have = sum(i.section == section.name for i in bank) * blueprint.most_parallel
        found += _short("section_short", section.name, section.count * forms, have)
    for quota in blueprint.quotas:
        have = sum(quota.matches(i) for i in bank) * blueprint.most_parallel
        found += _short("quota_short", quota.name, quota.least * forms, have)
    for section in blueprint.sections:
        found += _contradictions(section, blueprint, bank)
    return tuple(found)


def _short(code: str, name: str, need: int, have: int) -> list[Problem]:
    if have >= need:
        return []
    return [
        Problem.of(
            code,
            "“{name}”需要 {need} 题，题库可用 {have} 题，缺 {lack} 题",
            name=name,
            need=need,
            have=have,
            lack=need - have,
        )
    ]


def _contradictions(section: Section, blueprint: Blueprint, bank: Sequence[BankItem]) -> list[Problem]:
    """Quotas of one section that together ask for more than it holds, or allow less."""
    inside = [i for i in bank if i.section == section.name]
    quotas = [q for q in blueprint.quotas if q.section == section.name]
    reach = {q: {i.key for i in inside if q.matches(i)} for q in quotas}
    if any(reach[a] & reach[b] for a, b in combinations(quotas, 2)):
        return []
    least, most = sum(q.least for q in quotas), sum(q.most for q in quotas)
    if least > section.count:
        return [
            Problem.of(
                "quotas_exceed_section", "“{name}”各配额下限合计 {least} 题，超过本大题的 {count} 题",
                name=section.name, least=least, count=section.count,
            )
        ]  # fmt: skip
    outside = len(inside) - sum(map(len, reach.values()))
    if quotas and outside == 0 and most < section.count:
        return [
            Problem.of(
                "quotas_below_section", "“{name}”各配额上限合计 {most} 题，不足本大题的 {count} 题",
                name=section.name, most=most, count=section.count,
            )
        ]  # fmt: skip
    return []
