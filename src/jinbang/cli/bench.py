"""``jinbang bench PART``: measure one part; each part brings its own measurement."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Callable, Sequence

PARTS: dict[str, str] = {
    "delivery": "jinbang.delivery.bench.run",
    "judge": "jinbang.judge.bench",
    "documents": "jinbang.pdf.bench",
    "imports": "jinbang.cli.benches.imports",
    "seating": "jinbang.cli.benches.seating",
    "assembly": "jinbang.cli.benches.assembly",
    "results": "jinbang.cli.benches.results",
}


def main(argv: Sequence[str]) -> int:
    """Print a part's figures, one a line, or with ``--json`` as one object. Status 1 if the part says ``ok: false``."""
    parser = argparse.ArgumentParser(prog="jinbang bench", description="Measure a part of the installation.")
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(argv)
    from jinbang.cli.main import setup_django

    setup_django()
    run: Callable[[], dict[str, object]] = importlib.import_module(PARTS[options.part]).run
    figures = run()
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, default=str))
    else:
        for name, value in figures.items():
            print(f"{name:<32}{value}")
    return 0 if figures.get("ok", True) else 1
