"""Sweeps: idempotent passes over the tables that `jinbang worker` makes again and again.

An app declares them in its ``tasks.py``. The queue is only a hint: whatever a lost task would have done, a sweep
finds in the tables and does. A sweep takes the time, returns how much it did, and may be killed at any point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Run = Callable[[datetime], int]


@dataclass(frozen=True)
class Sweep:
    """``run(now)`` is due ``every_s`` seconds after it last ended."""

    name: str
    every_s: float
    run: Run


_sweeps: dict[str, Sweep] = {}


def sweep(every_s: float) -> Callable[[Run], Run]:
    """Declare a function of ``now`` as a sweep (a decorator). Its module must be an app's ``tasks``."""

    def declare(run: Run) -> Run:
        name = f"{run.__module__.removeprefix('jinbang.')}.{run.__name__}"
        _sweeps[name] = Sweep(name, every_s, run)
        return run

    return declare


def sweeps() -> tuple[Sweep, ...]:
    """Every declared sweep, by name."""
    return tuple(_sweeps[name] for name in sorted(_sweeps))
