"""What stands beside the program in its box: databases and the offline web, as the task declares them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jinbang.judge.checkers.base import Access, WrongInputError
from jinbang.judge.package import TaskPackage
from jinbang.judge.sandbox.spec import Companion, Mount
from jinbang.judge.services.model import UnavailableError

if TYPE_CHECKING:
    from jinbang.judge.services import Kind, Stand

# Debian's: its launcher reads the flags that a browser needs in a box (sandbox.layout).
_BROWSER = {"chromium": "chromium", "chromedriver": "chromium-driver"}


@dataclass(frozen=True)
class Equipment:
    """Companions to start, names to resolve, folders to show, and ways to look at what happened."""

    companions: tuple[Companion, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    access: Callable[[], tuple[Access, ...]] = tuple
    states: Callable[[], Mapping[str, Any]] = dict


@contextmanager
def equip(task: TaskPackage) -> Iterator[Equipment]:
    """Lay out what the task declares; gone with the context.

    Raises ServiceError (of judge.services) and SiteError (of judge.offline_web). Both are imported only by
    tasks that need them: most tasks need neither.
    """
    if task.manifest.toolchain.browser and (reason := browser_missing()):
        raise UnavailableError(reason)
    with ExitStack() as stack:
        yield _join(list(_parts(task, stack)))


def browser_missing() -> str:
    """Why no browser can be driven on this host, and what to install; empty where one can."""
    packages = [package for name, package in _BROWSER.items() if shutil.which(name, path="/usr/bin:/bin") is None]
    return f"Chromium: install {' and '.join(packages)}" if packages else ""


def _parts(task: TaskPackage, stack: ExitStack) -> Iterator[Equipment]:
    if task.manifest.services:
        yield _services(task, stack)
    if task.manifest.sites:
        yield _sites(task, stack)


def _services(task: TaskPackage, stack: ExitStack) -> Equipment:
    from jinbang.judge.services import Want, stand

    declared = task.manifest.services
    wants = [Want(s.kind, s.database, task.files[s.seed] if s.seed else b"") for s in declared]
    up = stack.enter_context(stand(wants))
    return Equipment(
        companions=up.companions,
        states=lambda: {service.kind: _state(up, service.kind) for service in declared},
    )


class _Broken(Mapping[str, Any]):
    """The state of a server that answers no more: whoever looks at it learns that the program broke it."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __getitem__(self, key: str) -> Any:
        raise WrongInputError(f"程序结束后 {self._kind} 服务已无法读取")

    def __iter__(self) -> Iterator[str]:
        raise WrongInputError(f"程序结束后 {self._kind} 服务已无法读取")

    def __len__(self) -> int:
        return 1


def _state(up: Stand, kind: Kind) -> Mapping[str, Any]:
    """What the server holds. It was up when the program started: if it is no more, that is the program's doing."""
    from jinbang.judge.services import StateError

    for _ in range(2):  # a host under strain gets a second chance
        try:
            return up.dump(kind)
        except StateError:
            continue
    return _Broken(kind)


def _sites(task: TaskPackage, stack: ExitStack) -> Equipment:
    from jinbang.judge.offline_web import Hit, Site, web

    up = stack.enter_context(web([Site(tuple(s.hosts), task.folder(s.folder)) for s in task.manifest.sites]))

    def access(hit: Hit) -> Access:
        path = hit.path + (f"?{hit.query}" if hit.query else "")
        return Access(hit.method, hit.host, path, hit.status, hit.agent)

    return Equipment(
        companions=up.companions,
        hosts=up.hosts,
        mounts=up.mounts,
        env=up.env,
        access=lambda: tuple(map(access, up.log())),
    )


def _join(parts: list[Equipment]) -> Equipment:
    joined = Equipment()
    for one in parts:
        joined = Equipment(
            companions=joined.companions + one.companions,
            hosts={**joined.hosts, **one.hosts},
            mounts=joined.mounts + one.mounts,
            env={**joined.env, **one.env},
            access=one.access if one.access is not tuple else joined.access,
            states=one.states if one.states is not dict else joined.states,
        )
    return joined
