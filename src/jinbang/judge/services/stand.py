"""The services of one box: laid out before it, read after it, gone with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jinbang.judge.sandbox.spec import Companion
from jinbang.judge.services.mariadb import MariaDB
from jinbang.judge.services.model import Availability, Kind, Running, Service, State, UnavailableError, Want
from jinbang.judge.services.mongodb import MongoDB
from jinbang.judge.services.redis import Redis

_SERVICES: Mapping[Kind, Service] = {"mariadb": MariaDB(), "redis": Redis(), "mongodb": MongoDB()}


@dataclass(frozen=True)
class Stand:
    """What `Box` needs (`companions`), and the way to read the servers while the box is open."""

    running: Mapping[Kind, Running]

    @property
    def companions(self) -> tuple[Companion, ...]:
        """The servers, in the order they were wanted."""
        return tuple(running.companion for running in self.running.values())

    def dump(self, kind: Kind) -> State:
        """Everything that server holds now, as JSON values; raises StateError, KeyError if it was not wanted."""
        return _SERVICES[kind].dump(self.running[kind])


@contextmanager
def stand(wants: Sequence[Want]) -> Iterator[Stand]:
    """Lay out the wanted services for one box.

    Effects: builds a missing template (0.7 s, once a seed), makes a temporary folder for the sockets. Raises
    UnavailableError, SeedError.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="jbrun-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        running: dict[Kind, Running] = {}
        for want in wants:
            running[want.kind] = _lay_out(want, folder)
            stack.callback(running[want.kind].close)
        yield Stand(running)


def _lay_out(want: Want, folder: Path) -> Running:
    here = availability(want.kind)
    if not here.ok:
        raise UnavailableError(f"{here.server}: {here.reason}")
    run = folder / want.kind
    run.mkdir()
    run.chmod(0o777)  # the server runs under an unprivileged uid of the sandbox's choosing
    return _SERVICES[want.kind].lay_out(want, run)


def availability(kind: Kind) -> Availability:
    """Whether this host can run that service, under which name, and if not, why not."""
    return _SERVICES[kind].availability()


def warm_up(kind: Kind) -> None:
    """Returns when whatever of that service is kept ready ahead of boxes is ready; raises UnavailableError."""
    _SERVICES[kind].warm_up()
