"""Running one of our own standard-library programs as a companion of a box."""

from __future__ import annotations

import sys
from pathlib import Path

from jinbang.judge.sandbox.spec import Mount


def standalone(script: Path, *arguments: str) -> tuple[tuple[str, ...], tuple[Mount, ...]]:
    """`argv` and mounts for `script` on the judge's own interpreter, without site-packages: up in 0.1 s."""
    base = Path(sys.base_prefix)
    python = base / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    shown = () if base.is_relative_to("/usr") else (Mount(base, str(base)),)
    inside = f"/srv/code/{script.name}"
    return (str(python), "-I", "-S", "-X", "utf8", inside, *arguments), (*shown, Mount(script, inside))
