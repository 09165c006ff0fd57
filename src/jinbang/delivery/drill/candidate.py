"""A simulated candidate who speaks the documented protocol and nothing else.

``sit`` is the short way; ``Candidate`` has the single steps. It behaves as a client must: it retries what was
not answered with the same content, keeps every unacknowledged step, and believes only an acknowledgement.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import secrets
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jinbang.delivery.domain.canonical import Digest, digest
from jinbang.delivery.drill.http import Client, NoReply, Reply

PAUSES_S = (0.2, 0.5, 1.0, 2.0, 2.0)
Chooser = Callable[[str, Mapping[str, Any]], str]


class RefusedByServer(Exception):  # noqa: N818 - it is what the server did
    """The server refused: ``code`` and the whole body."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('message_en', '')}")
        self.status = status
        self.code = str(body.get("code"))
        self.body = body


@dataclass
class Candidate:
    """One candidate at one machine. ``rng`` decides think times; ``give_up_s`` bounds every retrying."""

    base_url: str
    ticket: str
    id_number: str
    device_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    subject: str = ""
    give_up_s: float = 120.0
    rng: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.client = Client(self.base_url)
        self.session: dict[str, Any] = {}
        self.paper: dict[str, Any] = {}
        self.answers: dict[str, str] = {}
        self.acked: dict[int, tuple[str, str]] = {}
        self.unsent: dict[int, tuple[str, str, int]] = {}
        self.receipt: dict[str, Any] | None = None
        self.files: dict[str, str] = {}
        self.longest_wait_s = 0.0
        self.skew_ms = 0.0
        self._seq = 0
        self._offset_ms = 0.0

    # -- talking -----------------------------------------------------------------------------------

    async def ask(self, method: str, path: str, given: Mapping[str, Any] | bytes = b"") -> Any:
        """A request, sent again until it is answered for good. Raises :class:`RefusedByServer`, :class:`NoReply`."""
        answer = (await self._answered(method, path, given)).json()
        if "now" in answer:
            self._offset_ms = answer["now"] - time.monotonic() * 1000
        return answer

    async def fetch(self, path: str) -> bytes:
        """Something sealed, as it is; like :meth:`ask` otherwise."""
        return (await self._answered("GET", path, b"")).body

    async def _answered(self, method: str, path: str, given: Mapping[str, Any] | bytes) -> Reply:
        began = time.monotonic()
        for attempt in range(10_000):
            pause = PAUSES_S[min(attempt, len(PAUSES_S) - 1)]
            try:
                reply = await self.client.call(method, path, given)
            except NoReply:
                reply = None
            if reply is not None and reply.status < 400:
                self.longest_wait_s = max(self.longest_wait_s, time.monotonic() - began)
                return reply
            if reply is not None:
                body = reply.json()
                if "retry_after_ms" not in body:
                    raise RefusedByServer(reply.status, body)
                pause = body["retry_after_ms"] / 1000
            if time.monotonic() - began > self.give_up_s:
                raise NoReply(f"{method} {path}: gave up after {self.give_up_s:.0f} s")
            await asyncio.sleep(pause * (1 + self.rng.random() / 2))
        raise NoReply("gave up")

    def server_ms(self) -> int:
        """Server time, from the last answer and the machine's monotonic counter; ``skew_ms`` is how wrong it is."""
        return int(time.monotonic() * 1000 + self._offset_ms + self.skew_ms)

    # -- the sitting -------------------------------------------------------------------------------

    async def sign_in(self) -> dict[str, Any]:
        """Sign in and keep the session."""
        given = {"ticket": self.ticket, "id_number": self.id_number, "device_key": self.device_key}
        if self.subject:
            given["subject"] = self.subject
        self.client.token = ""
        self.session = await self.ask("POST", "/sign-in", given)
        self.client.token = self.session["token"]
        self._seq = self.session["seq_base"]
        return self.session

    async def wait_for_go(self) -> None:
        """Beat until the paper may be opened."""
        while not (beat := await self.beat())["go"]:
            left = max(0, beat["starts_at"] - beat["now"]) / 1000
            await asyncio.sleep(min(beat["beat_ms"] / 1000, left + 0.05) if left else 0.5)

    async def beat(self) -> dict[str, Any]:
        """One heartbeat."""
        given = {"last_seq": self._seq, "unsynced": len(self.unsent), "focused": True}
        answer: dict[str, Any] = await self.ask("POST", "/beat", given)
        return answer

    async def start(self) -> dict[str, Any]:
        """Fetch the sealed paper, get the key, open it; returns the paper."""
        blob = await self.fetch("/paper")
        answer = await self.ask("POST", "/start", {})
        self.paper = open_paper(blob, base64.b64decode(answer["key"]), self.session["attempt"])
        return self.paper

    async def restore(self) -> None:
        """Take over what is stored, as after a reload or at another machine."""
        stored = await self.stored_steps()
        steps = {seq: (item, value) for seq, item, value, _ in stored}
        self.acked |= steps
        steps |= {seq: (item, value) for seq, (item, value, _) in self.unsent.items()}
        self.answers = {}
        for _, (item, value) in sorted(steps.items()):
            self.answers[item] = value

    async def stored_steps(self) -> list[Sequence[Any]]:
        """Every step that the server holds, in order, also after the hand-in."""
        stored: list[Sequence[Any]] = []
        after, more = 0, True
        while more:
            page = await self.ask("GET", f"/steps?after={after}")
            stored += page["steps"]
            after, more = page["last_seq"], page["more"]
        return stored

    def type(self, item: str, value: str) -> int:
        """Change an answer; returns the step's number. Nothing is sent yet."""
        self._seq += 1
        self.unsent[self._seq] = (item, value, self.server_ms())
        self.answers[item] = value
        return self._seq

    def unsent_steps(self) -> list[tuple[int, str, str, int]]:
        """The unacknowledged steps in order, at most 500."""
        return [(seq, *self.unsent[seq]) for seq in sorted(self.unsent)[:500]]

    async def save(self) -> None:
        """Send what is unacknowledged and forget what the server acknowledged."""
        while self.unsent:
            steps = self.unsent_steps()
            answer = await self.ask("POST", "/steps", {"steps": steps, "unsynced": len(self.unsent)})
            self.settle(steps, answer)

    def settle(self, steps: Sequence[tuple[int, str, str, int]], answer: Mapping[str, Any]) -> None:
        """Note an acknowledgement of ``steps``; a number that was taken is given anew."""
        refused = dict(answer["refused"])
        for seq, item, value, at in steps:
            self.unsent.pop(seq, None)
            if seq not in refused:
                self.acked[seq] = (item, value)
            elif refused[seq] == "seq_conflict":
                self._seq += 1
                self.unsent[self._seq] = (item, value, at)

    async def upload(self, item: str, name: str, data: bytes) -> dict[str, Any]:
        """Hand in a file in chunks; returns its receipt."""
        hashed = hashlib.sha256(data).hexdigest()
        fields = {"item": item, "name": name, "size": len(data), "sha256": hashed}
        state = await self.ask("POST", "/uploads", fields)
        chunk, number = state["chunk"], state["upload"]
        while not state["complete"]:
            at = state["received"]
            path = f"/uploads/{number}?offset={at}"
            try:
                state = await self.ask("PUT", path, data[at : at + chunk])
            except RefusedByServer as refusal:
                if refusal.code != "offset_differs":
                    raise
                state = {"complete": False, "received": refusal.body["received"]}
        self.files[f"file:{item}/{name}"] = hashed
        receipt: dict[str, Any] = state["receipt"]
        return receipt

    def digest(self) -> Digest:
        """Count and hash of the answers as this candidate sees them."""
        return digest({**self.answers, **self.files})

    async def hand_in(self) -> dict[str, Any]:
        """Hand in and keep the receipt; synchronises first when the server holds other answers."""
        for _ in range(5):
            found, steps = self.digest(), self.unsent_steps()
            given = {"count": found.count, "sha256": found.sha256, "steps": steps}
            try:
                answer = await self.ask("POST", "/hand-in", given)
            except RefusedByServer as refusal:
                if refusal.code != "answers_differ":
                    raise
                await self.save()
                await self.restore()
                continue
            self.settle(steps, {"refused": []})
            receipt: dict[str, Any] = answer["receipt"]
            self.receipt = receipt
            return receipt
        raise NoReply("the answers here and on the server stay different")

    def close(self) -> None:
        """Drop the connection."""
        self.client.close()


