"""MongoDB: a real mongod where one is installed, else the emulator mongoeco, which is named as what it is.

Both answer on 127.0.0.1:27017 without an account. The judge reads over a unix socket with pymongo of the
`mongo-emulator` toolchain, in a process of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinbang.judge.sandbox.spec import Companion, Mount, ReadyCheck
from jinbang.judge.services import templates
from jinbang.judge.services.model import (
    Availability,
    Kind,
    Running,
    SeedError,
    State,
    StateError,
    UnavailableError,
    Want,
)
from jinbang.judge.services.mongo_spares import SPARES
from jinbang.judge.standalone import standalone
from jinbang.judge.toolchains.store import NotPreparedError, Toolchain, load

PROFILE = "mongo-emulator"
PORT = 27017
_SCHEMA = b"1"
_HERE = Path(__file__).parent
_RUN = "/run/mongodb"


class MongoDB:
    """The service for kind `mongodb`."""

    kind: Kind = "mongodb"

    def availability(self) -> Availability:
        """Needs the `mongo-emulator` toolchain (driver and emulator); a mongod is preferred where found."""
        server = f"MongoDB {_version()}" if _mongod() else "mongoeco（MongoDB 仿真，不是 MongoDB）"
        try:
            built = load(PROFILE)
        except NotPreparedError as error:
            return Availability(self.kind, False, server, str(error))
        if _mongod():
            return Availability(self.kind, True, server)
        version = next(entry for entry in built.installed if entry.startswith("mongoeco "))
        return Availability(self.kind, True, f"{version}（MongoDB 仿真，不是 MongoDB）")

    def lay_out(self, want: Want, run: Path) -> Running:
        """A companion on 127.0.0.1:27017, seeded."""
        seed = _checked(want.seed)
        mongod = _mongod()
        if mongod:
            return Running(want, _real(mongod, seed, run), run / f"mongodb-{PORT}.sock", {})
        return _emulated(want, seed)

    def warm_up(self) -> None:
        """Waits for an emulator to be in waiting, where no mongod is used."""
        if not _mongod():
            SPARES.wait(_toolchain())

    def dump(self, running: Running) -> State:
        """`{database: {collection: {"documents": […], "indexes": {…}, "truncated": bool}}}`, relaxed extended JSON."""
        if running.state is not None:
            return running.state()
        state: State = json.loads(_client("dump", running.socket))
        return state


def _emulated(want: Want, seed: bytes) -> Running:
    """A warm emulator, and a relay to it in the box."""
    spare = SPARES.take(_toolchain())
    try:
        if seed:
            spare.fill(seed)
    except StateError as error:
        spare.close()
        raise SeedError(f"the MongoDB seed does not load: {error}") from error
    argv, code = standalone(_HERE / "mongo_relay.py", str(PORT), f"{_RUN}/mongodb.sock")
    relay = Companion(
        name="mongodb",
        argv=argv,
        ready=ReadyCheck(line="ready"),
        mounts=(*code, Mount(spare.folder, _RUN)),
        memory_mb=128,
    )
    return Running(want, relay, spare.folder / "mongodb.sock", {}, close=spare.close, state=spare.state)


def _real(mongod: str, seed: bytes, run: Path) -> Companion:
    options = ("--port", str(PORT), "--quiet", "--wiredTigerCacheSizeGB", "0.25", "--setParameter",
               "diagnosticDataCollectionEnabled=false")  # fmt: skip

    def make(data: Path) -> Mapping[str, str]:
        data.mkdir()
        templates.own(data)
        argv = [mongod, "--dbpath", str(data), "--unixSocketPrefix", str(data.parent), *options]
        socket = data.parent / f"mongodb-{PORT}.sock"
        with templates.server([*argv, "--bind_ip", str(socket)], socket):
            if seed:
                _client("load", socket, seed)
        return {}

    data, _ = templates.template("mongod", [_SCHEMA, _version().encode(), seed], make)
    command = (mongod, "--dbpath", templates.DATA, "--unixSocketPrefix", _RUN, "--bind_ip", "127.0.0.1",
               "--filePermissions", "0777", *options)  # fmt: skip
    argv, mounts = templates.from_copy(data, command)
    return Companion(
        name="mongodb",
        argv=argv,
        ready=ReadyCheck(tcp_port=PORT),
        mounts=(Mount(run, _RUN, writable=True), *mounts),
        memory_mb=2048,
    )


def _client(command: str, socket: Path, given: bytes = b"") -> bytes:
    argv = [str(_toolchain().python), "-I", str(_HERE / "mongo_client.py"), command, str(socket)]
    try:
        done = subprocess.run(argv, input=given, capture_output=True, timeout=30, env={}, check=False)
    except subprocess.TimeoutExpired as late:
        raise StateError("MongoDB does not answer") from late
    if done.returncode != 0:
        raise StateError(done.stderr.decode(errors="replace").strip()[-500:])
    return done.stdout


def _checked(seed: bytes) -> bytes:
    """The seed, known to be {database: {collection: [documents]}}; raises SeedError."""
    if not seed.strip():
        return b""
    try:
        data = json.loads(seed)
    except ValueError as error:
        raise SeedError(f"the MongoDB seed is no JSON: {error}") from error
    shaped = isinstance(data, dict) and all(
        isinstance(collections, dict) and all(isinstance(documents, list) for documents in collections.values())
        for collections in data.values()
    )
    if not shaped:
        raise SeedError("the MongoDB seed must be {database: {collection: [documents]}}")
    return seed


def _toolchain() -> Toolchain:
    try:
        return load(PROFILE)
    except NotPreparedError as error:
        raise UnavailableError(str(error)) from error


@cache
def _mongod() -> str | None:
    return shutil.which("mongod", path="/usr/bin:/usr/local/bin:/opt/mongodb/bin")


@cache
def _version() -> str:
    mongod = _mongod()
    if mongod is None:
        return ""
    out = subprocess.run([mongod, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v(\d+\.\d+\.\d+)", out)
    return found[1] if found else "?"
