"""How fast parallel forms come out of a bank of 2,000 items, next to drawing as many items at random."""

from __future__ import annotations

import random
import resource
from collections.abc import Callable

from jinbang.core.assembly import assemble
from jinbang.core.blueprint import BankItem, Blueprint, Quota, Section

ITEMS = 2_000
FORMS = 10
SECTIONS = (("single", 26, 20), ("multiple", 5, 40), ("true_false", 8, 20), ("fill", 4, 30))
AREAS = ("J1", "J2", "J3", "J4")
BARE_ROUNDS = 200


def run(items: int = ITEMS, forms: int = FORMS) -> dict[str, object]:
    """Figures of ``forms`` parallel forms of 43 items, no item twice, every area and two difficulty bands kept.

    Keys: ``forms_per_s`` (by CPU time), ``cpu_ms_per_form``, ``bare_cpu_ms_per_form`` (a random draw of the same
    sections), ``ratio``, ``spread`` of the forms' mean difficulties, ``ok`` if every quota was met.
    """
    bank, plan = _bank(items), _blueprint()
    made = []
    cpu = _cpu_of(lambda: made.append(assemble(bank, plan, forms=forms, seed="bench"))) / forms
    bare = _cpu_of(lambda: [_draw(bank, round_) for round_ in range(BARE_ROUNDS)]) / BARE_ROUNDS
    assembly = made[0]
    return {
        "items": items,
        "forms": len(assembly.forms),
        "forms_per_s": round(1 / cpu, 1),
        "cpu_ms_per_form": round(cpu * 1000, 2),
        "bare_cpu_ms_per_form": round(bare * 1000, 3),
        "ratio": round(cpu / bare, 1),
        "spread": round(assembly.spread, 4),
        "ok": assembly.ok and len({key for form in assembly.forms for key in form.items}) == forms * _length(),
    }


def _length() -> int:
    return sum(count for _name, count, _points in SECTIONS)


def _bank(items: int) -> list[BankItem]:
    rng = random.Random(2022)  # noqa: S311 — a bank made up for the measurement
    weights = [count for _name, count, _points in SECTIONS]
    names = [name for name, _count, _points in SECTIONS]
    return [
        BankItem(
            key=f"B-{number:04d}",
            section=rng.choices(names, weights)[0],
            skill=f"{rng.choice(AREAS)}.{rng.randrange(1, 5)}",
            difficulty=round(rng.uniform(0.3, 0.9), 2),
            exposure=rng.randrange(4),
        )
        for number in range(items)
    ]


def _blueprint() -> Blueprint:
    areas = tuple(Quota(area, 8, 14, skill=area) for area in AREAS)
    bands = (Quota("hard", 6, 14, high=0.45), Quota("easy", 6, 16, low=0.75))
    return Blueprint(
        tuple(Section(name, count, points) for name, count, points in SECTIONS), (*areas, *bands), difficulty=0.6
    )


def _draw(bank: list[BankItem], seed: int) -> list[BankItem]:
    rng = random.Random(seed)  # noqa: S311 — the bare floor
    return [
        item
        for name, count, _points in SECTIONS
        for item in rng.sample([item for item in bank if item.section == name], count)
    ]


def _cpu_of(action: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    action()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
