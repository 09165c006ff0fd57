"""``python -m jinbang.delivery.drill.make_site``: create the tables and a scratch sitting; print its tickets."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import timedelta


def main(argv: Sequence[str]) -> int:
    """Fill the empty database of this environment and print ``[[ticket, id_number, attempt], …]``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--candidates", type=int, required=True)
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("--starts-in", type=float, required=True, help="seconds, negative: has started")
    given = parser.parse_args(argv)
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")
    django.setup()
    from django.core.management import call_command

    from jinbang.config import clock
    from jinbang.delivery.drill import site

    call_command("migrate", verbosity=0, skip_checks=True)
    made = site.build(candidates=given.candidates, starts_at=clock.now(), minutes=given.minutes)
    starts = clock.now() + timedelta(seconds=given.starts_in)
    site.reopen(made.sitting, starts_at=starts, minutes=given.minutes)
    sys.stdout.write(json.dumps([[t.ticket, t.id_number, t.attempt] for t in made.tickets]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
