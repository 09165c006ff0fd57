"""``jinbang demo``: play the cycle of 2022 under a test clock, the exam over real HTTP, then serve it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from jinbang.demo.environment import Environment, Journal, free_port

DEFAULT_CANDIDATES = 60
MOST_CANDIDATES = 2000


def main(argv: Sequence[str]) -> int:
    """0 if every stage held; 1 with the reason otherwise; 130 after Ctrl-C, from where the next run goes on."""
    parser = argparse.ArgumentParser(prog="jinbang demo", description=__doc__)
    parser.add_argument("--candidates", type=int, default=0, metavar="N", help=f"default {DEFAULT_CANDIDATES}")
    parser.add_argument("--no-serve", action="store_true", help="stop after the cycle instead of serving it")
    parser.add_argument("--json", action="store_true", help="one object on the last line of stdout")
    parser.add_argument("--fresh", action="store_true", help="start clean; without it an unfinished run is resumed")
    parser.add_argument("--data", type=Path, default=Path("var/demo"), metavar="DIR", help="default var/demo")
    parser.add_argument("--port", type=int, default=0, help="default 8000, or a free one")
    options = parser.parse_args(argv)
    if not 0 <= options.candidates <= MOST_CANDIDATES:
        parser.error(f"--candidates: between 1 and {MOST_CANDIDATES}")
    data = options.data.resolve()
    environment = Environment(data, options.port or free_port())
    if options.fresh or _finished_with_other_size(data, options.candidates):
        environment.clear()
    environment.enter()
    try:
        counts = _play(environment, options.candidates or DEFAULT_CANDIDATES)
    except KeyboardInterrupt:
        print("\nstopped; run the same command to go on, or add --fresh to start clean", file=sys.stderr)
        return 130
    except RuntimeError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(counts, ensure_ascii=False))
    if not _holds(counts):
        print("the demonstration's books do not agree; see the counts above", file=sys.stderr)
        return 1
    return 0 if options.no_serve else _serve(environment)


def _finished_with_other_size(data: Path, wanted: int) -> bool:
    """Whether an earlier run is there that this one cannot go on from."""
    journal = Journal(data)
    return bool(wanted and journal.candidates and journal.candidates != wanted)


def _play(environment: Environment, candidates: int) -> dict[str, object]:
    import django

    django.setup()
    from jinbang.demo.cycle import Cycle

    journal = Journal(environment.data)
    journal.candidates = journal.candidates or candidates
    begun = time.monotonic()
    cycle = Cycle(environment, journal)
    cycle.run()
    journal.counts["seconds"] = round(journal.counts.get("seconds", 0) + time.monotonic() - begun, 1)
    journal.save()
    return journal.counts


def _holds(counts: dict[str, object]) -> bool:
    """Whether what the stages promise is true of the counts."""
    passed = counts["passed"]
    assert isinstance(passed, int)
    return bool(
        counts["answers_acked"] == counts["answers_stored"]
        and counts["certificates"] == 2 * passed
        and counts["ledger_balanced"]
        and counts["audit_chain_ok"]
    )


def _serve(environment: Environment) -> int:
    from jinbang.demo.world import PASSWORD, accounts

    print(f"\nserving at {environment.url} — password of every account: {PASSWORD}\n")
    for account in accounts():
        print(f"  {account.username:<16}{account.name}　{account.role.label}")
    print(f"\n  {environment.url}/sit/ is the candidates' page, {environment.url}/verify/ checks certificates")
    print("  Ctrl-C ends it\n", flush=True)
    arguments = ["serve", "--host", "127.0.0.1", "--port", str(environment.port)]
    os.execv(sys.executable, [sys.executable, "-m", "jinbang.cli.main", *arguments])  # noqa: S606 — ourselves
