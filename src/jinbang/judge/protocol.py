"""What a judge worker and the server say to each other; the prose is docs/judge-protocol.md.

JSON over HTTP(S) with a bearer token. Needs the standard library and msgspec only, so that both halves
(the pull client in `judge.worker`, the server in the Django part) import the same types.

The rule that makes a verdict happen once: every lease carries a fresh `lease` token, and only the job's
*current* lease may decide it. A worker that was thought dead and comes back finds its lease `LOST`.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from jinbang.judge.settled import settled

PREFIX = "/judge/v1"
PROTOCOL = 1
# Bounds that both sides hold, in bytes.
BLOB_MAX = 64 << 20
FILES_MAX = 2000
UNPACKED_MAX = 256 << 20
LOG_MAX = 64 << 10
NO_MARK = frozenset({"internal", "service_unavailable"})  # as `verdict.Outcome.is_a_mark` says
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Kind(StrEnum):
    """Why a job exists; the server leases exam jobs before practice ones."""

    EXAM = "exam"
    PRACTICE = "practice"


class Scope(StrEnum):
    """Which tests to run: all of them for a hand-in, the visible ones for the candidate's "run" button."""

    ALL = "all"
    VISIBLE = "visible"


class Phase(StrEnum):
    """Where a leased job is, for the staff's progress page."""

    FETCHING = "fetching"
    JUDGING = "judging"
    REPORTING = "reporting"


class FailureKind(StrEnum):
    """Why a worker hands a job back without a verdict; see `counts_as_try`."""

    INTERNAL = "internal"  # the judge itself broke
    BLOB = "blob"  # a blob is missing, damaged, or not what its digest says
    UNAVAILABLE = "unavailable"  # this worker cannot do it (no such toolchain); another may
    RELEASED = "released"  # the worker is stopping and never started it

    @property
    def counts_as_try(self) -> bool:
        """True if the failure uses up one of the job's tries (the cap that leads to the dead letters)."""
        return self in {FailureKind.INTERNAL, FailureKind.BLOB}


class LeaseState(StrEnum):
    """The server's answer to anything said about a leased job."""

    HELD = "held"  # heartbeat taken, the lease runs on
    RECORDED = "recorded"  # the verdict (or failure) is stored; repeating the same message answers this again
    LOST = "lost"  # another lease took over, or the job is decided: stop working on it, store nothing


class Job(msgspec.Struct, frozen=True):
    """One submission to judge, leased to one worker for `lease_s` seconds from the server's answer."""

    job: str
    lease: str
    kind: Kind
    task_digest: str
    task_blob: str  # sha256 of the task zip's bytes, for GET /blob/…
    toolchain: str  # profile name
    submission_digest: str
    submission_blob: str
    attempt: int  # 1 for the first lease of this job
    lease_s: float
    scope: Scope = Scope.ALL
    toolchain_digest: str = ""  # when set, only this very toolchain may judge (a replay)


@settled
class ToolchainReport(msgspec.Struct, frozen=True):
    """What a prepared profile holds on the worker's host, read from the disk: `installed` as "name version"."""

    digest: str
    title: str
    python: str
    installed: list[str]


@settled
class LeaseRequest(msgspec.Struct, frozen=True):
    """`capacity`: how many jobs the worker takes now; `profiles`: prepared profile → its digest.

    `toolchains` (by profile) comes with the first request and whenever it changed; empty: as last said.
    """

    worker: str
    capacity: int
    profiles: dict[str, str]
    probe: dict[str, Any]  # what holds on that host, for the staff's page; {"ok": true, …}
    judge_version: str
    running: list[str] = []  # job ids in hand
    toolchains: dict[str, ToolchainReport] = {}


@settled
class LeaseReply(msgspec.Struct, frozen=True):
    """Jobs granted, most needed first; `poll_s` is how long to wait before asking again when idle."""

    jobs: list[Job]
    poll_s: float = 1.0


@settled
class Heartbeat(msgspec.Struct, frozen=True):
    """Keeps a lease alive: it then runs for another `lease_s`."""

    lease: str
    phase: Phase


class Usage(msgspec.Struct, frozen=True):
    """What judging cost: never part of the verdict, which must be the same every time."""

    cpu_ms: int
    wall_ms: int
    peak_kb: int


@settled
class VerdictReport(msgspec.Struct, frozen=True):
    """`verdict` is the canonical JSON *text*: stored as it came, so its digest holds for years."""

    lease: str
    verdict: str
    verdict_sha256: str
    usage: Usage
    log: str = ""


@settled
class FailureReport(msgspec.Struct, frozen=True):
    """No verdict: the server puts the job back, or with the dead letters once its tries are used up."""

    lease: str
    kind: FailureKind
    reason: str


@settled
class Withdrawal(msgspec.Struct, frozen=True):
    """The worker takes itself out and says why; it will ask for no more jobs."""

    worker: str
    reason: str


@settled
class Answer(msgspec.Struct, frozen=True):
    """Reply to heartbeat, verdict, failure and withdrawal."""

    state: LeaseState


class CaseView(msgspec.Struct, frozen=True):
    """One test of a verdict as it travels."""

    name: str
    outcome: str
    points: Decimal
    max_points: Decimal
    message: str
    detail: str
    visible: bool
    pending: Decimal = Decimal(0)  # what people have still to mark


@settled
class VerdictView(msgspec.Struct, frozen=True):
    """A verdict as it travels: what a server needs to check and index before it stores the text."""

    outcome: str
    points: Decimal
    max_points: Decimal
    cases: list[CaseView]
    task_digest: str
    toolchain_digest: str
    submission_digest: str
    judge_version: str


class ProtocolError(Exception):
    """A message that breaks the protocol; `str()` says which rule."""


T = TypeVar("T")


def encode(message: msgspec.Struct) -> bytes:
    """The message as JSON bytes."""
    return msgspec.json.encode(message)


def decode(data: bytes, kind: type[T]) -> T:
    """The bytes as `kind`; raises ProtocolError when they are not."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ProtocolError(f"not a {kind.__name__}: {error}") from error


def read_verdict(report: VerdictReport, job: Job) -> VerdictView:
    """Check a reported verdict against its job, for the server before it stores the text.

    Raises ProtocolError: damaged text, another task, submission or toolchain, or an outcome that is no mark
    (`internal`, `service_unavailable`: failures to be tried again).
    """
    text = report.verdict.encode()
    if sha256(text) != report.verdict_sha256:
        raise ProtocolError("the verdict's text does not have the digest it came with")
    view = decode(text, VerdictView)
    if (view.task_digest, view.submission_digest) != (job.task_digest, job.submission_digest):
        raise ProtocolError("the verdict is for another task or submission")
    if job.toolchain_digest and view.toolchain_digest != job.toolchain_digest:
        raise ProtocolError("the verdict was made with another toolchain than the job asks for")
    if view.outcome in NO_MARK:
        raise ProtocolError(f"{view.outcome} is reported as a failure, never as a verdict")
    return view


def sha256(data: bytes) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def files_digest(files: Mapping[str, bytes]) -> str:
    """Digest of a set of files: SHA-256 over the lines `name NUL sha256(content) LF`, sorted by name."""
    lines = (f"{name}\0{sha256(files[name])}\n".encode() for name in sorted(files))
    return sha256(b"".join(lines))


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip, the same bytes everywhere: sorted, fixed dates, stored (zlib's output varies)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            archive.writestr(entry, files[name])
    return out.getvalue()
