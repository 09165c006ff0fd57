"""``jinbang content import|export|lint FILE``: whole item banks in and out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import django

from jinbang.core.errors import Refusal, RowErrors


def main(argv: Sequence[str]) -> int:
    """Run the command; 0 if all of it held, 1 with the faults on stderr, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="jinbang content", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser("lint", help="check a bank file; nothing is stored")
    lint.add_argument("file", type=Path)
    take_in = commands.add_parser("import", help="take in a bank file; a second time changes nothing")
    take_in.add_argument("file", type=Path)
    take_in.add_argument("--author", required=True, help="user name of the author")
    take_in.add_argument("--reviewer", help="user name of the reviewer, for a bank that was reviewed outside")
    export = commands.add_parser("export", help="write a level's bank")
    export.add_argument("file", type=Path)
    export.add_argument("--certificate", required=True)
    export.add_argument("--level", required=True)
    arguments = parser.parse_args(argv)
    django.setup()
    try:
        return {"lint": _lint, "import": _import, "export": _export}[arguments.command](arguments)
    except RowErrors as errors:
        for fault in errors.errors:
            print(f"{arguments.file}: {fault.row}: {fault.field}: {fault.value} {fault.message}", file=sys.stderr)
        print(errors, file=sys.stderr)
    except Refusal as refusal:
        print(f"{arguments.file}: {refusal}", file=sys.stderr)
    return 1


def _lint(arguments: argparse.Namespace) -> int:
    from jinbang.content.domain.transfer import parse_bank

    bank = parse_bank(arguments.file.read_text(encoding="utf-8"))
    print(f"{arguments.file}: {len(bank.items)} items, {len(bank.skills)} skill points: sound")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from jinbang.accounts.models import Person
    from jinbang.accreditation.models import CertificateLevel
    from jinbang.audit.actor import Actor
    from jinbang.config import clock
    from jinbang.content.domain.transfer import import_bank, parse_bank

    bank = parse_bank(arguments.file.read_text(encoding="utf-8"))
    level = CertificateLevel.objects.get(certificate_type__code=bank.certificate, code=bank.level)
    author = Person.objects.get(username=arguments.author)
    reviewer = Person.objects.get(username=arguments.reviewer) if arguments.reviewer else None
    actor = Actor(kind="person", key=str(author.pk), label=author.name)
    outcome = import_bank(bank=bank, level=level, author=author, reviewer=reviewer, actor=actor, now=clock.now())
    print(f"{outcome.created} created, {outcome.revised} revised, {outcome.unchanged} unchanged")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from jinbang.accreditation.models import CertificateLevel
    from jinbang.content.domain.transfer import export_bank

    level = CertificateLevel.objects.get(certificate_type__code=arguments.certificate, code=arguments.level)
    arguments.file.write_text(export_bank(level), encoding="utf-8")
    print(f"{arguments.file}: {level.items.count()} items")
    return 0
