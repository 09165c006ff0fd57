"""The board as the console's script reads it: one JSON object a second."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from jinbang.delivery.domain.room import unsettled
from jinbang.delivery.domain.room.sessions import staffing_gaps
from jinbang.delivery.domain.room.times import room_clocks, suggestions
from jinbang.delivery.models import RoomSession
from jinbang.delivery.queries.board import Board, Trouble, count, read_board

SLOW = timedelta(seconds=5)


def _suggested(session: RoomSession, now: datetime) -> dict[str, Any]:
    found = suggestions(session, now)
    return {
        "room": None if found.room is None else {"seconds": found.room.seconds, "remedy": str(found.room.remedy)},
        "seats": {key: {"seconds": one.seconds, "remedy": str(one.remedy)} for key, one in found.seats.items()},
    }


class BoardReader:
    """Reads the board of one room session again and again; what changes slowly only every :data:`SLOW`."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
        self._slow_at: datetime | None = None
        self._suggested: dict[str, Any] = {}
        self._unsettled: set[int] = set()
        self._gaps: list[str] = []

    def read(self, now: datetime) -> str:
        """The board at ``now`` as JSON. Raises ``RoomSession.DoesNotExist``."""
        session = RoomSession.objects.select_related("sitting_subject__sitting__plan__rule_set", "room").get(pk=self.pk)
        if self._slow_at is None or not timedelta(0) <= now - self._slow_at < SLOW:
            self._slow_at = now
            self._read_slow(session, now)
        board = read_board(session, room_clocks(session), now)
        for card in board.seats:
            if card.attempt in self._unsettled:
                card.worsen(Trouble.ACT, "unsettled")
        return json.dumps(self._as_dict(board), ensure_ascii=False)

    def _read_slow(self, session: RoomSession, now: datetime) -> None:
        is_open = session.state == "open"
        self._gaps = staffing_gaps(session) if session.state == "planned" else []
        self._suggested = _suggested(session, now) if is_open else {"room": None, "seats": {}}
        self._unsettled = {one.attempt.pk for one in unsettled(session) if not one.waived}

    def _as_dict(self, board: Board) -> dict[str, Any]:
        """``board`` for the script; ``now`` and instants in milliseconds."""
        session = board.session
        return {
            "now": round(board.now.timestamp() * 1000),
            "state": session.state,
            "phase": board.phase,
            "paused": board.paused,
            "starts_at": round(session.go_at.timestamp() * 1000),
            "closes_at": board.closes_at,
            "message": session.message,
            "counts": count(board.seats),
            "ledger": board.ledger,
            "gaps": self._gaps,
            "suggested": self._suggested,
            "worst": [card.number for card in board.worst_first],
            "seats": [asdict(card) for card in board.seats],
        }


def board_json(pk: int, now: datetime) -> str:
    """The board of room session ``pk`` at ``now``, everything read anew."""
    return BoardReader(pk).read(now)
