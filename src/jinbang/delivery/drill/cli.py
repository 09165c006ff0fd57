"""``jinbang drill``: rehearse an exam over real HTTP, with faults, and check the books."""

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

from jinbang.delivery.drill.faults import FAULTS, chosen
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


def file_report(report: dict[str, Any]) -> None:
    """File the report in this installation's own database, making its tables first. Effects: a ``DrillRun``."""
    from django.core.management import call_command

    from jinbang.config import clock
    from jinbang.delivery.models import DrillRun

    call_command("migrate", verbosity=0, interactive=False)
    DrillRun.objects.create(at=clock.now(), by=getpass.getuser(), report=report, ok=report["ok"])


def main(argv: Sequence[str]) -> int:
    """Rehearse; print the report, with ``--json`` as one object on the last line; status 0 only if all held."""
    parser = argparse.ArgumentParser(prog="jinbang drill", description=__doc__)
    parser.add_argument("--candidates", type=int, default=300)
    parser.add_argument("--faults", default="all", help=f"all, none, or some of: {', '.join(FAULTS)}")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="default: like this installation's")
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds between two answers of a candidate")
    parser.add_argument("--lasting", type=float, default=4.0, help="seconds that a fault lasts")
    parser.add_argument("--no-file", action="store_true", help="do not file the report in this installation")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    try:
        faults = chosen(given.faults)
    except ValueError as error:
        parser.error(str(error))
    database = given.database or ("postgresql" if os.environ.get("JINBANG_DATABASE") else "sqlite")
    report = run_drill(
        candidates=given.candidates,
        faults=faults,
        database=database,
        answers_s=given.think,
        lasting_s=given.lasting,
    )
    if not given.no_file:
        file_report(report)
    _print(report, as_json=given.json)
    return 0 if report["ok"] else 1


def _print(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for name, value in report.items():
        print(f"{name:<20}{value}")
