"""Built toolchains on disk: `<toolchain_dir>/<profile>-<key>/{env,toolchain.json,build.log}`.

`toolchain.json` is written last, so a folder without it is a build that was interrupted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from jinbang.judge.toolchains.profile import Profile, profile, profiles


class NotPreparedError(LookupError):
    """The toolchain is not built here; the text says which command builds it."""


@dataclass(frozen=True)
class Toolchain:
    """A built profile. `roots` are host folders the sandbox shows read-only under their own paths.

    `installed` is read from the disk after the build ("requests 2.32.5", …): what candidates and markers see.
    """

    profile: str
    title: str
    digest: str
    version: str
    python: Path
    roots: tuple[Path, ...]
    site: Path
    installed: tuple[str, ...]
    warm: tuple[str, ...]

    def has(self, distribution: str) -> bool:
        """True if a distribution of that name (as on the index, any case) is installed."""
        wanted = distribution.lower().replace("_", "-")
        return any(entry.split(" ")[0].lower().replace("_", "-") == wanted for entry in self.installed)


def data_dir() -> Path:
    """`$JINBANG_DATA`, else ./var; absolute."""
    return Path(os.environ.get("JINBANG_DATA") or "var").absolute()


def toolchain_dir() -> Path:
    """`$JINBANG_TOOLCHAINS` (for sites of one host that share them), else the data folder's `toolchains`."""
    return Path(os.environ.get("JINBANG_TOOLCHAINS") or data_dir() / "toolchains").absolute()


def home(wanted: Profile) -> Path:
    """Where this profile is, or will be, built."""
    return toolchain_dir() / f"{wanted.name}-{wanted.key}"


def load(name: str) -> Toolchain:
    """The built toolchain; raises NotPreparedError, or KeyError for a name that no profile has."""
    wanted = profile(name)
    record = home(wanted) / "toolchain.json"
    if not record.exists():
        raise NotPreparedError(f"toolchain {name!r} is not built on this machine; run: jinbang judge prepare {name}")
    built = _read(record)
    if not built.python.exists():
        raise NotPreparedError(f"the interpreter of toolchain {name!r} is gone; run: jinbang judge prepare {name}")
    return built


def prepared() -> dict[str, Toolchain]:
    """Every profile that is built here, by name."""
    found = {}
    for name in profiles():
        try:
            found[name] = load(name)
        except NotPreparedError:
            continue
    return found


def with_digest(digest: str) -> Toolchain:
    """The toolchain with that digest, older builds included (for a replay); raises NotPreparedError."""
    for built in _all():
        if built.digest == digest and built.python.exists():
            return built
    raise NotPreparedError(f"no toolchain with digest {digest[:16]}… is kept on this machine")


def write(folder: Path, built: Toolchain) -> None:
    """Record a finished build; atomic."""
    partial = folder / "toolchain.json.partial"
    partial.write_text(json.dumps(asdict(built), default=str, ensure_ascii=False, indent=1) + "\n")
    partial.replace(folder / "toolchain.json")


def _all() -> Iterator[Toolchain]:
    for record in sorted(toolchain_dir().glob("*/toolchain.json")):
        yield _read(record)


def _read(record: Path) -> Toolchain:
    data = json.loads(record.read_bytes())
    data["roots"] = tuple(Path(root) for root in data["roots"])
    data["installed"], data["warm"] = tuple(data["installed"]), tuple(data["warm"])
    return Toolchain(**data | {"python": Path(data["python"]), "site": Path(data["site"])})
