"""The requests of the protocol as msgspec structs: decoding is validation."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Seq = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
ItemName = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
Value = Annotated[str, msgspec.Meta(max_length=20_000)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Instant = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Step = tuple[Seq, ItemName, Value, Instant]
MAX_STEPS, MAX_EVENTS, MAX_BODY = 500, 50, 1 << 20
Steps = Annotated[list[Step], msgspec.Meta(max_length=MAX_STEPS)]


class SignIn(msgspec.Struct):
    """POST /sign-in."""

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    id_number: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    device_key: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{16,128}$")]
    subject: str = ""
    agent: Annotated[str, msgspec.Meta(max_length=300)] = ""


class Beat(msgspec.Struct):
    """POST /beat."""

    last_seq: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0
    unsynced: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0
    focused: bool = True


class SaveSteps(msgspec.Struct):
    """POST /steps."""

    steps: Steps
    unsynced: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0


class HandIn(msgspec.Struct):
    """POST /hand-in."""

    count: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Sha256
    steps: Steps = []
    auto: bool = False


class Events(msgspec.Struct):
    """POST /events."""

    events: Annotated[
        list[tuple[Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,32}$")], Instant, dict[str, Any]]],
        msgspec.Meta(max_length=MAX_EVENTS),
    ]


class BeginUpload(msgspec.Struct):
    """POST /uploads."""

    item: ItemName
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Sha256
