"""The times of rooms and seats in milliseconds, computed by ``core.timing`` and kept until something changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinbang.core import timing
from jinbang.delivery.domain.clocks import make_clock
from jinbang.delivery.engine.sql import instant, to_ms
from jinbang.delivery.engine.store import PauseRow, SessionRow, TimeRow


@dataclass(frozen=True, slots=True)
class Times:
    """Instants of one seat as known at ``known_at``; ``moving`` while a pause lets them grow."""

    known_at: int
    starts: int
    opens_sign_in: int
    closes: int
    late: int
    hand_in_from: int
    auto_at: int
    extra_s: int
    paused: bool
    ever_paused: bool
    moving: bool

    def phase(self, now: int) -> timing.Phase:
        """The phase at ``now``, in the sense of ``core.timing.phase``."""
        if now < self.opens_sign_in:
            return timing.Phase.BEFORE
        if now < self.starts:
            return timing.Phase.SIGN_IN
        if now < self.closes:
            return timing.Phase.PAUSED if self.paused else timing.Phase.RUNNING
        return timing.Phase.GRACE if now < self.auto_at else timing.Phase.OVER


class Clockwork:
    """The clocks of one room session: one for all seats without entries of their own, and one each for those."""

    FRESH_MS = 200

    def __init__(self, row: SessionRow, times: Sequence[TimeRow], pauses: Sequence[PauseRow]) -> None:
        self.source = (row.go_at, row.ends_at, row.rules, tuple(times), tuple(pauses))
        self._row, self._entries, self._pauses = row, times, pauses
        self._own = {entry.attempt for entry in times} | {pause.attempt for pause in pauses}
        self._clocks: dict[int | None, timing.SeatClock] = {}
        self._known: dict[int | None, Times] = {}

    def clock(self, attempt: int) -> timing.SeatClock:
        """The seat's clock for questions that :class:`Times` does not answer."""
        key = attempt if attempt in self._own else None
        if key not in self._clocks:
            self._clocks[key] = make_clock(self._row, key or 0, self._entries, self._pauses)
        return self._clocks[key]

    def times(self, attempt: int, now: int) -> Times:
        """The times of a seat; at most :attr:`FRESH_MS` old while a pause moves them."""
        key = attempt if attempt in self._own else None
        known = self._known.get(key)
        if known is None or (known.moving and not 0 <= now - known.known_at < self.FRESH_MS):
            known = self._known[key] = self._compute(self.clock(attempt), now)
        return known

    def _compute(self, clock: timing.SeatClock, now: int) -> Times:
        at = instant(now)
        ahead = [stop for pause in clock.pauses for stop in (pause.begins, pause.ends) if stop and stop > at]
        lasting = any(pause.ends is None and pause.scope.covers(clock.seat) for pause in clock.pauses)
        return Times(
            known_at=now,
            starts=_ms(clock.times.starts),
            opens_sign_in=_ms(clock.times.opens_sign_in),
            closes=_ms(clock.closes_at(at)),
            late=_ms(clock.late_limit(at)),
            hand_in_from=_ms(clock.hand_in_from(at)),
            auto_at=_ms(clock.auto_hand_in_at(at)),
            extra_s=clock.extra_seconds(),
            paused=clock.paused_at(at),
            ever_paused=bool(clock.pauses),
            moving=lasting or bool(ahead),
        )


def _ms(at: object) -> int:
    found = to_ms(at)
    assert found is not None
    return found
