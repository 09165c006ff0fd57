"""The computer's draw: candidates × rooms and seats → arrangement.

Serpentine (S形) order, spare machines left free, every other seat where machines stand closer than a
metre, the same school and the same class kept apart, special needs first. The draw depends on the seed
and the *set* of candidates and rooms, not on the order they come in, so it can be repeated and checked years later.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from jinbang.core import adjacency
from jinbang.core.problems import Problem

#: Raised whenever the same input would give another arrangement.
SEATING_VERSION = "1"


@dataclass(frozen=True)
class Seat:
    """A machine. ``row`` counts from the front, ``column`` from the left, both from 1."""

    label: str
    row: int
    column: int
    usable: bool = True


@dataclass(frozen=True)
class Room:
    """A room; ``spacing_cm`` is the distance between neighbouring seats, ``accessible`` without steps."""

    key: str
    seats: tuple[Seat, ...]
    spacing_cm: int = 100
    accessible: bool = False


@dataclass(frozen=True)
class Candidate:
    """Who is to be seated. ``room``/``seat`` fix the place of a special need; ``accessible`` asks for such a room."""

    key: str
    school: str
    group: str = ""
    level: str = ""
    room: str = ""
    seat: str = ""
    accessible: bool = False


@dataclass(frozen=True)
class SeatingRules:
    """Data of the plan. ``spare_percent`` of the seats of a room stay free, rounded up."""

    seed: str
    spare_percent: int = 5
    least_spacing_cm: int = 100
    one_level_per_room: bool = False


@dataclass(frozen=True)
class Placement:
    """One candidate's seat; ``order`` is the place in the room's serpentine order, from 1."""

    candidate: str
    room: str
    seat: str
    order: int


@dataclass(frozen=True)
class SeatingMetrics:
    """Counts over all rooms. ``*_unavoidable`` are proven lower bounds for the people drawn into each room."""

    candidates: int
    placed: int
    rooms_used: int
    capacity: int
    spare: int
    school_adjacent: int
    school_unavoidable: int
    class_adjacent: int
    class_unavoidable: int


@dataclass(frozen=True)
class Arrangement:
    """The draw: placements by room and serpentine order, who found no seat, figures, reasons, digest."""

    placements: tuple[Placement, ...]
    unplaced: tuple[str, ...]
    metrics: SeatingMetrics
    explanation: tuple[Problem, ...]
    input_digest: str
    version: str = SEATING_VERSION


def grid(key: str, rows: int, columns: int, *, spacing_cm: int = 100, accessible: bool = False) -> Room:
    """A full room whose seats are labelled 1… in serpentine order."""
    cells = [Seat("", r, c) for r in range(1, rows + 1) for c in range(1, columns + 1)]
    ordered = serpentine(cells)
    seats = tuple(Seat(str(n), s.row, s.column) for n, s in enumerate(ordered, 1))
    return Room(key, seats, spacing_cm, accessible)


def serpentine(seats: Iterable[Seat]) -> list[Seat]:
    """S order: first column front to back, next column back to front, and so on."""
    by_column: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        by_column[seat.column].append(seat)
    ordered: list[Seat] = []
    for turn, column in enumerate(sorted(by_column)):
        ordered += sorted(by_column[column], key=lambda s: s.row, reverse=bool(turn % 2))
    return ordered


def usable_seats(room: Room, rules: SeatingRules) -> list[Seat]:
    """Seats that may be used, in serpentine order; in a tight room only every other one (chessboard)."""
    tight = room.spacing_cm < rules.least_spacing_cm
    return [s for s in serpentine(room.seats) if s.usable and not (tight and (s.row + s.column) % 2)]


def spare_count(seats: int, rules: SeatingRules) -> int:
    """Machines to leave free among ``seats``, rounded up."""
    return -(-seats * rules.spare_percent // 100)


def capacity(room: Room, rules: SeatingRules) -> int:
    """How many candidates the room takes."""
    seats = len(usable_seats(room, rules))
    return seats - spare_count(seats, rules)


class _Draw:
    """The working state of one draw; lives only inside :func:`arrange`."""

    def __init__(self, candidates: Sequence[Candidate], rooms: Sequence[Room], rules: SeatingRules) -> None:
        self.rules = rules
        self.rooms = {r.key: r for r in sorted(rooms, key=lambda r: _natural(r.key))}
        self.people = sorted(candidates, key=lambda c: c.key)
        self.fixed: dict[str, dict[str, Candidate]] = defaultdict(dict)
        self.drawn: dict[str, list[Candidate]] = defaultdict(list)
        self.left: dict[str, int] = {}
        self.unplaced: list[str] = []
        self.notes: list[Problem] = []
        self.rng = random.Random(f"{SEATING_VERSION}:{rules.seed}")  # noqa: S311 - a public draw, repeatable

    def fix_seats(self) -> list[Candidate]:
        """Seat those with a fixed seat; returns the others in random order."""
        rest = []
        for person in self.people:
            if not person.seat:
                rest.append(person)
            elif self._is_free(person.room, person.seat):
                self.fixed[person.room][person.seat] = person
            else:
                self._leave(person, "fixed_seat_taken", "{key} 指定的座位 {room}/{seat} 不存在、不可用或已占用")
        for key, room in self.rooms.items():
            self.left[key] = max(0, capacity(room, self.rules) - len(self.fixed[key]))
        self.rng.shuffle(rest)
        return rest

    def _is_free(self, room: str, seat: str) -> bool:
        known = room in self.rooms and any(s.label == seat and s.usable for s in self.rooms[room].seats)
        return known and seat not in self.fixed[room]

    def fix_rooms(self, people: Sequence[Candidate]) -> list[Candidate]:
        """Put those bound to a room, or to an accessible one, there; returns the others."""
        rest = []
        for person in people:
            if not (person.room or person.accessible):
                rest.append(person)
                continue
            open_rooms = [
                k for k, r in self.rooms.items()
                if self.left[k] and person.room in ("", k) and (r.accessible or not person.accessible)
            ]  # fmt: skip
            if open_rooms:
                self._put(person, open_rooms[0])
            else:
                self._leave(person, "no_special_room", "{key} 需要指定或无障碍考场，但已无空位")
        return rest

    def _put(self, person: Candidate, room: str) -> None:
        self.drawn[room].append(person)
        self.left[room] -= 1

    def _leave(self, person: Candidate, code: str, message: str) -> None:
        self.unplaced.append(person.key)
        self.notes.append(Problem.of(code, message, key=person.key, room=person.room, seat=person.seat))

    def levels_in(self, room: str) -> set[str]:
        return {p.level for p in (*self.fixed[room].values(), *self.drawn[room])}

    def deal(self, people: Sequence[Candidate]) -> None:
        """Fill the rooms: all together, or level by level, each level into rooms of its own."""
        if not self.rules.one_level_per_room:
            self._deal_into(people, [k for k, n in self.left.items() if n])
            return
        by_level: dict[str, list[Candidate]] = defaultdict(list)
        for person in people:
            by_level[person.level].append(person)
        for level in sorted(by_level, key=lambda v: (-len(by_level[v]), v)):
            self._deal_into(by_level[level], self._rooms_for(level, len(by_level[level])))

    def _rooms_for(self, level: str, wanted: int) -> list[str]:
        """Rooms for one level: those it already has, then big ones, the last the smallest that suffices."""
        chosen = [k for k, n in self.left.items() if n and self.levels_in(k) == {level}]
        empty = [k for k, n in self.left.items() if n and not self.levels_in(k)]
        missing = wanted - sum(self.left[k] for k in chosen)
        while missing > 0 and empty:
            enough = [k for k in empty if self.left[k] >= missing]
            pick = min(enough, key=self.left.__getitem__) if enough else max(empty, key=self.left.__getitem__)
            empty.remove(pick)
            chosen.append(pick)
            missing -= self.left[pick]
        return chosen

    def _deal_into(self, people: Sequence[Candidate], rooms: Sequence[str]) -> None:
        """Spread every school and class evenly over just as many rooms as are needed."""
        places: list[tuple[float, int]] = []
        for index, room in enumerate(rooms):
            share = min(self.left[room], len(people) - len(places))
            places += [((n + 0.5) / share, index) for n in range(share)]
        seated, over = people[: len(places)], people[len(places) :]
        rank = _random_rank(seated, self.rng)
        grouped = sorted(seated, key=lambda p: (rank[p.school, ""], rank[p.school, p.group]))
        for person, (_, index) in zip(grouped, sorted(places), strict=True):
            self._put(person, rooms[index])
        for person in over:
            self.unplaced.append(person.key)
        if over:
            self.notes.append(
                Problem.of(
                    "seats_missing", "考位不足：{level}还差 {count} 个，请增设考场或调整场次",
                    level=over[0].level if self.rules.one_level_per_room else "", count=len(over),
                )
            )  # fmt: skip

    def seat_room(self, key: str) -> tuple[list[Placement], Counter[str]]:
        """Seats of one room, with the counts of neighbours for the metrics."""
        room, fixed = self.rooms[key], self.fixed[key]
        order = {s.label: n for n, s in enumerate(serpentine(room.seats), 1)}
        free = [s for s in usable_seats(room, self.rules) if s.label not in fixed]
        keep = min(spare_count(len(usable_seats(room, self.rules)), self.rules), len(free) - len(self.drawn[key]))
        free = free[: len(free) - keep]
        seats = [*free, *(s for s in room.seats if s.label in fixed)]
        cells = [(s.row, s.column) for s in seats]
        pinned = {i: _kind(fixed[s.label]) for i, s in enumerate(seats) if s.label in fixed}
        drawn = self.drawn[key]
        chosen = adjacency.settle(cells, [_kind(p) for p in drawn], pinned, self.rng)
        people = [fixed.get(s.label, None if p is None else drawn[p]) for s, p in zip(seats, chosen, strict=True)]
        placements = [
            Placement(p.key, key, s.label, order[s.label]) for s, p in zip(seats, people, strict=True) if p is not None
        ]
        return sorted(placements, key=lambda p: p.order), _neighbour_counts(cells, people)


def _kind(person: Candidate) -> adjacency.Kind:
    return person.school, person.group


def _random_rank(people: Iterable[Candidate], rng: random.Random) -> dict[tuple[str, str], float]:
    names = sorted({(p.school, "") for p in people} | {(p.school, p.group) for p in people})
    return {name: rng.random() for name in names}


def _neighbour_counts(cells: Sequence[adjacency.Cell], people: Sequence[Candidate | None]) -> Counter[str]:
    kinds = [None if p is None else _kind(p) for p in people]
    school, same = adjacency.count_adjacent(cells, kinds)
    schools: list[Hashable] = [k[0] for k in kinds if k is not None]
    groups: list[Hashable] = [k for k in kinds if k is not None]
    return Counter(
        school_adjacent=school,
        school_unavoidable=adjacency.unavoidable(cells, schools),
        class_adjacent=same,
        class_unavoidable=adjacency.unavoidable(cells, groups),
    )


def arrange(candidates: Sequence[Candidate], rooms: Sequence[Room], rules: SeatingRules) -> Arrangement:
    """Draw the seats. Nobody sits twice, no seat is given twice; who has no seat is in ``unplaced``.

    ``ValueError`` for a key that occurs twice.
    """
    _refuse_doubles("candidate", [c.key for c in candidates])
    _refuse_doubles("room", [r.key for r in rooms])
    draw = _Draw(candidates, rooms, rules)
    draw.deal(draw.fix_rooms(draw.fix_seats()))
    placements: list[Placement] = []
    counts: Counter[str] = Counter()
    for key in draw.rooms:
        if draw.fixed[key] or draw.drawn[key]:
            seated, found = draw.seat_room(key)
            placements += seated
            counts += found
    metrics = _metrics(draw, placements, counts)
    return Arrangement(
        tuple(placements), tuple(sorted(draw.unplaced)), metrics, (*draw.notes, *_explain(metrics)),
        digest(candidates, rooms, rules),
    )  # fmt: skip


def _refuse_doubles(what: str, keys: Sequence[str]) -> None:
    double = [k for k, n in Counter(keys).items() if n > 1]
    if double:
        raise ValueError(f"{what} keys occur twice: {double[:3]}")


def _metrics(draw: _Draw, placements: Sequence[Placement], counts: Mapping[str, int]) -> SeatingMetrics:
    used = {p.room for p in placements}
    return SeatingMetrics(
        candidates=len(draw.people),
        placed=len(placements),
        rooms_used=len(used),
        capacity=sum(capacity(r, draw.rules) for r in draw.rooms.values()),
        spare=sum(len(usable_seats(draw.rooms[k], draw.rules)) for k in used) - len(placements),
        school_adjacent=counts.get("school_adjacent", 0),
        school_unavoidable=counts.get("school_unavoidable", 0),
        class_adjacent=counts.get("class_adjacent", 0),
        class_unavoidable=counts.get("class_unavoidable", 0),
    )


def _explain(m: SeatingMetrics) -> tuple[Problem, ...]:
    notes = [
        Problem.of(
            "drawn", "{placed}/{candidates} 名考生编入 {rooms} 个考场，S 形编排，留备用机 {spare} 台",
            placed=m.placed, candidates=m.candidates, rooms=m.rooms_used, spare=m.spare,
        )
    ]  # fmt: skip
    for word, code, adjacent, least in (
        ("同校", "school_adjacent", m.school_adjacent, m.school_unavoidable),
        ("同班", "class_adjacent", m.class_adjacent, m.class_unavoidable),
    ):
        if adjacent:
            notes.append(
                Problem.of(
                    code, "{word}相邻 {adjacent} 处，其中至少 {least} 处因人数所限无法避免",
                    word=word, adjacent=adjacent, least=least,
                )
            )  # fmt: skip
    return tuple(notes)


def digest(candidates: Sequence[Candidate], rooms: Sequence[Room], rules: SeatingRules) -> str:
    """SHA-256 of everything that decides the draw, independent of the order of the input."""
    parts = {
        "version": SEATING_VERSION,
        "rules": asdict(rules),
        "rooms": sorted((asdict(r) for r in rooms), key=lambda r: str(r["key"])),
        "candidates": sorted((asdict(c) for c in candidates), key=lambda c: str(c["key"])),
    }
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _natural(key: str) -> tuple[int, str]:
    digits = "".join(c for c in key if c.isdecimal())
    return (int(digits) if digits else 0), key
