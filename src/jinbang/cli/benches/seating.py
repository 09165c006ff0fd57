"""How fast seats are drawn, and that the draw holds what it promises."""

from __future__ import annotations

import time

from jinbang.core import seating

SIZES = (40, 400, 4000)
_CAPACITY = 38  # a room of 40 with two spare machines


def run() -> dict[str, object]:
    """For 40, 400 and 4,000 candidates: ``candidates_per_s`` and neighbours against the proven least.

    ``ok``: nobody unplaced, no seat twice, no candidate twice, and the same seed drew the same seats again.
    """
    figures: dict[str, object] = {}
    ok = True
    for size in SIZES:
        people, rooms = _people(size), _rooms(-(-size // _CAPACITY))
        started = time.perf_counter()
        drawn = seating.arrange(people, rooms, seating.SeatingRules(seed="2022"))
        seconds = time.perf_counter() - started
        ok = ok and _holds(drawn, size) and drawn == seating.arrange(people, rooms, seating.SeatingRules(seed="2022"))
        figures |= {
            f"candidates_per_s_{size}": round(size / seconds),
            f"rooms_{size}": drawn.metrics.rooms_used,
            f"same_class_neighbours_{size}": drawn.metrics.class_adjacent,
            f"same_class_least_{size}": drawn.metrics.class_unavoidable,
        }
    return {**figures, "candidates_per_s": figures[f"candidates_per_s_{SIZES[-1]}"], "ok": ok}


def _people(count: int) -> list[seating.Candidate]:
    """Schools of 60 with classes of 30, levels in turn."""
    return [
        seating.Candidate(str(n), f"school{n // 60}", f"class{n // 30}", ("elementary", "intermediate")[n % 2])
        for n in range(count)
    ]


def _rooms(count: int) -> list[seating.Room]:
    return [seating.grid(str(number), 5, 8) for number in range(1, count + 1)]


def _holds(drawn: seating.Arrangement, size: int) -> bool:
    seats = {(placed.room, placed.seat) for placed in drawn.placements}
    people = {placed.candidate for placed in drawn.placements}
    return not drawn.unplaced and len(seats) == len(people) == len(drawn.placements) == size
