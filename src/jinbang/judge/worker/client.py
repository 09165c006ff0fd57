"""The worker's side of the protocol: one method a request, repeated until the server has answered."""

from __future__ import annotations

import hashlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from jinbang.judge import protocol
from jinbang.judge.protocol import (
    PREFIX,
    Answer,
    FailureReport,
    Heartbeat,
    Job,
    LeaseReply,
    LeaseRequest,
    LeaseState,
    VerdictReport,
    Withdrawal,
)

TIMEOUT_S = 30.0
FIRST_WAIT_S, LAST_WAIT_S = 0.5, 30.0
T = TypeVar("T")


class DeniedError(Exception):
    """The token is unknown or lacks the right: the worker ends."""


class RefusedError(Exception):
    """The server says this message breaks a rule; repeating it is useless. The text is the server's."""


class UnreachableError(Exception):
    """No usable answer this time."""


class Client:
    """Talks to one server as one worker. Safe to use from several threads."""

    def __init__(self, url: str, token: str, worker: str) -> None:
        self._base, self._token, self._worker = url.rstrip("/") + PREFIX, token, worker
        self.stopping = threading.Event()  # ends the waiting between repetitions

    def lease(self, request: LeaseRequest) -> LeaseReply:
        """Ask once for jobs; raises UnreachableError, DeniedError, RefusedError."""
        return protocol.decode(self._once("/lease", protocol.encode(request)), LeaseReply)

    def heartbeat(self, job: Job, message: Heartbeat) -> LeaseState:
        """Say once that the job lives; raises as `lease` does."""
        return protocol.decode(self._once(f"/jobs/{job.job}/heartbeat", protocol.encode(message)), Answer).state

    def verdict(self, job: Job, message: VerdictReport) -> LeaseState:
        """Report until answered; raises DeniedError, RefusedError, and UnreachableError once stopping."""
        return self._surely(f"/jobs/{job.job}/verdict", message)

    def failure(self, job: Job, message: FailureReport) -> LeaseState:
        """Hand the job back, until answered; raises as `verdict` does."""
        return self._surely(f"/jobs/{job.job}/failure", message)

    def withdraw(self, message: Withdrawal) -> None:
        """Say once that this worker is out; raises as `lease` does."""
        self._once("/withdraw", protocol.encode(message))

    def blob(self, digest: str) -> bytes:
        """The bytes with that digest, checked; raises RefusedError when the server has not got them."""
        data = self._repeat(f"/blob/{digest}", None)
        if hashlib.sha256(data).hexdigest() != digest:
            raise RefusedError(f"blob {digest[:16]}… arrived damaged")
        return data

    def _surely(self, path: str, message: msgspec.Struct) -> LeaseState:
        return protocol.decode(self._repeat(path, protocol.encode(message)), Answer).state

    def _repeat(self, path: str, body: bytes | None) -> bytes:
        for wait in self.waits():
            try:
                return self._once(path, body)
            except UnreachableError:
                if self.stopping.wait(wait):
                    raise
        raise AssertionError("waits() never ends")

    def waits(self) -> Iterator[float]:
        """0.5 s doubling to 30 s, spread by the worker's name so that a hall does not knock all at once."""
        spread = 0.75 + 0.5 * hashlib.sha256(self._worker.encode()).digest()[0] / 255
        wait = FIRST_WAIT_S
        while True:
            yield wait * spread
            wait = min(wait * 2, LAST_WAIT_S)

    def _once(self, path: str, body: bytes | None) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._base + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
                data: bytes = reply.read(protocol.BLOB_MAX + 1)
        except urllib.error.HTTPError as error:
            raise _error(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(str(error)) from error
        if len(data) > protocol.BLOB_MAX:
            raise RefusedError("the answer is larger than the protocol allows")
        return data


def _error(error: urllib.error.HTTPError) -> Exception:
    with error:
        text = error.read(2000).decode(errors="replace").strip()
    if error.code in {401, 403}:
        return DeniedError(f"{error.code}: {text}")
    if error.code == 429 or error.code >= 500:
        return UnreachableError(f"{error.code}: {text}")
    return RefusedError(f"{error.code}: {text}")
