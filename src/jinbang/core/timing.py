"""Who may do what at instant t: windows, sign-in, answering, hand-in, absence, extra time.

Nothing here reads a clock; every function takes the instant as an aware ``datetime``. Intervals are
half-open: the first instant belongs to them, the last does not. So a window printed as ending at 00:00
ends with the day before, and one printed as ending at 23:59 runs through that whole minute.

A candidate's closing time is a pure function of the subject's times, the append-only time ledger and the
pauses. Extra time is added, a pause stops the clock for as long as it lasts, and overlapping pauses (a
room's and a seat's) count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from jinbang.core.errors import Refusal


class WindowStatus(StrEnum):
    """未开始, 进行中, 已截止."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """``opens`` belongs to the window, ``closes`` is the first instant after it."""

    opens: datetime
    closes: datetime

    def __post_init__(self) -> None:
        if self.opens.tzinfo is None or self.closes.tzinfo is None:
            raise ValueError("a window needs aware instants")
        if self.closes <= self.opens:
            raise ValueError("a window must open before it closes")

    @classmethod
    def as_printed(cls, opens: datetime, ends: datetime) -> Window:
        """A window as plans print it: an end at 23:59:00 (in its own zone) runs through that minute."""
        through = ends + timedelta(minutes=1) if (ends.hour, ends.minute, ends.second) == (23, 59, 0) else ends
        return cls(opens, through)

    @classmethod
    def of_days(cls, first: date, last: date, zone: tzinfo) -> Window:
        """Whole days, both included, as ``4.10-5.10`` is meant."""
        return cls(datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone))

    def status(self, now: datetime) -> WindowStatus:
        """Upcoming, open or closed at ``now``."""
        if now < self.opens:
            return WindowStatus.UPCOMING
        return WindowStatus.OPEN if now < self.closes else WindowStatus.CLOSED

    def is_open(self, now: datetime) -> bool:
        """Whether something may be submitted at ``now``."""
        return self.opens <= now < self.closes

    def overlap(self, other: Window) -> Window | None:
        """The time that both share, ``None`` if none."""
        opens, closes = max(self.opens, other.opens), min(self.closes, other.closes)
        return Window(opens, closes) if opens < closes else None

    def days(self, zone: tzinfo) -> tuple[date, date]:
        """First and last calendar day that the window touches."""
        last = (self.closes - timedelta(microseconds=1)).astimezone(zone)
        return self.opens.astimezone(zone).date(), last.date()


@dataclass(frozen=True)
class Allowed:
    """Yes."""

    ok: bool = True


@dataclass(frozen=True)
class Refused:
    """No, why, and ``when`` it becomes possible or ceased to be (``None`` if no instant matters)."""

    code: str
    message: str
    when: datetime | None = None
    ok: bool = False

    def refusal(self, zone: tzinfo) -> Refusal:
        """The exception for verbs; ``{when}`` in the message becomes local wall-clock time."""
        shown = self.when.astimezone(zone).strftime("%m-%d %H:%M:%S") if self.when else ""
        return Refusal(self.code, self.message, when=shown)


Decision = Allowed | Refused


def require(decision: Decision, zone: tzinfo) -> None:
    """Raise the :class:`Refusal` of a refused decision."""
    if isinstance(decision, Refused):
        raise decision.refusal(zone)


def may_submit(window: Window, now: datetime) -> Decision:
    """Submission into a window; codes ``window_upcoming`` and ``window_closed``."""
    match window.status(now):
        case WindowStatus.UPCOMING:
            return Refused("window_upcoming", "尚未开始，{when} 起可以提交", window.opens)
        case WindowStatus.CLOSED:
            return Refused("window_closed", "已于 {when} 截止，不能再提交；如确有需要请联系发布单位延期", window.closes)
    return Allowed()


class ScopeKind(StrEnum):
    """How far an entry or a pause reaches."""

    SEAT = "seat"
    ROOM = "room"
    SITTING = "sitting"


@dataclass(frozen=True)
class SeatRef:
    """A seat and what contains it. Keys are whatever the caller uses, compared as strings."""

    seat: str
    room: str
    sitting: str


@dataclass(frozen=True)
class Scope:
    """One seat, one room or the whole sitting."""

    kind: ScopeKind
    key: str

    def covers(self, seat: SeatRef) -> bool:
        """Whether ``seat`` lies in this scope."""
        match self.kind:
            case ScopeKind.SEAT:
                return self.key == seat.seat
            case ScopeKind.ROOM:
                return self.key == seat.room
            case ScopeKind.SITTING:
                return self.key == seat.sitting


class Cause(StrEnum):
    """Why time was given. A correction may be negative; nothing else may."""

    PLANNED = "planned"
    INCIDENT = "incident"
    SPECIAL_NEED = "special_need"
    CORRECTION = "correction"


@dataclass(frozen=True)
class TimeLedgerEntry:
    """``seconds`` for everyone in ``scope``, with who asked and who authorised. Never edited."""

    scope: Scope
    seconds: int
    cause: Cause
    granted_at: datetime
    asked_by: str
    authorised_by: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.seconds == 0 or (self.seconds < 0 and self.cause is not Cause.CORRECTION):
            raise ValueError("extra time is positive; taking it back is a correction")


@dataclass(frozen=True)
class Pause:
    """The clock stands still in ``scope`` from ``begins`` until ``ends`` (``None``: still paused)."""

    scope: Scope
    begins: datetime
    ends: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends is not None and self.ends < self.begins:
            raise ValueError("a pause cannot end before it begins")


@dataclass(frozen=True)
class SubjectTimes:
    """One subject of one sitting; all lengths in seconds, all of them data of the plan.

    ``sign_in_before`` and ``late_after`` are counted from ``starts``; ``min_stay`` is how long nobody may
    hand in; ``grace`` is how long after closing a step typed in time may still arrive.
    """

    starts: datetime
    duration: int
    sign_in_before: int = 30 * 60
    late_after: int = 30 * 60
    min_stay: int = 0
    grace: int = 10

    def __post_init__(self) -> None:
        if self.starts.tzinfo is None:
            raise ValueError("starts must be an aware instant")
        if self.duration <= 0 or min(self.sign_in_before, self.late_after, self.min_stay, self.grace) < 0:
            raise ValueError("duration is positive and no length is negative")

    @property
    def opens_sign_in(self) -> datetime:
        """First instant of sign-in."""
        return self.starts - timedelta(seconds=self.sign_in_before)

    @property
    def planned_end(self) -> datetime:
        """Closing time with no extra time and no pause."""
        return self.starts + timedelta(seconds=self.duration)


@dataclass(frozen=True)
class SeatClock:
    """Everything that decides the time of one seat. Cheap to build; build one per question."""

    times: SubjectTimes
    seat: SeatRef
    ledger: Sequence[TimeLedgerEntry] = ()
    pauses: Sequence[Pause] = ()

    def extra_seconds(self) -> int:
        """Sum of the ledger for this seat, never below zero: corrections only take back what was given."""
        return max(0, sum(e.seconds for e in self.ledger if e.scope.covers(self.seat)))

    def closes_at(self, now: datetime) -> datetime:
        """Closing time as known at ``now``. While a pause lasts it moves on with ``now``."""
        return self._stretched(self.times.duration + self.extra_seconds(), now)

    def late_limit(self, now: datetime) -> datetime:
        """First instant at which a candidate who never signed in is absent."""
        return self._stretched(self.times.late_after, now)

    def hand_in_from(self, now: datetime) -> datetime:
        """First instant of early hand-in; never after the closing time."""
        return min(self._stretched(self.times.min_stay, now), self.closes_at(now))

    def auto_hand_in_at(self, now: datetime) -> datetime:
        """When the server hands in by itself: closing time plus grace."""
        return self.closes_at(now) + timedelta(seconds=self.times.grace)

    def paused_at(self, now: datetime) -> bool:
        """Whether the clock stands still at ``now``; a pause called after closing stops nothing."""
        stopped = any(
            p.scope.covers(self.seat) and p.begins <= now and (p.ends is None or now < p.ends) for p in self.pauses
        )
        return stopped and now < self.closes_at(now)

    def remaining(self, now: datetime) -> int:
        """Whole seconds left to answer, rounded up; the full time before the start, 0 after closing."""
        left = self.closes_at(now) - max(now, self.times.starts)
        return max(0, -(-left // timedelta(seconds=1)))

    def _stretched(self, seconds: int, now: datetime) -> datetime:
        """``starts`` + ``seconds`` of running clock, pauses left out."""
        end = self.times.starts + timedelta(seconds=seconds)
        for begins, ends in _merged(self._stops(now)):
            if begins < end and ends > self.times.starts:
                end += ends - max(begins, self.times.starts)
        return end

    def _stops(self, now: datetime) -> Iterable[tuple[datetime, datetime]]:
        for pause in self.pauses:
            if pause.scope.covers(self.seat) and pause.begins <= now:
                yield pause.begins, max(pause.begins, pause.ends if pause.ends is not None else now)


def _merged(intervals: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(intervals):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


class Phase(StrEnum):
    """Where a seat stands in its subject."""

    BEFORE = "before"
    SIGN_IN = "sign_in"
    RUNNING = "running"
    PAUSED = "paused"
    GRACE = "grace"
    OVER = "over"


def phase(clock: SeatClock, now: datetime) -> Phase:
    """The phase at ``now``; the phases follow one another in the order of :class:`Phase`."""
    if now < clock.times.opens_sign_in:
        return Phase.BEFORE
    if now < clock.times.starts:
        return Phase.SIGN_IN
    if now < clock.closes_at(now):
        return Phase.PAUSED if clock.paused_at(now) else Phase.RUNNING
    return Phase.GRACE if now < clock.auto_hand_in_at(now) else Phase.OVER


def may_sign_in(clock: SeatClock, now: datetime, *, returning: bool = False) -> Decision:
    """Sign-in at the seat. ``returning`` is someone who had signed in before and lost the machine.

    Codes: ``sign_in_early``, ``sign_in_late``, ``time_up``.
    """
    if now < clock.times.opens_sign_in:
        return Refused("sign_in_early", "签到尚未开始，请于 {when} 起持准考证和身份证签到", clock.times.opens_sign_in)
    if phase(clock, now) in (Phase.GRACE, Phase.OVER):
        return Refused("time_up", "本科目已于 {when} 结束", clock.closes_at(now))
    limit = clock.late_limit(now)
    if now >= limit and not returning:
        return Refused("sign_in_late", "开考后迟到超过规定时间（{when}），不能入场，按缺考处理", limit)
    return Allowed()


def may_answer(clock: SeatClock, now: datetime, *, typed_at: datetime | None = None) -> Decision:
    """Take in an answer at ``now`` that was typed at ``typed_at`` (server time; default ``now``).

    What was typed before closing is taken until the grace is over. Codes: ``not_started``, ``paused``,
    ``time_up``, ``grace_over``.
    """
    typed = now if typed_at is None else min(typed_at, now)
    if typed < clock.times.starts:
        return Refused("not_started", "考试尚未开始，{when} 开考", clock.times.starts)
    if clock.paused_at(typed):
        return Refused("paused", "考试已暂停，请听监考员安排；暂停的时间会补足")
    closes = clock.closes_at(now)
    if typed >= closes:
        return Refused("time_up", "考试已于 {when} 结束，不能再作答", closes)
    if now >= clock.auto_hand_in_at(now):
        return Refused("grace_over", "考试已于 {when} 结束，这一步到达太晚；请监考员导出救援文件", closes)
    return Allowed()


def may_hand_in(clock: SeatClock, now: datetime) -> Decision:
    """Hand-in by the candidate. Codes: ``not_started``, ``hand_in_early``, ``paused``, ``time_up``."""
    if now < clock.times.starts:
        return Refused("not_started", "考试尚未开始，{when} 开考", clock.times.starts)
    if clock.paused_at(now):
        return Refused("paused", "考试已暂停，请听监考员安排；暂停的时间会补足")
    if now >= clock.auto_hand_in_at(now):
        return Refused("time_up", "考试已于 {when} 结束，系统已自动交卷", clock.closes_at(now))
    first = clock.hand_in_from(now)
    if now < first:
        return Refused("hand_in_early", "开考后一段时间内不得交卷，{when} 起可以交卷", first)
    return Allowed()


def must_hand_in(clock: SeatClock, now: datetime) -> bool:
    """Whether an attempt that still runs is due for automatic hand-in."""
    return now >= clock.auto_hand_in_at(now)


def is_absent(clock: SeatClock, now: datetime, *, signed_in_at: datetime | None) -> bool:
    """Whether a candidate counts as absent: never signed in, and the late limit has come."""
    return signed_in_at is None and now >= clock.late_limit(now)
