"""The handlers of the protocol: sign-in, beat, start, answers, events, hand-in.

Each takes the decoded request and returns the answer as a dict. Memory decides at once whether something is
allowed; the store decides again inside the transaction, and a :class:`~.store.Stale` from there means that
memory was behind: it is read anew and the request refused accordingly.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from jinbang.accounts.domain.personal_data import id_number_hash
from jinbang.core import timing
from jinbang.core.lifecycle import ATTEMPT
from jinbang.delivery.domain.canonical import Digest
from jinbang.delivery.domain.crypto import store_key
from jinbang.delivery.engine import messages
from jinbang.delivery.engine.refusals import Refused
from jinbang.delivery.engine.roster import SEQ_SPAN, Roster, Seat, token_hash
from jinbang.delivery.engine.sql import instant, to_ms
from jinbang.delivery.engine.store import (
    STALE,
    Differs,
    EventsOp,
    HandedIn,
    HandInOp,
    Presence,
    Saved,
    SignInOp,
    StartOp,
    StepRow,
    StepsOp,
    Store,
)
from jinbang.delivery.engine.times import Times
from jinbang.delivery.engine.tries import TELL_AT, Tries
from jinbang.delivery.engine.writer import Writer

BEAT_MS, SAVE_MS, CHUNK = 3000, 1500, 256 * 1024
STEPS_PAGE = 2000
SILENCE_MS = 45_000
DUE_AT_ONCE = 200
Answer = dict[str, Any]
_STAGE_REFUSALS = {"handed_in": "handed_in", "voided": "voided", "absent": "absent"}
_HOW = {"hand_in": "candidate", "auto_hand_in": "auto", "force_hand_in": "forced"}


@dataclass
class Desk:
    """What the handlers work with. ``now_ms`` is the installation's clock."""

    store: Store
    writer: Writer
    roster: Roster
    now_ms: Callable[[], int]
    rescue_key: Answer

    def __post_init__(self) -> None:
        self._tries = Tries()
        self._logging: set[asyncio.Task[Any]] = set()

    # -- sign-in -----------------------------------------------------------------------------------

    async def sign_in(self, given: messages.SignIn) -> Answer:
        """The full check of ticket, ID number, time and machine, and a new session."""
        now = self.now_ms()
        seat = self._identify(given, now)
        self._check_entry(seat, given.device_key, now)
        token = f"{seat.row.id}.{secrets.token_urlsafe(24)}"
        hashed = token_hash(token)
        generation = seat.row.generation
        data = json.dumps({"generation": generation + 1, "token_sha256": hashed, "agent": given.agent})
        op = SignInOp(seat.row.id, generation, hashed, given.device_key, now, data)
        if await self.writer.submit(op) is STALE:
            await self.roster.reload(seat)
            raise Refused("busy", retry_after_ms=200)
        if seat.stage == "prepared":
            seat.sign_in(hashed, given.device_key, now)
        else:
            await self.roster.reload(seat)  # answers may have been stored through another process
        self.roster.bind(seat, token)
        return self._welcome(seat, token)

    def _identify(self, given: messages.SignIn, now: int) -> Seat:
        known = self.roster.by_ticket.get(given.ticket, ())
        bound_to = next((seat.row.device_key for seat in known if seat.row.device_key), "")
        wait = self._tries.wait_ms(given.ticket, given.device_key, bound_to, now)
        if wait:
            raise Refused("too_many_tries", retry_after_ms=wait)
        hashed = id_number_hash(given.id_number)
        seats = [
            seat
            for seat in known
            if hmac.compare_digest(seat.row.id_hash, hashed) and given.subject in ("", seat.room.row.subject)
        ]
        if not seats:
            if known:
                self._note_wrong(known[0], self._tries.wrong(given.ticket, given.device_key, now), now)
            raise Refused("ticket_or_id_wrong")
        self._tries.right(given.ticket)
        return min(seats, key=lambda seat: _preference(seat, now))

    def _note_wrong(self, seat: Seat, tries: int, now: int) -> None:
        """Tell the room when somebody fails again and again at a ticket."""
        if tries in TELL_AT:
            self._log(seat, "wrong_id", {"tries": tries}, now)

    def _check_entry(self, seat: Seat, device_key: str, now: int) -> None:
        if seat.stage in ("absent", "voided"):
            raise Refused(_STAGE_REFUSALS[seat.stage])
        if seat.stage != "handed_in":
            returning = seat.row.signed_in_at is not None
            _require(timing.may_sign_in(_clock(seat), instant(now), returning=returning))
            if seat.room.row.state == "closed":
                raise Refused("room_closed")
        if seat.row.device_key not in ("", device_key):
            raise Refused("other_device")
        other = self.roster.devices.get(device_key)
        if other is not None and other is not seat and other.room is seat.room and other.at_work:
            raise Refused("device_in_use")

    def _welcome(self, seat: Seat, token: str) -> Answer:
        now = self.now_ms()
        room, times = seat.room.row, seat.times(now)
        paper = {"sha256": seat.row.paper_sha256, "size": seat.row.paper_size} if seat.row.paper_size else None
        return {
            "token": token,
            "attempt": seat.row.id,
            "ticket": seat.row.ticket,
            "candidate": seat.row.name,
            "subject": room.subject,
            "title": room.title,
            "level": seat.row.level,
            "site": room.site,
            "room": room.room,
            "seat": seat.row.seat,
            "state": seat.stage,
            "now": now,
            "starts_at": times.starts,
            "closes_at": times.closes,
            "extra_s": times.extra_s,
            "rules": room.rules,
            "paper": paper,
            "seq_base": seat.seq_base,
            "last_seq": seat.last_seq,
            "beat_ms": BEAT_MS,
            "save_ms": SAVE_MS,
            "chunk": CHUNK,
            "rescue_key": self.rescue_key,
            "store_key": base64.b64encode(store_key(bytes(settings.PERSONAL_DATA_KEY), seat.row.id)).decode(),
            "receipt": receipt_of(seat),
        }

    # -- waiting and starting ----------------------------------------------------------------------

    def beat(self, seat: Seat, given: messages.Beat) -> Answer:
        """What the client must know now; what it said goes to the board."""
        now = self.now_ms()
        self._note_silence(seat, now)
        self.writer.note(seat.row.id, Presence(now, given.unsynced, given.focused))
        times, room = seat.times(now), seat.room.row
        answer: Answer = {
            "now": now,
            "state": seat.stage,
            "phase": times.phase(now),
            "go": times.starts <= now < times.closes and seat.row.paper_set in self.roster.keys,
            "starts_at": times.starts,
            "closes_at": times.closes,
            "extra_s": times.extra_s,
            "hand_in_from": times.hand_in_from,
            "beat_ms": BEAT_MS,
        }
        if room.message:
            answer["message"] = {"at": room.message_at, "text": room.message}
        if seat.stage == "handed_in":
            answer["receipt"] = receipt_of(seat)
        return answer

    def _note_silence(self, seat: Seat, now: int) -> None:
        """Log that a running attempt was not heard from for long; extra time is suggested from these lines."""
        before, seat.heard_at = seat.heard_at, now
        if before and now - before > SILENCE_MS and seat.stage == "running":
            self._log(seat, "silence", {"from_ms": before, "to_ms": now}, now)

    def _log(self, seat: Seat, kind: str, data: dict[str, int], now: int) -> None:
        """Write an event of a seat; nobody waits for it."""
        op = EventsOp(seat.row.id, [(kind, json.dumps(data))], now)
        task = asyncio.get_running_loop().create_task(self.writer.submit(op))
        self._logging.add(task)
        task.add_done_callback(self._logging.discard)

    async def start(self, seat: Seat) -> Answer:
        """Open the attempt, once, and hand over the key of the paper."""
        now = self.now_ms()
        times = seat.times(now)
        if seat.stage not in ("prepared", "running"):
            raise Refused(_STAGE_REFUSALS[seat.stage])
        if now < times.starts:
            raise Refused("not_started", when=times.starts)
        if now >= times.closes:
            raise Refused("time_up", when=times.closes)
        keys = self.roster.keys.get(seat.row.paper_set)
        if keys is None:
            raise Refused("key_not_released", retry_after_ms=1000)
        started = seat.row.started_at
        if seat.stage == "prepared":
            step = ATTEMPT.next("prepared", "start")
            op = StartOp(seat.row.id, seat.row.generation, step.source, step.target, now)
            if await self.writer.submit(op) is STALE:
                raise await self._behind(seat, op.generation)
            seat.started(step.target, now)
            started = now
        return {
            "key": base64.b64encode(keys.paper_key(seat.row.id)).decode(),
            "started_at": started,
            "closes_at": times.closes,
            "now": now,
            "last_seq": seat.last_seq,
        }

    async def _behind(self, seat: Seat, generation: int) -> Refused:
        """The store saw a newer attempt than session ``generation``: read it, and say what holds now."""
        await self.roster.reload(seat)
        if seat.stage in _STAGE_REFUSALS:
            return Refused(_STAGE_REFUSALS[seat.stage], receipt=receipt_of(seat))
        same = seat.row.generation == generation
        return Refused("busy", retry_after_ms=200) if same else Refused("session_replaced")

    async def require_running(self, seat: Seat) -> int:
        """Refuse unless the attempt runs. It may have been started through another process a moment ago: look first.

        Returns the number of the session that was let in, to be written under: the look may bring in another's.
        """
        generation = seat.row.generation
        if seat.stage == "prepared":
            await self.roster.reload(seat)
        if seat.stage != "running":
            raise Refused(_STAGE_REFUSALS.get(seat.stage, "not_started"))
        return generation

    # -- answers -----------------------------------------------------------------------------------

    async def save(self, seat: Seat, given: messages.SaveSteps) -> Answer:
        """Make steps durable; the answer is the acknowledgement."""
        now = self.now_ms()
        generation = await self.require_running(seat)
        times = seat.times(now)
        taken, refused = self._sift(seat, given.steps, times, now)
        if taken:
            result = await self.writer.submit(StepsOp(seat.row.id, generation, taken))
            if not isinstance(result, Saved):
                raise await self._behind(seat, generation)
            refused += [(seq, "seq_conflict") for seq in result.conflicts]
            newest = max(step[0] for step in taken)
            seat.last_seq = max(seat.last_seq, newest)
            waiting = max(0, given.unsynced - len(given.steps))
            self.writer.note(seat.row.id, Presence(now, waiting, True, newest, now))
        acked = max((step[0] for step in given.steps), default=0)
        return {"acked": acked, "refused": refused, "now": now, "closes_at": times.closes}

    def _sift(
        self, seat: Seat, steps: Sequence[StepRow], times: Times, now: int
    ) -> tuple[list[StepRow], list[tuple[int, str]]]:
        """Steps that may be stored, and the others with the reason."""
        taken: list[StepRow] = []
        refused: list[tuple[int, str]] = []
        plain = not times.ever_paused and now < times.auto_at
        limit = seat.seq_base + SEQ_SPAN
        for step in steps:
            typed = step[3]
            if "\x00" in step[2] or "\x00" in step[1]:
                raise Refused("bad_request")
            if step[0] > limit:
                refused.append((step[0], "seq_range"))
            elif plain and times.starts <= typed < times.closes:
                taken.append(step)
            else:
                decision = timing.may_answer(_clock(seat), instant(now), typed_at=instant(typed))
                if isinstance(decision, timing.Refused):
                    refused.append((step[0], decision.code))
                else:
                    taken.append(step)
        return taken, refused

    async def steps(self, seat: Seat, after: int) -> Answer:
        """Stored steps, to continue from."""
        rows = await self.store.steps(seat.row.id, after, STEPS_PAGE + 1)
        page = rows[:STEPS_PAGE]
        last = page[-1][0] if page else after
        return {"steps": page, "last_seq": last, "more": len(rows) > STEPS_PAGE}

    async def events(self, seat: Seat, given: messages.Events) -> Answer:
        """Log what the client observed."""
        now = self.now_ms()
        rows = []
        for kind, at, data in given.events:
            text = json.dumps({**data, "client_ms": at}, ensure_ascii=False)
            if len(text) > 2048 or "\\u0000" in text:
                raise Refused("bad_request")
            rows.append((kind, text))
        if rows:
            await self.writer.submit(EventsOp(seat.row.id, rows, now))
        return {"acked": len(rows), "now": now}

    # -- hand-in -----------------------------------------------------------------------------------

    async def hand_in(self, seat: Seat, given: messages.HandIn) -> Answer:
        """Close the attempt over exactly the answers that the client sees, and give the receipt."""
        now = self.now_ms()
        if seat.stage == "handed_in":
            return {"receipt": receipt_of(seat), "now": now}
        generation = await self.require_running(seat)
        _require(timing.may_hand_in(_clock(seat), instant(now)))
        times = seat.times(now)
        taken, _ = self._sift(seat, given.steps, times, now)
        event = "auto_hand_in" if given.auto and now >= times.closes else "hand_in"
        op = self.hand_in_op(seat, event, now)
        op.generation, op.steps, op.expected = generation, taken, Digest(given.count, given.sha256)
        result = await self.writer.submit(op)
        if isinstance(result, Differs):
            raise Refused(
                "answers_differ",
                count=result.digest.count,
                sha256=result.digest.sha256,
                last_seq=result.last_seq,
            )
        if not isinstance(result, HandedIn):
            refusal = await self._behind(seat, generation)
            if refusal.code != "handed_in":
                raise refusal
            return {"receipt": receipt_of(seat), "now": now}
        seat.handed_in(op, result)
        return {"receipt": receipt_of(seat), "now": now}

    def hand_in_op(self, seat: Seat, event: str, now: int) -> HandInOp:
        """The operation that closes ``seat`` by ``event``, whoever holds its session."""
        step = ATTEMPT.next("running", event)
        keys = self.roster.keys.get(seat.row.paper_set)
        practical = seat.room.row.subject == "practical"
        score = None if keys is None or keys.answers is None else keys.answers.score
        return HandInOp(
            seat.row.id, None, step.source, step.target, event, _HOW[event], now, "", score=score,
            with_files=practical,
        )  # fmt: skip

    async def hand_in_due(self) -> int:
        """Hand in by itself what is open past its closing time and grace, many in a commit; returns how many.

        One that cannot be stored (the writer logs why) stays due and keeps no other from being handed in.
        """
        now = self.now_ms()
        due = [s for s in self.roster.seats.values() if s.stage == "running" and now >= s.times(now).auto_at]
        done = 0
        for first in range(0, len(due), DUE_AT_ONCE):
            part = due[first : first + DUE_AT_ONCE]
            ops = [self.hand_in_op(seat, "auto_hand_in", now) for seat in part]
            results = await asyncio.gather(*(self.writer.submit(op) for op in ops), return_exceptions=True)
            self.roster.take_attempts(await self.store.attempts([seat.row.id for seat in part]))
            done += sum(isinstance(result, HandedIn) for result in results)
        return done


