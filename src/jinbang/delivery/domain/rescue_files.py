"""Files of a practical task that were chosen for upload while no server could be reached: in a rescue file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from jinbang.core.errors import Refusal
from jinbang.core.timing import SeatClock, may_answer
from jinbang.delivery.domain.clocks import clock_of
from jinbang.delivery.domain.crypto import RescueContent
from jinbang.delivery.domain.scoring import open_answer_keys
from jinbang.delivery.models import Attempt, Upload
from jinbang.documents.domain.files import keep_bytes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RescuedFile:
    """A file and the instant at which the candidate chose it."""

    item: str
    name: str
    data: bytes
    chosen_at: datetime

    @property
    def sha256(self) -> str:
        """Of the content, hex."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class TakenFiles:
    """How many there were, how many became versions, how many were not taken."""

    given: int = 0
    new: int = 0
    refused: int = 0


def rescued_files(content: RescueContent) -> list[RescuedFile]:
    """The files of a rescue file, put together from its parts and checked against size and hash.

    Raises ``Refusal("rescue_unreadable")``: a file that came damaged must be noticed while the stick is still there.
    """
    try:
        files = [_file(given, content.parts) for given in content.payload.get("files", [])]
    except (KeyError, TypeError, IndexError, ValueError, OverflowError):
        raise Refusal("rescue_unreadable", _("救援文件的内容不完整")) from None
    return sorted(files, key=lambda file: file.chosen_at)


def _file(given: Any, parts: Sequence[bytes]) -> RescuedFile:
    data = b"".join(parts[number] for number in given["parts"] if number >= 0)
    item, name = given["item"], given["name"]
    file = RescuedFile(item, name, data, _EPOCH + timedelta(milliseconds=given["at_ms"]))
    if not (isinstance(item, str) and isinstance(name, str) and "\0" not in item + name):
        raise ValueError(name)
    if len(data) != given["size"] or file.sha256 != given["sha256"]:
        raise ValueError(name)
    return file


def take_in_files(attempt: Attempt, files: Sequence[RescuedFile], now: datetime) -> TakenFiles:
    """Store what the server lacks as new versions. Effects: bytes kept by content, ``Upload`` rows. Repeatable."""
    if not files:
        return TakenFiles()
    clock, wanted = clock_of(attempt), _wanted(attempt)
    new = refused = 0
    for file in files:
        if (file.item, file.name) not in wanted or not _in_time(clock, file, now):
            refused += 1
        else:
            new += _take_in(attempt, file, now)
    return TakenFiles(len(files), new, refused)


def _wanted(attempt: Attempt) -> set[tuple[str, str]]:
    """The files that the tasks of the attempt's paper ask for; none before its key is released."""
    papers = attempt.paper_set
    if papers.released_key is None or papers.scoring_cipher is None:
        return set()
    keys = open_answer_keys(bytes(papers.scoring_cipher), secret=bytes(papers.released_key))
    return {(item, name) for item, names in keys.files.items() for name in names}


def _in_time(clock: SeatClock, file: RescuedFile, now: datetime) -> bool:
    return may_answer(clock, min(file.chosen_at, now), typed_at=file.chosen_at).ok


def _take_in(attempt: Attempt, file: RescuedFile, now: datetime) -> bool:
    """Whether a version came of it: not if the newest one is the same, nor if one was completed after it was chosen."""
    versions = list(Upload.objects.filter(attempt=attempt, item=file.item, name=file.name).order_by("-version"))
    whole = next((row for row in versions if row.completed_at is not None), None)
    if whole is not None and (whole.sha256 == file.sha256 or (whole.completed_at or now) >= file.chosen_at):
        return False
    keep_bytes(file.sha256, file.data)
    begun = versions[0] if versions and versions[0].completed_at is None else None
    if begun is not None and begun.sha256 == file.sha256:
        begun.received, begun.completed_at = begun.size, now
        begun.save(update_fields=["received", "completed_at"])
        return True
    Upload.objects.create(
        attempt=attempt, item=file.item, name=file.name, version=versions[0].version + 1 if versions else 1,
        size=len(file.data), received=len(file.data), sha256=file.sha256, started_at=file.chosen_at, completed_at=now,
    )  # fmt: skip
    return True
