"""Pages of one object: its state, what may be done with it now, and its history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from jinbang.accounts.access import SYSTEM_MOVES
from jinbang.accounts.models import Organisation
from jinbang.audit.domain.moves import state_field
from jinbang.audit.models import AuditRow
from jinbang.web.shell.labels import GRAVE_EVENTS, STATE_LABELS, action_label, event_label, state_label
from jinbang.web.shell.requests import OfficeRequest

Text = str | Promise


@dataclass(frozen=True)
class Fact:
    """One line of a detail page's list of facts. ``kind`` as in ``lists.Column``; ``value`` may be None."""

    label: Text
    value: Any
    kind: str = "text"
    machine: str = ""
    link: str = ""
    hint: Text = ""


@dataclass(frozen=True)
class EventAction:
    """A move that the person may make now: its word, its page, whether a reason is asked and whether it is grave."""

    event: str
    label: str
    url: str
    reason: bool
    grave: bool


def event_actions(
    request: OfficeRequest,
    obj: Model,
    *,
    organisation: Organisation | None,
    url: Callable[[str], str],
    hide: Collection[str] = (),
) -> list[EventAction]:
    """Moves of ``obj`` that its state allows and the person's roles at ``organisation`` permit.

    ``url`` gives the address of an event's page (see ``moves.event_page``); ``hide`` leaves out events that have
    a place of their own on the page.
    """
    field = state_field(type(obj))
    machine, state = field.machine, str(getattr(obj, field.attname))
    actions = []
    for event in machine.events_from(state):
        ability = f"{machine.name}.{event}"
        if event in hide or ability in SYSTEM_MOVES or not request.access.can(ability, organisation, state=state):
            continue
        step = machine.next(state, event)
        grave = event in GRAVE_EVENTS
        actions.append(EventAction(event, str(event_label(machine.name, event)), url(event), step.reason, grave))
    return sorted(actions, key=lambda action: action.grave)


@dataclass(frozen=True)
class Happening:
    """One entry of a timeline."""

    row: AuditRow
    title: str
    from_label: str
    to_label: str
    tone: str


def timeline(*objects: Model, limit: int = 100) -> Sequence[Happening]:
    """What happened to ``objects`` by the audit log, newest first. One query."""
    from django.db.models import Q

    condition = Q(pk__in=[])
    for obj in objects:
        condition |= Q(object_type=obj._meta.label_lower, object_key=str(obj.pk))
    return [_happening(row) for row in AuditRow.objects.filter(condition).order_by("-seq")[:limit]]


def _happening(row: AuditRow) -> Happening:
    machine = row.action.partition(".")[0]
    if machine not in STATE_LABELS or not row.to_state:
        return Happening(row, action_label(row.action), "", "", "neutral")
    target = state_label(machine, row.to_state)
    origin = str(state_label(machine, row.from_state)) if row.from_state else ""
    return Happening(row, action_label(row.action), origin, str(target), target.tone)