def _clock(seat: Seat) -> timing.SeatClock:
    return seat.room.clockwork.clock(seat.row.id)


def _preference(seat: Seat, now: int) -> tuple[int, int]:
    """Of several subjects of one ticket: one that is open and not handed in, the earlier first."""
    open_now = seat.times(now).phase(now) in (timing.Phase.SIGN_IN, timing.Phase.RUNNING, timing.Phase.PAUSED)
    rank = 0 if open_now and seat.stage != "handed_in" else 1 if open_now else 2
    starts = seat.room.row.go_at
    return rank, starts if rank < 2 else abs(now - starts)


def _require(decision: timing.Decision) -> None:
    if isinstance(decision, timing.Refused):
        more = {} if decision.when is None else {"when": to_ms(decision.when)}
        raise Refused(decision.code, **more)


def receipt_of(seat: Seat) -> Answer | None:
    """The receipt as the protocol has it; None unless the attempt was handed in."""
    row = seat.row
    if row.receipt_count is None or row.handed_in_at is None:
        return None
    return {
        "count": row.receipt_count,
        "sha256": row.receipt_sha256,
        "last_seq": row.last_seq,
        "handed_in_at": row.handed_in_at,
        "how": row.hand_in_how,
        "code": Digest(row.receipt_count, row.receipt_sha256).code,
    }
