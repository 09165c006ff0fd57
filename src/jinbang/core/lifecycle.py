"""Every state machine of the programme as a table of transitions.

A :class:`Machine` is data: the states, the transitions and, for each transition, the roles that may ask
for it and whether a written reason is required. ``Machine.next`` is the only way from one state to
another; ``jinbang.audit.domain.move`` calls it and writes the state, the audit row and the outbox row
in one transaction. Status that follows from the clock alone (a window that is open, an exam that runs)
is not here: :mod:`jinbang.core.timing` derives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from jinbang.core.errors import Refusal


@dataclass(frozen=True)
class Transition:
    """``event`` takes ``source`` to ``target``; ``reason`` says that the actor must give one in writing."""

    source: str
    event: str
    target: str
    reason: bool = False
    notify: bool = False


class IllegalMove(Refusal):
    """The event is not allowed in the present state. Its message names what is allowed instead."""


@dataclass(frozen=True)
class Machine:
    """A state machine: ``initial`` state, transitions, and the states where nothing more can happen."""

    name: str
    initial: str
    transitions: tuple[Transition, ...]
    _index: Mapping[tuple[str, str], Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[tuple[str, str], Transition] = {}
        for step in self.transitions:
            if (step.source, step.event) in index:
                raise ValueError(f"{self.name}: two transitions from {step.source!r} by {step.event!r}")
            index[step.source, step.event] = step
        object.__setattr__(self, "_index", MappingProxyType(index))
        unreachable = set(self.states) - self.reachable()
        if unreachable:
            raise ValueError(f"{self.name}: states that nothing leads to: {sorted(unreachable)}")

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of first mention, the initial one first."""
        seen = dict.fromkeys([self.initial])
        for step in self.transitions:
            seen.update(dict.fromkeys([step.source, step.target]))
        return tuple(seen)

    @property
    def final_states(self) -> frozenset[str]:
        """States that no transition leaves."""
        return frozenset(self.states) - {step.source for step in self.transitions}

    def reachable(self) -> set[str]:
        """States that some path from the initial one leads to."""
        found, frontier = {self.initial}, [self.initial]
        while frontier:
            here = frontier.pop()
            for step in self.transitions:
                if step.source == here and step.target not in found:
                    found.add(step.target)
                    frontier.append(step.target)
        return found

    def events_from(self, state: str) -> tuple[str, ...]:
        """Events allowed in ``state``, in table order."""
        return tuple(step.event for step in self.transitions if step.source == state)

    def next(self, state: str, event: str) -> Transition:
        """The transition that ``event`` makes from ``state``; :class:`IllegalMove` if there is none."""
        try:
            return self._index[state, event]
        except KeyError:
            allowed = "、".join(self.events_from(state)) or "—"
            raise IllegalMove(
                "illegal_move",
                "{machine}: “{event}” is not possible in state “{state}”; possible: {allowed}",
                machine=self.name,
                event=event,
                state=state,
                allowed=allowed,
            ) from None


def _machine(name: str, initial: str, *rows: tuple[str, str, str] | tuple[str, str, str, str]) -> Machine:
    steps = []
    for source, event, target, *flags in rows:
        marks = flags[0].split() if flags else []
        steps.append(Transition(source, event, target, reason="reason" in marks, notify="notify" in marks))
    return Machine(name, initial, tuple(steps))


DECLARATION = _machine(
    "declaration",
    "draft",
    ("draft", "publish", "published", "notify"),
    ("published", "amend", "published", "reason notify"),
    ("published", "withdraw", "withdrawn", "reason notify"),
)

PILOT_APPLICATION = _machine(
    "pilot_application",
    "draft",
    ("draft", "submit", "city_review", "notify"),
    ("draft", "submit_to_province", "province_review", "notify"),
    ("draft", "discard", "discarded"),
    ("city_review", "withdraw", "draft"),
    ("province_review", "withdraw", "draft"),
    ("city_review", "city_approve", "province_review", "notify"),
    ("city_review", "return", "draft", "reason notify"),
    ("city_review", "reject", "rejected", "reason notify"),
    ("province_review", "approve", "approved", "notify"),
    ("province_review", "return", "draft", "reason notify"),
    ("province_review", "reject", "rejected", "reason notify"),
    ("approved", "revoke", "revoked", "reason notify"),
)

