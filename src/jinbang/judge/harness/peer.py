"""Two processes asking each other questions over a pair of pipes, one question at a time, nested if need be."""

from __future__ import annotations

import json
from typing import Any, BinaryIO, Callable, Dict

FRAME_MAX = 8 << 20
Question = Dict[str, Any]


class Gone(Exception):
    """The other side has ended, or speaks nonsense."""


class Peer:
    """One end. `answer` is given the other side's questions and returns the reply."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO, answer: Callable[[Question], Question]) -> None:
        self._reader = reader
        self._writer = writer
        self._answer = answer

    def ask(self, question: Question) -> Question:
        """Send the question, answer the other side's in the meantime, return the reply. Raises Gone."""
        self._send({"ask": question})
        while True:
            frame = self._receive()
            if "reply" in frame:
                reply = frame["reply"]
                if not isinstance(reply, dict):
                    raise Gone("nonsense")
                return reply
            self._send({"reply": self._answer(frame["ask"])})

    def serve(self) -> None:
        """Answer questions until the other side ends."""
        while True:
            try:
                frame = self._receive()
            except Gone:
                return
            self._send({"reply": self._answer(frame["ask"])})

    def _send(self, frame: dict[str, Any]) -> None:
        try:
            self._writer.write(json.dumps(frame).encode("ascii") + b"\n")
            self._writer.flush()
        except OSError as error:
            raise Gone("closed") from error

    def _receive(self) -> dict[str, Any]:
        line = self._reader.readline(FRAME_MAX)
        try:
            frame = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Gone("closed" if not line else "nonsense") from error
        if not isinstance(frame, dict) or not ({"ask", "reply"} & set(frame)):
            raise Gone("nonsense")
        return frame
