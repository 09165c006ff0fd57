"""A server that runs elsewhere: rehearsed over the network alone, with the tickets of a bundle.

``jinbang drill prepare`` makes the rehearsal's sitting on the server and writes the bundle; the driver needs nothing
else. What the server holds is read back by the protocol itself (``GET /steps`` after the hand-in).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinbang.delivery.domain.canonical import digest
from jinbang.delivery.drill.candidate import Candidate
from jinbang.delivery.drill.installation import Ticket

FORMAT = "jinbang-drill/1"


@dataclass(frozen=True)
class Elsewhere:
    """Host and port of a server that speaks plain HTTP, as a room's server does on its own network."""

    address: tuple[str, int]

    @classmethod
    def of(cls, url: str) -> Elsewhere:
        """From ``http://host[:port]``. Raises ``ValueError``: repeated and delayed bytes would break TLS itself."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r}: give the server's own address as http://host:port, without TLS")
        return cls((parts.hostname, parts.port or 80))


def write_bundle(path: Path, tickets: Sequence[tuple[str, str, int]], **about: Any) -> None:
    """Write the tickets for the driver; readable by the owner alone. Raises ``FileExistsError``."""
    text = json.dumps({"format": FORMAT, **about, "tickets": tickets}, ensure_ascii=False)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def read_bundle(path: Path) -> list[Ticket]:
    """The tickets of a bundle. Raises ``ValueError``, ``OSError``."""
    given = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        raise ValueError(f"{path} is no bundle of `jinbang drill prepare`")
    return [Ticket(str(ticket), str(number), int(attempt)) for ticket, number, attempt in given["tickets"]]


async def books_over_http(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """What the server says it holds of these candidates, in the form of ``drill.books``."""
    steps: dict[str, dict[str, list[str]]] = {}
    receipts: dict[str, list[Any]] = {}
    stored = twice = 0
    for candidate in candidates:
        if not candidate.session or candidate.receipt is None:
            continue
        attempt = str(candidate.session["attempt"])
        rows = await candidate.stored_steps()
        steps[attempt] = {str(seq): [item, value] for seq, item, value, _ in rows}
        stored += len(rows)
        twice += len(rows) - len(steps[attempt])
        found = (await candidate.beat())["receipt"]
        final = {item: value for _, item, value, _ in rows}
        receipts[attempt] = [found["sha256"], found["sha256"] == digest(final).sha256, found["how"]]
    return {"steps": steps, "stored": stored, "twice": twice, "receipts": receipts}
