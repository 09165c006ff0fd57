"""`jinbang judge prepare PROFILE…`"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from jinbang.judge.toolchains import store
from jinbang.judge.toolchains.build import BuildError, prepare
from jinbang.judge.toolchains.profile import profiles


def main_prepare(argv: list[str]) -> int:
    """Build the named profiles (none named: list them). Status 0 only if every one is built."""
    parser = argparse.ArgumentParser(prog="jinbang judge prepare", description=main_prepare.__doc__)
    parser.add_argument("profile", nargs="*", metavar="PROFILE", help=", ".join(profiles()))
    parser.add_argument("--json", action="store_true", help="one object on the last line")
    options = parser.parse_args(argv)
    failures = [name for name in options.profile if not _prepare(name)]
    built = store.prepared()
    shown = options.profile or profiles()
    if options.json:
        print(json.dumps({name: _view(built.get(name)) for name in shown}, ensure_ascii=False))
    else:
        for name in shown:
            _print(name, built.get(name))
    return 1 if failures else 0


def _prepare(name: str) -> bool:
    try:
        prepare(name, say=lambda line: print(line, file=sys.stderr, flush=True))
    except (BuildError, KeyError) as error:
        print(error.args[0], file=sys.stderr)
        return False
    return True


def _view(built: store.Toolchain | None) -> dict[str, Any] | None:
    if built is None:
        return None
    return {"digest": built.digest, "python": built.version, "installed": list(built.installed)}


def _print(name: str, built: store.Toolchain | None) -> None:
    if built is None:
        print(f"{name}: not built")
        return
    print(f"{name}: Python {built.version}, digest {built.digest}")
    for entry in built.installed:
        print(f"    {entry}")
