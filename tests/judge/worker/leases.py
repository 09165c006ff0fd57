"""The server half of docs/judge-protocol.md in memory, with real lease logic: what the worker is tested against."""

import json
import secrets
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from jinbang.judge import protocol
from jinbang.judge.protocol import (
    PREFIX,
    Answer,
    FailureKind,
    FailureReport,
    Heartbeat,
    Job,
    Kind,
    LeaseReply,
    LeaseRequest,
    LeaseState,
    ProtocolError,
    Scope,
    VerdictReport,
    Withdrawal,
)

TRIES = 3
PAUSE_S = 0.2


@dataclass
class Entry:
    """A job as the server knows it."""

    job: str
    kind: Kind
    task: tuple[str, str]  # digest, blob
    submission: tuple[str, str]
    toolchain: str
    lease: str = ""
    until: float = 0.0
    attempt: int = 0
    tries: int = 0
    not_before: float = 0.0
    verdicts: list[str] = field(default_factory=list)  # must end up with exactly one
    failures: list[tuple[str, str]] = field(default_factory=list)
    refused_by: set[str] = field(default_factory=set)
    answered: dict[str, str] = field(default_factory=dict)  # lease → what was recorded for it
    dead: str = ""
    phases: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return not self.verdicts and not self.dead


class LeaseServer:
    """Context manager: an HTTP server on a free port."""

    def __init__(
        self, *, lease_s: float = 3.0, poll_s: float = 0.05, token: str = "secret", tls: ssl.SSLContext | None = None
    ) -> None:
        self.lease_s, self.poll_s, self.token, self.tls = lease_s, poll_s, token, tls
        self.blobs: dict[str, bytes] = {}
        self.jobs: dict[str, Entry] = {}
        self.order: list[str] = []  # jobs in the order they were granted
        self.withdrawals: list[Withdrawal] = []
        self.requests: list[LeaseRequest] = []
        self.unwell = 0  # so many next requests answer 503
        self.lock = threading.Lock()

    def __enter__(self) -> "LeaseServer":
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                self.reply(*owner.get(self.headers, self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.reply(*owner.post(self.headers, self.path, body))

            def reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        scheme, host = ("http", "127.0.0.1") if self.tls is None else ("https", "localhost")
        self.url = f"{scheme}://{host}:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def keep(self, data: bytes) -> str:
        digest = protocol.sha256(data)
        self.blobs[digest] = data
        return digest

    def add(self, job: str, task: tuple[str, bytes], files: dict[str, bytes], toolchain: str, kind=Kind.EXAM) -> Entry:
        submission = (protocol.files_digest(files), self.keep(protocol.pack_files(files)))
        entry = Entry(job, kind, (task[0], self.keep(task[1])), submission, toolchain)
        with self.lock:
            self.jobs[job] = entry
        return entry

    def wait(self, done, timeout: float = 120.0) -> None:
        end = time.monotonic() + timeout
        while not done():
            assert time.monotonic() < end, [(e.job, e.attempt, e.failures, e.dead) for e in self.jobs.values()]
            time.sleep(0.01)

    def get(self, headers, path: str) -> tuple[int, bytes]:
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401, b"token unknown"
        data = self.blobs.get(path.removeprefix(f"{PREFIX}/blob/"))
        return (200, data) if data is not None else (404, b"no such blob")

    def post(self, headers, path: str, body: bytes) -> tuple[int, bytes]:
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401, b"token unknown"
        with self.lock:
            if self.unwell:
                self.unwell -= 1
                return 503, b"later"
            try:
                return 200, protocol.encode(self.handle(path.removeprefix(PREFIX).split("/")[1:], body))
            except ProtocolError as error:
                return 422, str(error).encode()
            except KeyError:
                return 404, b"no such job"

    def handle(self, parts: list[str], body: bytes):
        if parts == ["lease"]:
            return self.lease(protocol.decode(body, LeaseRequest))
        if parts == ["withdraw"]:
            self.withdrawals.append(protocol.decode(body, Withdrawal))
            return Answer(LeaseState.RECORDED)
        entry = self.jobs[parts[1]]
        what = {"heartbeat": Heartbeat, "verdict": VerdictReport, "failure": FailureReport}[parts[2]]
        message = protocol.decode(body, what)
        return Answer(getattr(self, parts[2])(entry, message))

    def lease(self, request: LeaseRequest) -> LeaseReply:
        self.requests.append(request)
        self.expire()
        free = [
            entry
            for entry in self.jobs.values()
            if entry.open
            and not entry.lease
            and entry.toolchain in request.profiles
            and time.monotonic() >= entry.not_before
        ]
        free = [entry for entry in free if request.worker not in entry.refused_by and request.probe.get("ok")]
        free.sort(key=lambda entry: entry.kind != Kind.EXAM)
        return LeaseReply([self.grant(entry) for entry in free[: request.capacity]], self.poll_s)

    def grant(self, entry: Entry) -> Job:
        entry.lease, entry.until = secrets.token_urlsafe(16), time.monotonic() + self.lease_s
        entry.attempt += 1
        self.order.append(entry.job)
        return Job(
            job=entry.job,
            lease=entry.lease,
            kind=entry.kind,
            task_digest=entry.task[0],
            task_blob=entry.task[1],
            toolchain=entry.toolchain,
            submission_digest=entry.submission[0],
            submission_blob=entry.submission[1],
            attempt=entry.attempt,
            lease_s=self.lease_s,
            scope=Scope.ALL,
        )

    def expire(self) -> None:
        for entry in self.jobs.values():
            if entry.open and entry.lease and time.monotonic() > entry.until:
                self.count(entry, "the lease lapsed")
                entry.lease = ""

    def count(self, entry: Entry, reason: str) -> None:
        entry.tries += 1
        entry.not_before = time.monotonic() + PAUSE_S * 4 ** (entry.tries - 1)
        if entry.tries >= TRIES:
            entry.dead = reason

    def heartbeat(self, entry: Entry, message: Heartbeat) -> LeaseState:
        if not entry.open or message.lease != entry.lease:
            return LeaseState.LOST
        entry.until = time.monotonic() + self.lease_s
        entry.phases.append(message.phase)
        return LeaseState.HELD

    def verdict(self, entry: Entry, message: VerdictReport) -> LeaseState:
        if entry.answered.get(message.lease) == message.verdict_sha256:
            return LeaseState.RECORDED
        if not entry.open or message.lease != entry.lease:
            return LeaseState.LOST
        job = msgspec_job(entry)
        protocol.read_verdict(message, job)
        entry.verdicts.append(message.verdict)
        entry.answered[message.lease] = message.verdict_sha256
        return LeaseState.RECORDED

    def failure(self, entry: Entry, message: FailureReport) -> LeaseState:
        if message.lease in entry.answered:
            return LeaseState.RECORDED
        if not entry.open or message.lease != entry.lease:
            return LeaseState.LOST
        entry.failures.append((message.kind.value, message.reason))
        entry.answered[message.lease] = message.reason
        entry.lease = ""
        if message.kind.counts_as_try:
            self.count(entry, message.reason)
        if message.kind is FailureKind.UNAVAILABLE:
            entry.refused_by.add(self.requests[-1].worker)
        return LeaseState.RECORDED


def msgspec_job(entry: Entry) -> Job:
    """What `read_verdict` compares with."""
    return Job(entry.job, entry.lease, entry.kind, *entry.task, entry.toolchain, *entry.submission, entry.attempt, 0.0)


def outcome(entry: Entry) -> str:
    """The outcome of the one verdict."""
    (text,) = entry.verdicts
    return json.loads(text)["outcome"]
