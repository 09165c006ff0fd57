"""The board as the console's script reads it: one JSON object a second."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from jinbang.delivery.domain.room import unsettled
from jinbang.delivery.domain.room.times import room_clocks, suggestions
from jinbang.delivery.models import RoomSession
from jinbang.delivery.queries.board import Board, Trouble, count, read_board


def _suggested(session: RoomSession, now: datetime) -> dict[str, Any]:
    found = suggestions(session, now)
    return {
        "room": None if found.room is None else {"seconds": found.room.seconds, "remedy": str(found.room.remedy)},
        "seats": {key: {"seconds": one.seconds, "remedy": str(one.remedy)} for key, one in found.seats.items()},
    }


def _add_unsettled(board: Board) -> None:
    """Mark seats whose answers may be lost and hold the room open (``delivery.domain.room.unsettled``)."""
    left = {one.attempt.pk for one in unsettled(board.session) if not one.waived}
    for card in board.seats:
        if card.attempt in left:
            card.worsen(Trouble.ACT, "unsettled")


def as_dict(board: Board) -> dict[str, Any]:
    """``board`` for the script; ``now`` and instants in milliseconds."""
    session = board.session
    _add_unsettled(board)
    return {
        "now": round(board.now.timestamp() * 1000),
        "state": session.state,
        "phase": board.phase,
        "paused": board.paused,
        "starts_at": round(session.go_at.timestamp() * 1000),
        "closes_at": board.closes_at,
        "message": session.message,
        "counts": count(board.seats),
        "waiting": board.waiting,
        "suggested": _suggested(session, board.now) if session.state == "open" else {"room": None, "seats": {}},
        "worst": [card.number for card in board.worst_first],
        "seats": [asdict(card) for card in board.seats],
    }


def board_json(pk: int, now: datetime) -> str:
    """The board of room session ``pk`` at ``now``. Raises ``RoomSession.DoesNotExist``."""
    session = RoomSession.objects.select_related("sitting_subject", "room").get(pk=pk)
    return json.dumps(as_dict(read_board(session, room_clocks(session), now)), ensure_ascii=False)
