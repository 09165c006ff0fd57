"""What programs run on, as it is: read from what is built on this machine and from what judge hosts report."""

from __future__ import annotations

from dataclasses import dataclass, field

from jinbang.grading.models import JudgeWorker
from jinbang.judge import toolchains as built
from jinbang.judge.toolchains import NotPreparedError, Toolchain, profile, profiles


@dataclass(frozen=True)
class Environment:
    """A profile and what of it is there. ``digest`` is empty and ``packages`` None where it is not built here.

    ``workers`` maps each active judge host to the digest that it reports for the profile.
    """

    profile: str
    title: str
    wanted: tuple[str, ...]
    digest: str = ""
    python: str = ""
    packages: tuple[tuple[str, str], ...] | None = None
    workers: dict[str, str] = field(default_factory=dict)

    @property
    def is_built(self) -> bool:
        """Whether it can be looked into on this machine."""
        return self.packages is not None

    @property
    def command(self) -> str:
        """What builds it."""
        return f"jinbang judge prepare {self.profile}"

    @property
    def differing(self) -> list[str]:
        """Judge hosts whose build is not the one described here."""
        return sorted(name for name, digest in self.workers.items() if self.digest and digest != self.digest)


def environments() -> list[Environment]:
    """Every profile, built or not, sorted by name."""
    here = built.prepared()
    reports = _reports()
    return [_environment(name, here.get(name), reports.get(name, {})) for name in profiles()]


def environment(name: str) -> Environment | None:
    """The profile of that name; None if there is none."""
    return next((found for found in environments() if found.profile == name), None)


def with_digest(digest: str) -> Environment | None:
    """The very build that a verdict names, older ones included; None if it is not kept on this machine."""
    try:
        return _environment("", built.with_digest(digest), {})
    except NotPreparedError:
        return None


def _environment(name: str, found: Toolchain | None, workers: dict[str, str]) -> Environment:
    if found is None:
        wanted = profile(name)
        return Environment(name, wanted.title, wanted.pins, workers=workers)
    packages = tuple((entry.partition(" ")[0], entry.partition(" ")[2]) for entry in found.installed)
    return Environment(found.profile, found.title, (), found.digest, found.version, packages, workers)


def _reports() -> dict[str, dict[str, str]]:
    """Profile → active judge host → the digest that it reported last."""
    reports: dict[str, dict[str, str]] = {}
    for worker in JudgeWorker.objects.filter(is_active=True).order_by("name"):
        for name, digest in worker.profiles.items():
            reports.setdefault(name, {})[worker.name] = digest
    return reports
