"""Blueprint + item bank → parallel forms, by a repeatable heuristic.

Each form is filled greedily (items that meet the most unmet quotas, least exposed first), repaired by
swaps until no quota and no pair of enemies is violated, then levelled by swaps that bring its mean
difficulty to the target. A few seeded restarts make up for bad luck. Where it fails, the report says
which quota of which form lacks how many. Not an optimiser: for tight banks the caller may use CP-SAT.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jinbang.core.blueprint import BankItem, Blueprint, eligible, shortages
from jinbang.core.problems import Problem

ASSEMBLY_VERSION = "1"
_RESTARTS = 12


@dataclass(frozen=True)
class Form:
    """One form: item keys by section in blueprint order, easy before hard; its mean difficulty."""

    items: tuple[str, ...]
    difficulty: float


@dataclass(frozen=True)
class Assembly:
    """Forms if everything was met, else the reasons. ``spread`` is the range of mean difficulties."""

    forms: tuple[Form, ...]
    problems: tuple[Problem, ...]
    spread: float
    version: str = ASSEMBLY_VERSION

    @property
    def ok(self) -> bool:
        """Whether the blueprint was met."""
        return not self.problems


class _Search:
    """Counts of one form under construction, so that a swap is judged in a few steps."""

    def __init__(self, bank: Sequence[BankItem], blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.bank = bank
        self.quotas = {i.key: [n for n, q in enumerate(blueprint.quotas) if q.matches(i)] for i in bank}
        self.chosen: list[BankItem] = []
        self.counts = [0] * len(blueprint.quotas)

    def change(self, item: BankItem, by: int) -> None:
        for quota in self.quotas[item.key]:
            self.counts[quota] += by

    def need(self, item: BankItem) -> int:
        """Unmet minimums that ``item`` helps, minus maximums that it would break."""
        score = 0
        for n in self.quotas[item.key]:
            quota = self.blueprint.quotas[n]
            score += (self.counts[n] < quota.least) - 2 * (self.counts[n] >= quota.most)
        return score

    def violation(self) -> int:
        """Items missing or too many over all quotas, plus pairs of enemies."""
        over = sum(
            max(0, q.least - c) + max(0, c - q.most) for q, c in zip(self.blueprint.quotas, self.counts, strict=True)
        )
        keys = {i.key for i in self.chosen}
        return over + sum(len(i.enemies & keys) for i in self.chosen)

    def fill(self, free: Sequence[BankItem], rng: random.Random) -> None:
        for section in self.blueprint.sections:
            pool = [(rng.random(), i) for i in free if i.section == section.name]
            for _ in range(section.count):
                keys = {i.key for i in self.chosen}
                best = max(
                    pool, key=lambda p: (not p[1].enemies & keys, self.need(p[1]), -p[1].exposure, p[0]), default=None
                )
                if best is None:
                    return
                pool.remove(best)
                self.chosen.append(best[1])
                self.change(best[1], 1)

    def swap(self, position: int, new: BankItem) -> BankItem:
        old = self.chosen[position]
        self.chosen[position] = new
        self.change(old, -1)
        self.change(new, 1)
        return old

    def repair(self, free: Sequence[BankItem]) -> int:
        """Swaps that lower the violation, until none does; returns what is left."""
        now = self.violation()
        improved = True
        while now and improved:
            improved = False
            for position in range(len(self.chosen)):
                now, better = self._best_swap(position, free, now)
                improved |= better
        return now

    def _best_swap(self, position: int, free: Sequence[BankItem], now: int) -> tuple[int, bool]:
        here = self.chosen[position]
        taken = {i.key for i in self.chosen}
        best, choice = now, None
        for item in free:
            if item.section != here.section or item.key in taken:
                continue
            self.swap(position, item)
            after = self.violation()
            self.swap(position, here)
            if after < best:
                best, choice = after, item
        if choice is not None:
            self.swap(position, choice)
        return best, choice is not None

    def level(self, free: Sequence[BankItem], target: float) -> None:
        """Bring the mean difficulty to ``target`` by swaps that break nothing."""
        wanted = target * len(self.chosen)
        for position in range(len(self.chosen)):
            here = self.chosen[position]
            off = wanted - sum(i.difficulty for i in self.chosen)
            taken = {i.key for i in self.chosen}
            options = [
                i for i in free if i.section == here.section and i.key not in taken and i.exposure <= here.exposure
            ]
            for item in sorted(options, key=lambda i: (abs(off - i.difficulty + here.difficulty), i.key))[:8]:
                if abs(off - item.difficulty + here.difficulty) >= abs(off):
                    break
                self.swap(position, item)
                if self.violation() == 0:
                    break
                self.swap(position, here)

    def form(self) -> Form:
        order = {s.name: n for n, s in enumerate(self.blueprint.sections)}
        items = sorted(self.chosen, key=lambda i: (order[i.section], i.difficulty, i.key))
        return Form(tuple(i.key for i in items), sum(i.difficulty for i in items) / len(items))


def assemble(items: Sequence[BankItem], blueprint: Blueprint, *, forms: int, seed: str) -> Assembly:
    """``forms`` parallel forms, or the exact reasons why there are none. Same input, same forms."""
    if forms < 1:
        raise ValueError("at least one form")
    problems = shortages(items, blueprint, forms)
    if problems:
        return Assembly((), problems, 0.0)
    bank = eligible(items, blueprint)
    best: tuple[int, list[_Search]] | None = None
    for attempt in range(_RESTARTS):
        rng = random.Random(f"{ASSEMBLY_VERSION}:{seed}:{attempt}")  # noqa: S311 - repeatable, not secret
        searches = _attempt(bank, blueprint, forms, rng)
        left = sum(s.violation() for s in searches)
        if best is None or left < best[0]:
            best = (left, searches)
        if not left:
            break
    assert best is not None
    if best[0]:
        return Assembly((), _unmet(best[1]), 0.0)
    done = tuple(s.form() for s in best[1])
    return Assembly(done, (), max(f.difficulty for f in done) - min(f.difficulty for f in done))


def _attempt(bank: Sequence[BankItem], blueprint: Blueprint, forms: int, rng: random.Random) -> list[_Search]:
    target = blueprint.difficulty
    if target is None:
        target = sum(i.difficulty for i in bank) / len(bank)
    used: Counter[str] = Counter()
    searches = []
    for _ in range(forms):
        free = [i for i in bank if used[i.key] < blueprint.most_parallel]
        search = _Search(bank, blueprint)
        search.fill(free, rng)
        if len(search.chosen) == blueprint.count and search.repair(free) == 0:
            search.level(free, target)
        used.update(i.key for i in search.chosen)
        searches.append(search)
    return searches


def _unmet(searches: Sequence[_Search]) -> tuple[Problem, ...]:
    found = []
    for number, search in enumerate(searches, 1):
        for quota, count in zip(search.blueprint.quotas, search.counts, strict=True):
            if not quota.least <= count <= quota.most:
                found.append(
                    Problem.of(
                        "quota_unmet", "第 {form} 卷的“{name}”应有 {least}–{most} 题，兼顾其他配额只得 {count} 题",
                        form=number, name=quota.name, least=quota.least, most=quota.most, count=count,
                    )
                )  # fmt: skip
        keys = {i.key for i in search.chosen}
        for item in search.chosen:
            for enemy in sorted(item.enemies & keys):
                found.append(
                    Problem.of("enemies", "第 {form} 卷无法避开互斥题 {a} 与 {b}", form=number, a=item.key, b=enemy)
                )
    return tuple(found)
