"""How fast documents are made, next to the floor of an empty page from the same compiler in the same run."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

from jinbang.pdf import samples
from jinbang.pdf.render import compile_empty, render


def _measure(make: Callable[[int], bytes], count: int) -> dict[str, float]:
    """Rate, CPU and size of ``count`` calls after two that warm up."""
    for n in range(2):
        make(n)
    cpu, wall = _cpu(), time.perf_counter()
    size = sum(len(make(n)) for n in range(count))
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    return {
        "documents_per_s": round(count / wall, 1),
        "cpu_ms": round(cpu / count * 1000, 3),
        "kilobytes": round(size / count / 1024, 1),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(count: int = 300) -> dict[str, object]:
    """One process; every document differs from the one before, so that nothing is answered from a cache.

    Keys: ``empty``, ``ticket`` (a document each), ``ticket_book`` (40 in a document), ``certificate``,
    ``sign_in_sheet`` (38 people); each with ``documents_per_s``, ``cpu_ms``, ``kilobytes`` per document;
    ``book_tickets_per_s``; ``ticket_ratio`` and ``certificate_ratio`` to the empty page; ``memory_mb``.
    """
    sheet = samples.samples()["sign_in_sheet"]
    few = max(5, count // 20)
    parts = {
        "empty": _measure(lambda n: compile_empty(), count),
        "ticket": _measure(lambda n: render("ticket", samples.tickets(1, first=n)), count),
        "ticket_book": _measure(lambda n: render("ticket", samples.tickets(40, first=40 * n)), few),
        "certificate": _measure(lambda n: render("certificate", samples.certificate(n)), count),
        "sign_in_sheet": _measure(lambda n: render("sign_in_sheet", sheet), few),
    }
    floor = parts["empty"]["cpu_ms"]
    return {
        **parts,
        "book_tickets_per_s": round(parts["ticket_book"]["documents_per_s"] * 40, 1),
        "ticket_ratio": round(parts["ticket"]["cpu_ms"] / floor, 2),
        "certificate_ratio": round(parts["certificate"]["cpu_ms"] / floor, 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
