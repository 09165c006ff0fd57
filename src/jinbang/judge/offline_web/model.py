"""Sites as a task ships them, the rules of their `site.toml`, and what the access log says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from jinbang.judge.settled import settled

RULES = "site.toml"


class SiteError(ValueError):
    """The site's folder is at fault; the text names the file and what to change."""


@dataclass(frozen=True)
class Site:
    """Files by name. Where a top folder is named like a host, that host has it to itself; else all hosts share."""

    hosts: tuple[str, ...]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Hit:
    """One request that reached a site, in the order of arrival. `t_ms` counts from the first one."""

    n: int
    t_ms: int
    scheme: str
    host: str
    method: str
    path: str
    query: str
    status: int
    agent: str
    referer: str
    body: str

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page answers 403 unless this request header holds this text."""

    header: str
    contains: str


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule; the first that matches answers. `path` may hold `*`. `query` None matches any query.

    fail: the first so many requests get `fail_status`. cut: the connection breaks half-way through the body.
    encode: the file is UTF-8 and is sent in this encoding, whatever `type` claims.
    """

    path: str
    query: dict[str, str] | None = None
    method: str = "GET"
    file: str | None = None
    status: int = 200
    type: str | None = None
    headers: dict[str, str] = {}
    redirect: str | None = None
    delay_ms: int = 0
    fail: int = 0
    fail_status: int = 503
    cut: bool = False
    encode: str | None = None
    login: bool = False
    needs: Needs | None = None


class Api(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A JSON list served in pages: {"total", "page", "pages", "items"}; 404 beyond the last page."""

    path: str
    data: str
    page: str = "page"
    size: int = 20
    delay_ms: int = 0
    fail: int = 0
    fail_status: int = 503
    login: bool = False
    needs: Needs | None = None


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A form that is POSTed to `path`: the right fields set a cookie and lead on to `then`; others answer 403."""

    path: str
    fields: dict[str, str]
    then: str = "/"
    cookie: str = "session"


@settled
class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`site.toml` as a whole."""

    page: list[Page] = []
    api: list[Api] = []
    login: Login | None = None


def read_rules(data: bytes) -> Rules:
    """The rules; raises SiteError."""
    try:
        return msgspec.convert(tomllib.loads(data.decode("utf-8")), type=Rules)
    except (ValueError, msgspec.ValidationError) as error:
        raise SiteError(f"{RULES}: {error}") from error
