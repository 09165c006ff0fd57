"""A rehearsal: simulated candidates sit a paper while things go wrong; then acknowledged is compared with stored.

It runs in an installation of its own on the machine and the software of the day, so that it may kill, fill and stop
what it likes.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinbang.delivery.drill.candidate import Candidate, RefusedByServer, choose_at_random
from jinbang.delivery.drill.elsewhere import Elsewhere, books_over_http
from jinbang.delivery.drill.faults import FAULTS, Scene
from jinbang.delivery.drill.http import NoReply
from jinbang.delivery.drill.installation import Installation, Ticket
from jinbang.delivery.drill.proxy import Line

ROOM = 40
READ_WITHIN_S = 8
RECOVER_WITHIN_S = 60.0
Report = dict[str, Any]


@dataclass
class Plan:
    """``answers_s`` is the mean think time between two answers; ``lasting_s`` how long a fault lasts; ``calm_s`` is the
    time before the first and after each."""

    faults: Sequence[str]
    lasting_s: float = 4.0
    calm_s: float = 3.0
    answers_s: float = 2.0
    seed: int = 20220521
    give_up_s: float = 120.0


@dataclass
class Rehearsal:
    """One run. ``tickets`` name who sits; ``installation`` may be a server elsewhere."""

    installation: Installation | Elsewhere
    tickets: Sequence[Ticket]
    plan: Plan
    candidates: list[Candidate] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    books: Report = field(default_factory=dict)

    async def run(self) -> Report:
        """Play it and return what happened on the candidates' side."""
        rng = random.Random(self.plan.seed)
        host, port = self.installation.address
        rooms = [Line(host, port, random.Random(rng.random())) for _ in range(-(-len(self.tickets) // ROOM))]
        seat = Line(host, port, random.Random(rng.random()))
        for line in [*rooms, seat]:
            await line.open()
        began = time.monotonic()
        self._finish = asyncio.Event()
        self._progress = 0
        try:
            self.candidates = [
                self._candidate(ticket, seat if n == 0 else rooms[n // ROOM], rng)
                for n, ticket in enumerate(self.tickets)
            ]
            sitting = [asyncio.create_task(self._sit(candidate)) for candidate in self.candidates]
            scene = Scene(self.installation, rooms, seat, self.plan.lasting_s, self.candidates)
            recovered = await self._faults(scene)
            self._finish.set()
            await asyncio.gather(*sitting)
            if isinstance(self.installation, Elsewhere):
                self.books = await books_over_http(self.candidates)
        finally:
            for candidate in self.candidates:
                candidate.close()
            for line in [*rooms, seat]:
                await line.close()
        return self._seen(time.monotonic() - began, recovered)

    def _candidate(self, ticket: Ticket, line: Line, rng: random.Random) -> Candidate:
        return Candidate(
            line.base_url, ticket.ticket, ticket.id_number, f"drill-device-{ticket.attempt:08d}",
            give_up_s=self.plan.give_up_s, rng=random.Random(rng.random()),
        )  # fmt: skip

    async def _faults(self, scene: Scene) -> dict[str, float]:
        """Every fault in turn, with calm between; fault → seconds until answers were acknowledged again."""
        recovered = {}
        await asyncio.sleep(self.plan.calm_s)
        for name in self.plan.faults:
            await FAULTS[name](scene)
            recovered[name] = await self._recovery()
            await asyncio.sleep(self.plan.calm_s)
        return recovered

    async def _recovery(self) -> float:
        """Seconds until a tenth of the candidates have had something acknowledged since the fault ended."""
        began, before = time.monotonic(), self._progress
        wanted = max(1, len(self.candidates) // 10)
        while self._progress - before < wanted and time.monotonic() - began < RECOVER_WITHIN_S:
            await asyncio.sleep(0.02)
        return round(time.monotonic() - began, 2)

    async def _sit(self, candidate: Candidate) -> None:
        try:
            await self._sign_in(candidate)
            await candidate.wait_for_go()
            paper = await candidate.start()
            await self._answer(candidate, paper)
            await candidate.save()
            await candidate.hand_in()
        except (NoReply, RefusedByServer) as error:
            self.failures.append(f"{candidate.ticket}: {error}")

    async def _sign_in(self, candidate: Candidate) -> None:
        """A server that runs already reads a new sitting within seconds: until then every ticket is wrong."""
        for _ in range(READ_WITHIN_S):
            try:
                await candidate.sign_in()
                return
            except RefusedByServer as refusal:
                if refusal.code != "ticket_or_id_wrong":
                    raise
            await asyncio.sleep(1)
        await candidate.sign_in()

    async def _answer(self, candidate: Candidate, paper: Mapping[str, Any]) -> None:
        """Answer and change answers until the faults are over; every third beat is a heartbeat."""
        choose = choose_at_random(candidate.rng)
        items = list(paper["items"])
        turn = 0
        while not self._finish.is_set():
            turn += 1
            item = candidate.rng.choice(items)
            candidate.type(item, choose(item, paper["items"][item]))
            await candidate.save()
            self._progress += 1
            if turn % 3 == 0:
                await candidate.beat()
            await asyncio.sleep(candidate.rng.expovariate(1 / self.plan.answers_s))

    def _seen(self, seconds: float, recovered: Mapping[str, float]) -> Report:
        waits = sorted(candidate.longest_wait_s for candidate in self.candidates)
        return {
            "candidates": len(self.candidates),
            "faults": list(self.plan.faults),
            "seconds": round(seconds, 1),
            "acked": sum(len(candidate.acked) for candidate in self.candidates),
            "handed_in": sum(candidate.receipt is not None for candidate in self.candidates),
            "recovered_after_s": max(recovered.values(), default=0.0),
            "recovered": dict(recovered),
            "longest_wait_s": round(waits[-1], 2) if waits else 0.0,
            "failures": self.failures[:20],
        }


def compare(candidates: Sequence[Candidate], books: Mapping[str, Any]) -> Report:
    """Acknowledged against stored, and the receipts of both sides.

    ``lost``: acknowledged steps that are not stored as they were acknowledged. ``duplicated``: step numbers stored
    twice. ``receipts_wrong``: receipts that differ between candidate and server, or from what is stored.
    """
    lost, wrong = [], []
    for candidate in candidates:
        attempt = str(candidate.session.get("attempt", ""))
        stored = books["steps"].get(attempt, {})
        for seq, (item, value) in candidate.acked.items():
            if stored.get(str(seq)) != [item, value]:
                lost.append([candidate.ticket, seq, item])
        receipt = books["receipts"].get(attempt)
        if candidate.receipt is not None and (
            receipt is None or not receipt[1] or receipt[0] != candidate.receipt["sha256"]
        ):
            wrong.append(candidate.ticket)
    return {
        "stored": books["stored"],
        "lost": len(lost),
        "duplicated": books["twice"],
        "receipts_wrong": len(wrong),
        "lost_steps": lost[:20],
    }


def holds(report: Mapping[str, Any]) -> bool:
    """Whether everything that a rehearsal names held."""
    clean = all(report[name] == 0 for name in ("lost", "duplicated", "receipts_wrong")) and not report["failures"]
    return bool(
        clean and report["handed_in"] == report["candidates"] and report["recovered_after_s"] < RECOVER_WITHIN_S
    )
