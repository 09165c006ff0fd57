"""How the parts of the site are found: every part, and every area of a part, brings its own modules.

``web/<part>/urls.py`` and ``web/<part>/<area>/urls.py`` are mounted under the part's prefix (or under the
module's own ``PREFIX``); ``register.py`` beside them is imported at start and may add navigation entries
and waiting items.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

PREFIXES: dict[str, str] = {
    "account": "",
    "administration": "admin/",
    "candidate": "candidate/",
    "room": "room/",
    "centre": "centre/",
    "staff": "staff/",
    "public": "",
    "api": "api/",
}
_HERE = Path(__file__).parent


def _packages() -> Iterator[tuple[str, str]]:
    """(part, dotted package) of every part and area that exists, in a fixed order."""
    for part in PREFIXES:
        folder = _HERE / part
        if not (folder / "__init__.py").exists():
            continue
        yield part, f"jinbang.web.{part}"
        for area in sorted(folder.glob("*/__init__.py")):
            yield part, f"jinbang.web.{part}.{area.parent.name}"


def modules(name: str) -> Iterator[tuple[str, ModuleType]]:
    """(part, module) for every module called ``name`` in a part or an area."""
    for part, package in _packages():
        if importlib.util.find_spec(f"{package}.{name}") is not None:
            yield part, importlib.import_module(f"{package}.{name}")