MAJOR_ADDITION = _machine(
    "major_addition",
    "requested",
    ("requested", "approve", "approved", "notify"),
    ("requested", "reject", "rejected", "reason notify"),
    ("requested", "withdraw", "withdrawn"),
)

SITE = _machine(
    "site",
    "draft",
    ("draft", "submit", "under_review", "notify"),
    ("under_review", "withdraw", "draft"),
    ("under_review", "return", "draft", "reason notify"),
    ("under_review", "reject", "rejected", "reason notify"),
    ("under_review", "approve", "approved", "notify"),
    ("approved", "file_agreements", "live", "notify"),
    ("live", "suspend", "suspended", "reason notify"),
    ("suspended", "resume", "live", "notify"),
    ("live", "close", "closed", "reason notify"),
    ("suspended", "close", "closed", "reason notify"),
)

AGREEMENT = _machine(
    "agreement",
    "filed",
    ("filed", "terminate", "terminated", "reason notify"),
)

PLAN = _machine(
    "plan",
    "draft",
    ("draft", "publish", "published", "notify"),
    ("published", "amend", "published", "reason notify"),
    ("published", "cancel", "cancelled", "reason notify"),
    ("published", "archive", "archived"),
)

SITTING = _machine(
    "sitting",
    "scheduled",
    ("scheduled", "freeze_arrangement", "arranged", "notify"),
    ("arranged", "reopen_arrangement", "scheduled", "reason notify"),
    ("arranged", "seal", "sealed"),
    ("sealed", "unseal", "arranged", "reason"),
    ("sealed", "open", "running"),
    ("running", "close", "closed"),
    ("closed", "release_results", "released", "notify"),
    ("scheduled", "cancel", "cancelled", "reason notify"),
    ("arranged", "cancel", "cancelled", "reason notify"),
    ("sealed", "cancel", "cancelled", "reason notify"),
)

REGISTRATION = _machine(
    "registration",
    "registered",
    ("registered", "confirm_fee", "confirmed"),
    ("registered", "withdraw", "withdrawn", "notify"),
    ("confirmed", "withdraw", "withdrawn", "notify"),
    ("confirmed", "seat", "seated"),
    ("seated", "unseat", "confirmed"),
    ("seated", "withdraw", "withdrawn", "reason notify"),
)

ITEM = _machine(
    "item",
    "draft",
    ("draft", "submit", "in_review"),
    ("in_review", "return", "draft", "reason notify"),
    ("in_review", "accept", "accepted", "notify"),
    ("accepted", "retire", "retired", "reason"),
    ("accepted", "revise", "draft"),
)

FORM = _machine(
    "form",
    "draft",
    ("draft", "submit", "in_review"),
    ("in_review", "return", "draft", "reason notify"),
    ("in_review", "approve", "approved", "notify"),
    ("approved", "retire", "retired", "reason"),
)

SEALED_PAPER_SET = _machine(
    "sealed_paper_set",
    "preparing",
    ("preparing", "seal", "sealed"),
    ("sealed", "first_release", "half_released", "notify"),
    ("half_released", "second_release", "released", "notify"),
    ("sealed", "discard", "discarded", "reason"),
    ("half_released", "discard", "discarded", "reason"),
)

ROOM_SESSION = _machine(
    "room_session",
    "planned",
    ("planned", "open", "open"),
    ("open", "close", "closed"),
    ("closed", "reopen", "open", "reason notify"),
)

ATTEMPT = _machine(
    "attempt",
    "prepared",
    ("prepared", "start", "running"),
    ("prepared", "mark_absent", "absent"),
    ("absent", "correct_absence", "prepared", "reason"),
    ("running", "hand_in", "handed_in"),
    ("running", "auto_hand_in", "handed_in"),
    ("running", "force_hand_in", "handed_in", "reason"),
    ("handed_in", "take_in_rescue", "handed_in", "reason"),
    ("handed_in", "void", "voided", "reason notify"),
    ("running", "void", "voided", "reason notify"),
)

