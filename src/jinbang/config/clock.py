"""The site-wide clock: the only place that asks the machine for the time.

Domain code takes ``now`` as an argument; views, tasks and commands fetch it here. With
``JINBANG_TEST_CLOCK`` naming a file, the clock is shifted: the file holds one line, the offset in
seconds (a decimal number) added to the machine's time. Every process of an installation reads the same
file, so a demonstration can live through 2022; the web shell shows a banner while it is set.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

_REREAD_AFTER_S = 0.2
_cache: tuple[float, float] = (float("-inf"), 0.0)


def clock_file() -> Path | None:
    """The file that shifts the clock, or None when the machine's own time is used."""
    name = os.environ.get("JINBANG_TEST_CLOCK", "")
    return Path(name) if name else None


def offset_s() -> float:
    """Seconds added to the machine's time; 0.0 without a test clock. Re-read at most every 0.2 s."""
    global _cache
    path = clock_file()
    if path is None:
        return 0.0
    read_at, value = _cache
    tick = time.monotonic()
    if tick - read_at > _REREAD_AFTER_S:
        value = float(path.read_text()) if path.exists() else 0.0
        _cache = (tick, value)
    return value


def now() -> datetime:
    """The present instant of this installation, aware, in UTC."""
    return datetime.fromtimestamp(time.time() + offset_s(), UTC)


def set_test_now(instant: datetime) -> None:
    """Shift the test clock so that it reads ``instant`` now. Refused where no test clock is configured."""
    global _cache
    path = clock_file()
    if path is None:
        raise RuntimeError("no test clock: set JINBANG_TEST_CLOCK to a file first")
    shift = instant.timestamp() - time.time()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(f"{shift:.3f}\n")
    beside.replace(path)
    _cache = (time.monotonic(), shift)
