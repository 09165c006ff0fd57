"""Redis: up in about 10 ms from a snapshot that holds the seed.

The program is the default user without a password, with everything but the administrative commands (no
SHUTDOWN, CONFIG SET, MODULE, REPLICAOF); the judge reads as a user with a random password.
"""

from __future__ import annotations

import re
import secrets
import shlex
import shutil
import socket as sockets
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

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

KEYS_MAX = 20_000
_SCHEMA = b"2"
_RUN = "/run/redis"


class Redis:
    """The service for kind `redis`."""

    kind: Kind = "redis"

    def availability(self) -> Availability:
        """Needs `redis-server` 6 or later (access lists)."""
        if _binary() is None:
            return Availability(self.kind, False, "Redis", "redis-server not found: install redis-server")
        if int(_version().split(".")[0]) < 6:
            return Availability(self.kind, False, f"Redis {_version()}", "Redis 6 or later is needed")
        return Availability(self.kind, True, f"Redis {_version()}")

    def lay_out(self, want: Want, run: Path) -> Running:
        """A companion on 127.0.0.1:6379, seeded. `want.database` plays no part."""
        identity = [_SCHEMA, _version().encode(), want.seed]
        data, meta = templates.template(self.kind, identity, lambda folder: _make(folder, want))
        command = (
            _need(), f"{templates.DATA}/redis.conf", "--dir", templates.DATA,
            "--unixsocket", f"{_RUN}/redis.sock", "--bind", "127.0.0.1", "--port", "6379",
        )  # fmt: skip
        argv, mounts = templates.from_copy(data, command)
        companion = Companion(
            name=self.kind,
            argv=argv,
            ready=ReadyCheck(tcp_port=6379),
            mounts=(Mount(run, _RUN, writable=True), *mounts),
            memory_mb=256,
        )
        return Running(want, companion, run / "redis.sock", meta)

    def warm_up(self) -> None:
        """Nothing is kept: it is started for each box."""

    def dump(self, running: Running) -> State:
        """`{"0": {key: {"type": …, "value": …, "expires": bool}}}` for every database that holds a key.

        Strings are text; lists are lists; sets are sorted lists; hashes are objects; sorted sets are lists of
        [member, score] by score. Bytes that are no UTF-8 show as `\\xNN`. Streams show as lists of [id, fields].
        """
        with _Connection(running.socket, running.meta["password"]) as redis:
            filled = re.findall(r"^db(\d+):", _text(redis.ask("INFO", "keyspace")), re.M)
            return {number: _database(redis, number) for number in sorted(filled, key=int)}


def _database(redis: _Connection, number: str) -> dict[str, Any]:
    redis.ask("SELECT", number)
    keys = sorted(redis.ask("KEYS", "*"))
    if len(keys) > KEYS_MAX:
        raise StateError(f"more than {KEYS_MAX} keys")
    return {_text(key): _entry(redis, key) for key in keys}


_READ: Mapping[str, tuple[str, ...]] = {
    "string": ("GET",),
    "list": ("LRANGE", "0", "-1"),
    "set": ("SMEMBERS",),
    "hash": ("HGETALL",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "stream": ("XRANGE", "-", "+"),
}


def _entry(redis: _Connection, key: bytes) -> dict[str, Any]:
    kind = _text(redis.ask("TYPE", key))
    command, *rest = _READ[kind]
    value = _shape(kind, _plain(redis.ask(command, key, *rest)))
    return {"type": kind, "value": value, "expires": redis.ask("PTTL", key) >= 0}


def _shape(kind: str, value: Any) -> Any:
    if kind == "set":
        return sorted(value)
    if kind == "hash":
        return dict(sorted(zip(value[::2], value[1::2], strict=True)))
    if kind == "zset":
        return [[member, float(score)] for member, score in zip(value[::2], value[1::2], strict=True)]
    return value


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list) else _text(value)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


class _Connection:
    """As much of the Redis protocol (RESP2) as reading a whole server takes."""

    def __init__(self, socket: Path, password: str = "") -> None:
        self._socket, self._password = socket, password

    def __enter__(self) -> _Connection:
        self._raw = sockets.socket(sockets.AF_UNIX)
        self._raw.settimeout(30)
        try:
            self._raw.connect(str(self._socket))
        except OSError as error:
            self._raw.close()
            raise StateError(f"Redis does not answer: {error}") from error
        self._file = self._raw.makefile("rb")
        if self._password:
            self.ask("AUTH", "judge", self._password)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._raw.close()

    def ask(self, *words: str | bytes) -> Any:
        """One command and its reply; raises StateError on an error reply or a broken connection."""
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        out = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        try:
            self._raw.sendall(out)
            return self._reply()
        except OSError as error:
            raise StateError(f"Redis does not answer: {error}") from error

    def _reply(self) -> Any:
        line = self._file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        raise StateError(rest.decode(errors="replace") or "Redis closed the connection")


def _make(data: Path, want: Want) -> dict[str, str]:
    """Write the configuration, run the seed's commands, save the snapshot."""
    password = secrets.token_urlsafe(24)
    data.mkdir()
    (data / "redis.conf").write_text(
        'save ""\nappendonly no\ndaemonize no\nloglevel warning\n'
        "maxmemory 128mb\nprotected-mode no\nunixsocketperm 777\n"
        "user default on nopass ~* &* +@all -@admin +config|get\n"
        f"user judge on >{password} ~* &* +@all\n"
    )
    templates.own(data)
    socket = data.parent / "s.sock"
    argv = [_need(), str(data / "redis.conf"), "--dir", str(data), "--port", "0", "--unixsocket", str(socket)]
    with templates.server(argv, socket), _Connection(socket, password) as redis:
        for number, line in enumerate(want.seed.decode("utf-8").splitlines(), 1):
            _seed_line(redis, number, line)
        redis.ask("SAVE")
    return {"password": password}


def _seed_line(redis: _Connection, number: int, line: str) -> None:
    if not line.strip() or line.lstrip().startswith("#"):
        return
    try:
        redis.ask(*shlex.split(line))
    except (StateError, ValueError) as error:
        raise SeedError(f"the Redis seed does not load: line {number}: {error}") from error


def _binary() -> str | None:
    return shutil.which("redis-server", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/redis/bin")


def _need() -> str:
    found = _binary()
    if found is None:
        raise UnavailableError("redis-server not found: install redis-server")
    return found


@cache
def _version() -> str:
    out = subprocess.run([_need(), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v=(\d+\.\d+\.\d+)", out)
    return found[1] if found else out.strip()