JUDGE_JOB = _machine(
    "judge_job",
    "queued",
    ("queued", "lease", "leased"),
    ("leased", "expire", "queued"),
    ("leased", "fail", "queued"),
    ("leased", "finish", "done"),
    ("queued", "finish", "done"),
    ("queued", "bury", "dead", "reason notify"),
    ("leased", "bury", "dead", "reason notify"),
    ("dead", "requeue", "queued", "reason"),
    ("queued", "cancel", "cancelled"),
)

MARKING = _machine(
    "marking",
    "waiting",
    ("waiting", "allocate", "allocated"),
    ("allocated", "release", "waiting"),
    ("allocated", "submit", "marked"),
    ("marked", "dispute", "disputed"),
    ("marked", "settle", "settled"),
    ("disputed", "adjudicate", "settled", "reason"),
    ("settled", "reopen", "allocated", "reason"),
)

RESULT = _machine(
    "result",
    "computed",
    ("computed", "release", "released", "notify"),
    ("computed", "supersede", "superseded"),
    ("released", "supersede", "superseded", "reason"),
)

REGRADE = _machine(
    "regrade",
    "proposed",
    ("proposed", "first_approve", "half_approved", "notify"),
    ("half_approved", "second_approve", "approved", "notify"),
    ("proposed", "reject", "rejected", "reason notify"),
    ("half_approved", "reject", "rejected", "reason notify"),
    ("approved", "apply", "applied", "notify"),
)

APPEAL = _machine(
    "appeal",
    "lodged",
    ("lodged", "accept", "under_review", "notify"),
    ("lodged", "dismiss", "dismissed", "reason notify"),
    ("lodged", "withdraw", "withdrawn"),
    ("under_review", "uphold", "upheld", "reason notify"),
    ("under_review", "dismiss", "dismissed", "reason notify"),
)

MISCONDUCT = _machine(
    "misconduct",
    "reported",
    ("reported", "notify_candidate", "notified", "notify"),
    ("reported", "drop", "dropped", "reason"),
    ("notified", "record_statement", "heard"),
    ("notified", "decide", "decided", "reason notify"),
    ("heard", "decide", "decided", "reason notify"),
    ("heard", "drop", "dropped", "reason notify"),
    ("decided", "appeal", "appealed", "reason"),
    ("appealed", "confirm", "confirmed", "reason notify"),
    ("appealed", "overturn", "overturned", "reason notify"),
)

CERTIFICATE = _machine(
    "certificate",
    "approved",
    ("approved", "issue", "issued", "notify"),
    ("issued", "suspend", "suspended", "reason notify"),
    ("suspended", "reinstate", "issued", "reason notify"),
    ("issued", "revoke", "revoked", "reason notify"),
    ("suspended", "revoke", "revoked", "reason notify"),
    ("issued", "replace", "replaced", "reason notify"),
)

TRAINING_ENROLMENT = _machine(
    "training_enrolment",
    "enrolled",
    ("enrolled", "withdraw", "withdrawn"),
    ("enrolled", "complete", "completed", "notify"),
)

SUPPORT_REQUEST = _machine(
    "support_request",
    "open",
    ("open", "answer", "answered", "notify"),
    ("answered", "reopen", "open"),
    ("answered", "close", "closed"),
    ("open", "close", "closed"),
)

SPECIAL_ARRANGEMENT = _machine(
    "special_arrangement",
    "requested",
    ("requested", "approve", "approved", "notify"),
    ("requested", "reject", "rejected", "reason notify"),
    ("requested", "withdraw", "withdrawn"),
    ("approved", "withdraw", "withdrawn"),
)

MACHINES: Mapping[str, Machine] = MappingProxyType(
    {value.name: value for value in list(globals().values()) if isinstance(value, Machine)}
)
