"""``jinbang``: one command, whose subcommands are found by name and loaded only when asked for."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A subcommand: the module that has its ``main(argv) -> int``, whether Django must be set up, one line of help."""

    module: str
    needs_django: bool
    help: str


COMMANDS: dict[str, Command] = {
    "demo": Command("jinbang.demo.cli", False, "play the whole cycle of 2022 under a test clock, then serve it"),
    "serve": Command("jinbang.cli.serve", False, "run the installation: web, background work, judge"),
    "worker": Command("jinbang.cli.worker", True, "run background work only"),
    "manage": Command("jinbang.cli.manage", False, "Django's own commands"),
    "drill": Command("jinbang.delivery.drill.cli", True, "rehearse an exam over real HTTP, with faults"),
    "judge": Command("jinbang.judge.cli", False, "judge a submission, prepare toolchains, run a judge worker"),
    "bench": Command("jinbang.cli.bench", False, "measure a part and print the figures"),
    "content": Command("jinbang.content.cli", True, "import, export or check an item bank"),
    "verify": Command("jinbang.certificates.cli", True, "check a certificate's credential"),
    "backup": Command("jinbang.cli.backup", True, "copy database, files and keys into one archive"),
    "restore": Command("jinbang.cli.restore", False, "put an archive back"),
    "doctor": Command("jinbang.cli.doctor", True, "say whether the installation is safe to run an exam on"),
}


def setup_django() -> None:
    """Load the settings and the apps, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")
    import django

    django.setup()


def usage() -> str:
    """The text that ``jinbang --help`` prints."""
    lines = [f"  {name:<10}{command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: jinbang COMMAND [options]", "", *lines, "", "jinbang COMMAND --help says more."])


def _entry(command: Command) -> Callable[[Sequence[str]], int]:
    entry: Callable[[Sequence[str]], int] = importlib.import_module(command.module).main
    return entry


def main(argv: Sequence[str] | None = None) -> int:
    """Run the subcommand that ``argv`` names and return its exit status; 2 for an unknown one."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(usage())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("jinbang"))
        except PackageNotFoundError:
            print("0.1.0 (source tree)")
        return 0
    command = COMMANDS.get(arguments[0])
    if command is None:
        print(f"jinbang: no command {arguments[0]!r}\n\n{usage()}", file=sys.stderr)
        return 2
    if command.needs_django and not {"-h", "--help"} & set(arguments[1:]):
        setup_django()
    return _entry(command)(arguments[1:])


if __name__ == "__main__":
    sys.exit(main())
