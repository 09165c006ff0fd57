"""Who sits beside whom in one room: places people so that few of a kind are neighbours.

Neighbours are left/right and front/back. The measure is lexicographic: first as few neighbours of the same
school as possible, then of the same class. The method colours the grid like a chessboard, gives each
colour to whole groups, then swaps pairs while that helps; :func:`unavoidable` proves a lower bound, so
that a report can say what no arrangement could have avoided.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

Cell = tuple[int, int]
Kind = tuple[Hashable, Hashable]

_SCHOOL, _CLASS = 1000, 1
_PASSES = 6


def neighbours(cells: Sequence[Cell]) -> list[list[int]]:
    """For each cell, the indexes of those beside, before and behind it."""
    at = {cell: i for i, cell in enumerate(cells)}
    around = ((0, 1), (0, -1), (1, 0), (-1, 0))
    return [[at[r + dr, c + dc] for dr, dc in around if (r + dr, c + dc) in at] for r, c in cells]


def penalty(a: Kind | None, b: Kind | None) -> int:
    """Cost of ``a`` beside ``b``; an empty seat (``None``) costs nothing."""
    if a is None or b is None or a[0] != b[0]:
        return 0
    return _SCHOOL + (_CLASS if a[1] == b[1] else 0)


def count_adjacent(cells: Sequence[Cell], kinds: Sequence[Kind | None]) -> tuple[int, int]:
    """(pairs of neighbours of one school, pairs of neighbours of one class)."""
    school = same = 0
    for i, near in enumerate(neighbours(cells)):
        for j in near:
            cost = penalty(kinds[i], kinds[j]) if j > i else 0
            school += cost >= _SCHOOL
            same += cost > _SCHOOL
    return school, same


def settle(
    cells: Sequence[Cell], people: Sequence[Kind], fixed: Mapping[int, Kind], rng: random.Random
) -> list[int | None]:
    """Index into ``people`` for every cell, ``None`` for an empty or ``fixed`` one.

    ``fixed`` maps a cell's index to the kind of the person who already sits there and is not moved.
    """
    near = neighbours(cells)
    seated = _by_colour(cells, people, fixed, rng)
    kinds = [fixed.get(i, None if p is None else people[p]) for i, p in enumerate(seated)]
    movable = [i for i in range(len(cells)) if i not in fixed]
    for _ in range(_PASSES):
        if not _improve(near, kinds, seated, movable):
            break
    return seated


def _by_colour(
    cells: Sequence[Cell], people: Sequence[Kind], fixed: Mapping[int, Kind], rng: random.Random
) -> list[int | None]:
    free = [i for i in range(len(cells)) if i not in fixed]
    rng.shuffle(free)
    free.sort(key=lambda i: (cells[i][0] + cells[i][1]) % 2)
    schools, kinds = Counter(k[0] for k in people), Counter(people)
    first = {k: n for n, k in reversed(list(enumerate(people)))}
    order = sorted(
        range(len(people)),
        key=lambda p: (-schools[people[p][0]], str(people[p][0]), -kinds[people[p]], first[people[p]]),
    )
    seated: list[int | None] = [None] * len(cells)
    for cell, person in zip(free, order, strict=False):
        seated[cell] = person
    return seated


def _improve(
    near: Sequence[Sequence[int]], kinds: list[Kind | None], seated: list[int | None], movable: Sequence[int]
) -> bool:
    """One pass over the seats in conflict, each taking its best swap; whether anything got better."""
    better = False
    for i in movable:
        here = sum(penalty(kinds[i], kinds[j]) for j in near[i])
        if not here:
            continue
        best, partner = 0, -1
        for j in movable:
            if kinds[j] != kinds[i]:
                gain = _gain(near, kinds, i, j, here)
                if gain > best:
                    best, partner = gain, j
        if partner >= 0:
            kinds[i], kinds[partner] = kinds[partner], kinds[i]
            seated[i], seated[partner] = seated[partner], seated[i]
            better = True
    return better


def _gain(near: Sequence[Sequence[int]], kinds: Sequence[Kind | None], i: int, j: int, here: int) -> int:
    """How much the cost falls when ``i`` and ``j`` change seats; ``here`` is the present cost at ``i``."""
    a, b = kinds[i], kinds[j]
    between = 2 * penalty(a, b) if j in near[i] else 0
    before = here + sum(penalty(b, kinds[n]) for n in near[j])
    after = sum(penalty(b, kinds[n]) for n in near[i] if n != j)
    after += sum(penalty(a, kinds[n]) for n in near[j] if n != i)
    return before - after - between


def unavoidable(cells: Sequence[Cell], groups: Sequence[Hashable]) -> int:
    """A lower bound on neighbours of one group, whatever the order.

    Two arguments, the better one counts. At most α seats can be pairwise apart (α = seats − maximum
    matching, by König on the chessboard colouring), so a group of k has at least k − α pairs. And leaving
    out n − k of the n seats removes at most the sum of the n − k highest numbers of neighbours.
    """
    if not groups:
        return 0
    degrees = sorted((len(n) for n in neighbours(cells)), reverse=True)
    pairs, apart = sum(degrees) // 2, len(cells) - _matching(cells)
    return sum(max(0, size - apart, pairs - sum(degrees[: len(cells) - size])) for size in Counter(groups).values())


def _matching(cells: Sequence[Cell]) -> int:
    near = neighbours(cells)
    partner: dict[int, int] = {}

    def augment(black: int, seen: set[int]) -> bool:
        for white in near[black]:
            if white in seen:
                continue
            seen.add(white)
            if white not in partner or augment(partner[white], seen):
                partner[white] = black
                return True
        return False

    return sum(augment(i, set()) for i, (r, c) in enumerate(cells) if (r + c) % 2 == 0)
