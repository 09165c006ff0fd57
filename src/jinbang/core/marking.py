"""Marking by people: one marker, two, three, and who decides when they differ.

Modes as the field names them: ``1``; ``1+1`` (beyond the threshold the leader decides); ``1+1+1`` (a third
marker comes in, whose mark is averaged with the nearer of the first two, and the leader decides if even
those are too far apart); ``2+1`` (the third marker's mark decides).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jinbang.core.errors import Refusal
from jinbang.core.scoring import rounded


class Mode(StrEnum):
    """How many markers, and who decides."""

    ONE = "1"
    TWO = "1+1"
    THREE = "1+1+1"
    TWO_PLUS_ONE = "2+1"


@dataclass(frozen=True)
class MarkingRules:
    """``threshold`` is the greatest difference that still counts as agreement, in marks."""

    mode: Mode
    full: Decimal
    threshold: Decimal = Decimal(0)
    places: int = 1


class Needs(StrEnum):
    """Whose mark is missing."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    LEADER = "leader"


class Basis(StrEnum):
    """What a settled mark rests on."""

    SINGLE = "single"
    MEAN = "mean"
    NEARER_PAIR = "nearer_pair"
    THIRD = "third"
    LEADER = "leader"


@dataclass(frozen=True)
class Settled:
    """The mark that counts."""

    value: Decimal
    basis: Basis


def settle(rules: MarkingRules, marks: Sequence[Decimal], leader: Decimal | None = None) -> Settled | Needs:
    """The mark that counts, or whose mark is needed next.

    ``marks`` are the markers' marks in order. The leader's mark, where given, decides. Refuses marks
    outside 0…``full`` (``mark_range``) and more marks than the mode knows (``marks_too_many``).
    """
    for mark in (*marks, *(() if leader is None else (leader,))):
        if not 0 <= mark <= rules.full:
            raise Refusal("mark_range", "分数 {mark} 应在 0 与 {full} 之间", mark=mark, full=rules.full)
    most = {Mode.ONE: 1, Mode.TWO: 2, Mode.THREE: 3, Mode.TWO_PLUS_ONE: 3}[rules.mode]
    if len(marks) > most:
        raise Refusal("marks_too_many", "{mode} 阅卷最多 {most} 个分数", mode=rules.mode.value, most=most)
    if leader is not None:
        return Settled(leader, Basis.LEADER)
    if not marks:
        return Needs.FIRST
    if rules.mode is Mode.ONE:
        return Settled(marks[0], Basis.SINGLE)
    if len(marks) == 1:
        return Needs.SECOND
    return _settle_pair(rules, marks)


def _settle_pair(rules: MarkingRules, marks: Sequence[Decimal]) -> Settled | Needs:
    first, second = marks[:2]
    if abs(first - second) <= rules.threshold:
        return Settled(rounded((first + second) / 2, rules.places), Basis.MEAN)
    if rules.mode is Mode.TWO:
        return Needs.LEADER
    if len(marks) == 2:
        return Needs.THIRD
    third = marks[2]
    if rules.mode is Mode.TWO_PLUS_ONE:
        return Settled(third, Basis.THIRD)
    # Equally near: the higher of the two, so that a tie never costs the candidate anything.
    nearer = min((first, second), key=lambda m: (abs(m - third), -m))
    if abs(nearer - third) > rules.threshold:
        return Needs.LEADER
    return Settled(rounded((nearer + third) / 2, rules.places), Basis.NEARER_PAIR)
