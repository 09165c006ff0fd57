"""Every machine, state and event has a word in Chinese and in English."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from jinbang.audit import labels
from jinbang.core.lifecycle import MACHINES, Machine

HAN = re.compile(r"[\u4e00-\u9fff]")


def both(label: labels.Label) -> bool:
    return bool(HAN.search(label.zh)) and bool(label.en) and not HAN.search(label.en)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_every_word_is_there_in_both_languages(machine: Machine) -> None:
    assert both(labels.machine_label(machine.name))
    for state in machine.states:
        label = labels.state_label(machine.name, state)
        assert both(label), state
        assert label.tone in labels.TONES
    for step in machine.transitions:
        assert both(labels.event_label(machine.name, step.event)), step.event


def test_no_word_is_for_a_state_that_does_not_exist() -> None:
    assert set(labels.STATE_LABELS) == set(labels.MACHINE_LABELS) == set(MACHINES)
    for name, states in labels.STATE_LABELS.items():
        assert set(states) == set(MACHINES[name].states)


def test_states_of_a_machine_do_not_share_a_word() -> None:
    for name, states in labels.STATE_LABELS.items():
        for language in ("zh", "en"):
            words = [getattr(label, language) for label in states.values()]
            assert len(set(words)) == len(words), name


def test_the_readers_language_decides() -> None:
    with translation.override("en"):
        assert (str(labels.state_label("site", "live")), labels.action_label("site.approve")) == (
            "Live",
            "Exam site · Approve",
        )
    with translation.override("zh-hans"):
        assert str(labels.state_label("site", "live")) == "已启用"
    assert labels.action_label("unknown.thing") == "unknown.thing"
