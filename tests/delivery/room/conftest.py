"""A room of a scratch sitting, and people to act in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jinbang.audit.actor import Actor
from jinbang.delivery.domain.room import open_room
from jinbang.delivery.drill.site import build
from jinbang.delivery.models import Attempt, RoomSession

STARTS = datetime(2022, 5, 21, 0, 30, tzinfo=UTC)


@pytest.fixture
def ann() -> Actor:
    return Actor(kind="person", key="101", label="监考甲")


@pytest.fixture
def bob() -> Actor:
    return Actor(kind="person", key="102", label="监考甲")  # the same name on purpose


@pytest.fixture
def planned(db: None) -> RoomSession:
    """A room with six candidates, not open yet."""
    build(candidates=6, starts_at=STARTS, minutes=90)
    return RoomSession.objects.get()


@pytest.fixture
def session(planned: RoomSession, ann: Actor) -> RoomSession:
    return open_room(session=planned, actor=ann, now=at(-20))


def at(minutes: float) -> datetime:
    """The instant this many minutes after the start."""
    return STARTS + timedelta(minutes=minutes)


def seat(number: int) -> Attempt:
    return Attempt.objects.select_related("room_session", "seat").get(seat__number=number)


def running(number: int, *, seen: float = 1, **fields: object) -> Attempt:
    """Put a candidate to work without the engine: signed in and started."""
    Attempt.objects.filter(seat__number=number).update(
        state="running", signed_in_at=at(-5), started_at=at(0), last_seen_at=at(seen), device_key="d" * 20,
        token_sha256="a" * 64, generation=1, **fields,
    )  # fmt: skip
    return seat(number)


def handed_in(number: int, *, when: float = 60, how: str = "candidate", **fields: object) -> Attempt:
    running(number)
    settled = {"state": "handed_in", "handed_in_at": at(when), "hand_in_how": how, "last_seen_at": at(when), **fields}
    Attempt.objects.filter(seat__number=number).update(**settled)
    return seat(number)
