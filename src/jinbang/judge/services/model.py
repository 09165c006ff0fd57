"""The words the services are spoken to in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from jinbang.judge.sandbox.spec import Companion

Kind = Literal["mariadb", "redis", "mongodb"]
# What a state dump is made of: JSON values only, so that two dumps can be compared and stored.
State = dict[str, Any]


class ServiceError(RuntimeError):
    """Base of the errors below; the text is for staff."""


class UnavailableError(ServiceError):
    """This host cannot run the service; the text says why and what to install."""


class SeedError(ServiceError):
    """The task's seed does not load: a fault of the task, found by `jinbang judge lint`."""


class StateError(ServiceError):
    """The server gives no state any more: the program broke it (filled its disk, locked every table)."""


@dataclass(frozen=True)
class Want:
    """One service a task asks for. `seed`: SQL for MariaDB, redis-cli lines for Redis, JSON for MongoDB."""

    kind: Kind
    database: str = "exam"
    seed: bytes = b""


@dataclass(frozen=True)
class Availability:
    """Whether this host can run a service. `server` names what really answers ("MariaDB 10.11.19")."""

    kind: Kind
    ok: bool
    server: str
    reason: str = ""


def _nothing() -> None:
    """Most services end with their box."""


@dataclass(frozen=True)
class Running:
    """A service as it was laid out for one box.

    `socket` is its unix socket on the host, which the program does not see; `meta` are the template's own notes
    (accounts that only the judge knows). `close` ends what does not end with the box.
    """

    want: Want
    companion: Companion
    socket: Path
    meta: Mapping[str, str]
    close: Callable[[], None] = _nothing
    state: Callable[[], State] | None = None  # a server that tells its state by itself


class Service(Protocol):
    """One kind of server."""

    kind: Kind

    def availability(self) -> Availability:
        """Whether it runs here, asked of the binaries themselves."""

    def lay_out(self, want: Want, run: Path) -> Running:
        """Make the template if need be; `run` is the host folder for its socket."""

    def dump(self, running: Running) -> State:
        """Everything the server holds now; raises StateError."""

    def warm_up(self) -> None:
        """Wait for what is kept ready ahead of boxes, if this service keeps anything."""
