"""What programs run on, as it is: read from what is built on this machine and from what judge hosts report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import convert

from jinbang.grading.models import JudgeWorker
from jinbang.judge import toolchains as built
from jinbang.judge.protocol import ToolchainReport
from jinbang.judge.toolchains import NotPreparedError, Toolchain, profile, profiles


@dataclass(frozen=True)
class Environment:
    """A profile and what of it is there. ``digest`` is empty and ``packages`` None where no host is known to have it.

    ``host`` names the judge host that reported it, empty for this machine; ``workers`` maps each active judge host to
    the digest that it reports for the profile.
    """

    profile: str
    title: str
    wanted: tuple[str, ...]
    digest: str = ""
    python: str = ""
    packages: tuple[tuple[str, str], ...] | None = None
    workers: dict[str, str] = field(default_factory=dict)
    host: str = ""

    @property
    def is_built(self) -> bool:
        """Whether it was built, here or on a judge host, so that its packages are known."""
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
    """Every profile, built or not, sorted by name: as built on this machine, else as a judge host reports it."""
    here = built.prepared()
    workers = list(JudgeWorker.objects.filter(is_active=True).order_by("name"))
    return [_environment(name, here.get(name), workers) for name in profiles()]


def environment(name: str) -> Environment | None:
    """The profile of that name; None if there is none."""
    return next((found for found in environments() if found.profile == name), None)


def with_digest(digest: str) -> Environment | None:
    """The very build that a verdict names, older ones included; None if neither this machine nor a host has it."""
    try:
        return _local(built.with_digest(digest), {})
    except NotPreparedError:
        reports = _reported(JudgeWorker.objects.order_by("name"))
        return next((_remote(*found, {}) for found in reports if found[2].digest == digest), None)


def _environment(name: str, found: Toolchain | None, workers: list[JudgeWorker]) -> Environment:
    digests = {worker.name: worker.profiles[name] for worker in workers if name in worker.profiles}
    if found is not None:
        return _local(found, digests)
    for host, profile_name, report in _reported(workers):
        if profile_name == name and digests.get(host) == report.digest:
            return _remote(host, name, report, digests)
    wanted = profile(name)
    return Environment(name, wanted.title, wanted.pins, workers=digests)


def _reported(workers: Iterable[JudgeWorker]) -> Iterator[tuple[str, str, ToolchainReport]]:
    """(judge host, profile, what is installed) of everything that hosts reported last."""
    for worker in workers:
        reports = convert(worker.probe.get("toolchains", {}), dict[str, ToolchainReport])
        yield from ((worker.name, name, report) for name, report in reports.items())


def _local(found: Toolchain, workers: dict[str, str]) -> Environment:
    packages = _packages(found.installed)
    return Environment(found.profile, found.title, (), found.digest, found.version, packages, workers)


def _remote(host: str, name: str, report: ToolchainReport, workers: dict[str, str]) -> Environment:
    packages = _packages(report.installed)
    return Environment(name, report.title, (), report.digest, report.python, packages, workers, host)


def _packages(installed: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, version) for name, _blank, version in (entry.partition(" ") for entry in installed))
