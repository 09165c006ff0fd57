"""What a checker is: a pure function from evidence to a finding, with a description of itself.

A checker runs in the judge's process and never imports, unpickles or evaluates anything of the candidate's: it
sees bytes and parsed data. What must touch the candidate's code happens in the sandbox (see `judge.harness`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Generic, TypeVar

from jinbang.judge.package import TaskPackage
from jinbang.judge.package.manifest import Run, Test
from jinbang.judge.sandbox.spec import RunResult
from jinbang.judge.settled import settled
from jinbang.judge.verdict import Outcome

SHOWN = 200
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Need(StrEnum):
    """What a checker looks at; the runner gathers it, and lint says when a task does not provide it."""

    RUN = "run"  # standard output and exit status of a run
    HARNESS = "harness"  # findings of a `calls`, `unittest` or `figures` run
    FILES = "files"  # what the run left in the working folder
    SOURCE = "source"  # the files handed in
    ACCESS = "access"  # the offline web's access log
    SERVICE = "service"  # a database, asked after the run
    PEOPLE = "people"


@dataclass(frozen=True)
class Capability:
    """A checker's description of itself, for authors and for the staff's pages."""

    title: str
    about: str
    needs: frozenset[Need]
    runs: tuple[str, ...] = ("script",)  # kinds of run it can judge


@dataclass(frozen=True)
class Access:
    """One request the offline web answered; `agent` is the User-Agent."""

    method: str
    host: str
    path: str
    status: int
    agent: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that a checker may look at for one test.

    `services` holds the state of each declared database after the run, as `judge.services` dumps it.
    """

    task: TaskPackage
    test: Test
    submission: Mapping[str, bytes] = field(default_factory=dict)
    run: Run | None = None
    result: RunResult | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()
    access: Sequence[Access] = ()
    services: Mapping[str, Any] = field(default_factory=dict)

    def expected(self, name: str) -> bytes:
        """A file of the package that the options name. Raises SetupError."""
        if name not in self.task.files:
            raise SetupError(f"试题包中没有文件 {name}")
        return self.task.files[name]


@dataclass(frozen=True)
class Finding:
    """What a checker found. `share` of the points is 0..1; `message` is safe to show to the candidate.

    `outcome` is set only where it does not follow from the share. `pending` leaves the points to people.
    """

    share: Fraction
    message: str
    detail: str = ""
    outcome: Outcome | None = None
    pending: bool = False


class SetupError(Exception):
    """The task is at fault, not the candidate: judged INTERNAL, never 0."""


class WrongInputError(Exception):
    """What the candidate made cannot be read; `str()` is the message for them."""


O = TypeVar("O")  # noqa: E741 - options


@dataclass(frozen=True)
class Checker(Generic[O]):
    """A plug-in: its name in manifests, its description, its options' schema, and the check itself."""

    name: str
    capability: Capability
    options: type[O]
    check: Callable[[Evidence, O], Finding]
    lint: Callable[[TaskPackage, O], Sequence[str]] = lambda task, options: ()

    def __post_init__(self) -> None:
        settled(self.options)


def right(message: str = "正确") -> Finding:
    """Full points."""
    return Finding(Fraction(1), message)


def wrong(message: str, detail: str = "") -> Finding:
    """No points."""
    return Finding(Fraction(0), message, detail)


def part(done: int, of: int, what: str, detail: str = "") -> Finding:
    """`done` of `of` parts are right; full points if all are."""
    if of <= 0:
        raise SetupError("没有可比较的内容")
    share = Fraction(max(0, min(done, of)), of)
    return Finding(share, f"{what}：{of} 项中 {done} 项正确", detail)


def shown(value: object) -> str:
    """A short, repeatable form of a value for messages: bounded, without memory addresses."""
    text = value if isinstance(value, str) else repr(value)
    text = _ADDRESS.sub("0x…", text)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def given_file(evidence: Evidence, name: str) -> bytes:
    """A file the program made. Raises WrongInputError if it did not."""
    if name not in evidence.files:
        raise WrongInputError(f"没有生成文件 {name}")
    return evidence.files[name]


def text_of(data: bytes, name: str, encodings: Sequence[str] = ("utf-8-sig",)) -> str:
    """The bytes as text in the first encoding that fits. Raises WrongInputError."""
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongInputError(f"{name} 不是 {'、'.join(encodings).replace('utf-8-sig', 'UTF-8')} 编码")