def open_paper(blob: bytes, key: bytes, attempt: int) -> dict[str, Any]:
    """The paper as the protocol says it is sealed."""
    sealed = AESGCM(key).decrypt(blob[4:16], blob[16:], f"jinbang-paper/1:{attempt}".encode())
    paper: dict[str, Any] = json.loads(zlib.decompress(sealed, -15))
    return paper


def choose_at_random(rng: random.Random) -> Chooser:
    """A candidate who knows nothing: some valid answer of the item's kind."""

    def choose(_item: str, shown: Mapping[str, Any]) -> str:
        keys = [option["key"] for option in shown["options"]]
        if shown["kind"] == "multiple":
            return ",".join(sorted(rng.sample(keys, min(2, len(keys)))))
        return rng.choice(keys) if keys else f"答案{rng.randrange(1000)}"

    return choose


async def sit(
    base_url: str,
    ticket: str,
    id_number: str,
    answers: Mapping[str, str] | Chooser,
    *,
    subject: str = "theory",
    files: Mapping[str, bytes] | None = None,
    think_s: float = 0.0,
    device_key: str = "",
    hand_in: bool = True,
    give_up_s: float = 120.0,
) -> Candidate:
    """Sit a whole subject: sign in, wait for the go, open the paper, answer, hand in.

    ``answers`` is item → value, or a function of (item, item as shown) that returns the value. ``files`` (file name →
    content) are uploaded to the task that asks for them. ``think_s`` is the mean pause between two answers.
    Returns the candidate with ``answers``, ``acked``, ``receipt``.
    """
    candidate = Candidate(base_url, ticket, id_number, device_key or secrets.token_urlsafe(24), subject, give_up_s)
    try:
        await candidate.sign_in()
        await candidate.wait_for_go()
        paper = await candidate.start()
        await candidate.restore()
        await _answer(candidate, paper, answers, think_s)
        for name, data in (files or {}).items():
            for item in [key for key, shown in paper["items"].items() if name in shown.get("files", ())]:
                await candidate.upload(item, name, data)
        if hand_in:
            await candidate.hand_in()
    finally:
        candidate.close()
    return candidate


async def _answer(
    candidate: Candidate, paper: Mapping[str, Any], answers: Mapping[str, str] | Chooser, think_s: float
) -> None:
    for section in paper["sections"]:
        for item in section["items"]:
            shown = paper["items"][item]
            if shown["kind"] == "task":
                continue
            value = answers(item, shown) if callable(answers) else answers.get(item, "")
            if value:
                candidate.type(item, value)
                await candidate.save()
                await asyncio.sleep(candidate.rng.expovariate(1 / think_s) if think_s else 0)
