"""``jinbang bench PART``: measure one part; each part brings its own measurement."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Sequence
from typing import Any

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
    """Print a part's figures, one a line, or with ``--json`` as one object. Status 1 if the part says ``ok: false``.

    A part that has an ``add_options`` takes options of its own; they are the arguments of its ``run``.
    """
    parser = argparse.ArgumentParser(prog="jinbang bench", description="Measure a part of the installation.")
    parser.add_argument("part", choices=sorted(PARTS), help="some take options of their own: jinbang bench PART --help")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    measurement = _measurement(next((word for word in argv if word in PARTS), None))
    if hasattr(measurement, "add_options"):
        measurement.add_options(parser)
    options = vars(parser.parse_args(argv))
    del options["part"]
    as_json = options.pop("json")
    figures: dict[str, object] = measurement.run(**options)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, default=str))
    else:
        for name, value in figures.items():
            print(f"{name:<32}{value}")
    return 0 if figures.get("ok", True) else 1


def _measurement(part: str | None) -> Any:
    """The module that measures ``part``, with Django set up for it; None where no part is named."""
    if part is None:
        return None
    from jinbang.cli.main import setup_django

    setup_django()
    return importlib.import_module(PARTS[part])
