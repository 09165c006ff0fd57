"""``jinbang drill``: rehearse an exam over real HTTP, with faults, and check the books.

By itself it rehearses in a scratch installation on this machine. ``jinbang drill prepare --bundle FILE`` on a server
makes a rehearsal's sitting there; ``jinbang drill --url URL --bundle FILE`` at a PC of the room then rehearses
against that server, with the faults of network and machines. A bundle serves once.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinbang.delivery.drill.elsewhere import Elsewhere, read_bundle, write_bundle
from jinbang.delivery.drill.faults import ALL, FAULTS, FROM_OUTSIDE, chosen
from jinbang.delivery.drill.installation import Installation
from jinbang.delivery.drill.rehearsal import Plan, Rehearsal, compare, holds


def run_drill(
    *,
    candidates: int,
    faults: Sequence[str],
    database: str = "sqlite",
    answers_s: float = 2.0,
    lasting_s: float = 4.0,
) -> dict[str, Any]:
    """Rehearse in a scratch installation and return the report; ``ok`` says whether everything held."""
    with tempfile.TemporaryDirectory(prefix="jinbang-drill-") as scratch:
        installation = Installation(Path(scratch) / "site", database, own_clock=True)
        return rehearse(installation, candidates, Plan(faults, answers_s=answers_s, lasting_s=lasting_s))


def rehearse(installation: Installation, candidates: int, plan: Plan) -> dict[str, Any]:
    """Rehearse in this new installation, close it and return the report; ``ok`` says whether everything held."""
    try:
        tickets = installation.build(candidates=candidates, minutes=180, starts_in_s=-120)
        installation.start()
        rehearsal = Rehearsal(installation, tickets, plan)
        report = asyncio.run(rehearsal.run())
        installation.end_servers()
        report |= compare(rehearsal.candidates, installation.books())
    finally:
        installation.close()
    return {"database": installation.database, **report, "ok": holds(report)}


def rehearse_elsewhere(url: str, bundle: Path, plan: Plan) -> dict[str, Any]:
    """Rehearse against a running server and return the report. Raises ``ValueError``, ``OSError``."""
    rehearsal = Rehearsal(Elsewhere.of(url), read_bundle(bundle), plan)
    report = asyncio.run(rehearsal.run())
    report |= compare(rehearsal.candidates, rehearsal.books)
    return {"url": url, **report, "ok": holds(report)}


def prepare(argv: Sequence[str]) -> int:
    """``jinbang drill prepare``: a rehearsal's sitting in this installation, open from now, and its bundle."""
    from jinbang.config import clock
    from jinbang.delivery.drill import site

    parser = argparse.ArgumentParser(prog="jinbang drill prepare", description=prepare.__doc__)
    parser.add_argument("--candidates", type=int, default=40)
    parser.add_argument("--minutes", type=int, default=120, help="how long it can be sat")
    parser.add_argument("--bundle", type=Path, required=True, help="file to write; must not exist")
    given = parser.parse_args(argv)
    if given.bundle.exists():
        parser.error(f"{given.bundle} exists already")
    now, run = clock.now(), site.next_run()
    made = site.build(candidates=given.candidates, starts_at=now, minutes=given.minutes, run=run)
    site.reopen(made.sitting, starts_at=now, minutes=given.minutes)
    tickets = [(t.ticket, t.id_number, t.attempt) for t in made.tickets]
    write_bundle(given.bundle, tickets, sitting=made.sitting.code, made_at=now.isoformat(), minutes=given.minutes)
    print(f"{made.sitting.name}: {len(tickets)} candidates, open for {given.minutes} minutes; bundle: {given.bundle}")
    return 0


def file_report(report: dict[str, Any]) -> None:
    """File the report in this installation's own database, making its tables first. Effects: a ``DrillRun``."""
    from django.core.management import call_command

    from jinbang.config import clock
    from jinbang.delivery.models import DrillRun

    call_command("migrate", verbosity=0, interactive=False)
    DrillRun.objects.create(at=clock.now(), by=getpass.getuser(), report=report, ok=report["ok"])


def main(argv: Sequence[str]) -> int:
    """Rehearse; print the report, with ``--json`` as one object on the last line; status 0 only if all held."""
    if argv[:1] == ["prepare"]:
        return prepare(argv[1:])
    parser = argparse.ArgumentParser(prog="jinbang drill", description=__doc__)
    parser.add_argument("--url", help="rehearse against this running server (http://host:port) instead")
    parser.add_argument("--bundle", type=Path, help="with --url: the tickets that `jinbang drill prepare` wrote there")
    parser.add_argument("--candidates", type=int, default=300)
    parser.add_argument("--faults", default="all", help=f"all, none, or some of: {', '.join(FAULTS)}")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="default: like this installation's")
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds between two answers of a candidate")
    parser.add_argument("--lasting", type=float, default=4.0, help="seconds that a fault lasts")
    parser.add_argument("--no-file", action="store_true", help="do not file the report in this installation")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    if (given.url is None) != (given.bundle is None):
        parser.error("--url and --bundle go together")
    try:
        report = _report(given)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    if not given.no_file:
        file_report(report)
    _print(report, as_json=given.json)
    return 0 if report["ok"] else 1


def _report(given: argparse.Namespace) -> dict[str, Any]:
    faults = chosen(given.faults, FROM_OUTSIDE if given.url else ALL)
    if given.url:
        return rehearse_elsewhere(given.url, given.bundle, Plan(faults, answers_s=given.think, lasting_s=given.lasting))
    database = given.database or ("postgresql" if os.environ.get("JINBANG_DATABASE") else "sqlite")
    return run_drill(
        candidates=given.candidates,
        faults=faults,
        database=database,
        answers_s=given.think,
        lasting_s=given.lasting,
    )


def _print(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for name, value in report.items():
        print(f"{name:<20}{value}")
