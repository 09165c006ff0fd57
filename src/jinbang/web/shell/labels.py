"""Words for states, events and audit actions. They live in ``audit.labels`` so that notices can use them too."""

from jinbang.audit.labels import (
    GRAVE_EVENTS,
    MACHINE_LABELS,
    STATE_LABELS,
    TONES,
    Label,
    action_label,
    event_label,
    machine_label,
    name_actions,
    state_label,
)

__all__ = [
    "GRAVE_EVENTS",
    "MACHINE_LABELS",
    "STATE_LABELS",
    "TONES",
    "Label",
    "action_label",
    "event_label",
    "machine_label",
    "name_actions",
    "state_label",
]
