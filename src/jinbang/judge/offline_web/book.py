"""From a site's files to the book its server answers from: an ordered list of routes, and bodies by digest.

Order: the rules of `site.toml`, then recordings (`*.warc`, `*.warc.gz`), then the other files under their own names.
"""

from __future__ import annotations

import hashlib
import json
import math
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from jinbang.judge.offline_web import warc
from jinbang.judge.offline_web.model import RULES, Api, Login, Page, Rules, Site, SiteError, read_rules

Route = dict[str, Any]


@dataclass
class Book:
    """`hosts`: host → routes, in order of precedence. `bodies`: SHA-256 → bytes."""

    hosts: dict[str, list[Route]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def body(self, data: bytes) -> str:
        """Keep these bytes; gives the name they are found under."""
        name = hashlib.sha256(data).hexdigest()
        self.bodies[name] = data
        return name


def bind(sites: Sequence[Site]) -> Book:
    """The book of all sites of a task; raises SiteError."""
    book = Book()
    for site in sites:
        for host in site.hosts:
            if host in book.hosts:
                raise SiteError(f"host {host} is in two sites")
            files = _of_host(site, host)
            rules = read_rules(files.get(RULES, b""))
            book.hosts[host] = [
                *_rule_routes(book, rules, files),
                *_recorded(book, host, files),
                *_static(book, files),
            ]
    return book


def _of_host(site: Site, host: str) -> dict[str, bytes]:
    own = {name.removeprefix(f"{host}/"): data for name, data in site.files.items() if name.startswith(f"{host}/")}
    if own:
        return own
    others = tuple(f"{other}/" for other in site.hosts)
    return {name: data for name, data in site.files.items() if not name.startswith(others)}


def _route(path: str, **more: Any) -> Route:
    return {"path": path, "method": "GET", "query": None, "status": 200, "headers": [], **more}


def _rule_routes(book: Book, rules: Rules, files: Mapping[str, bytes]) -> Iterator[Route]:
    if rules.login:
        yield _login(rules.login)
    for page in rules.page:
        yield _page(book, page, files, rules.login)
    for api in rules.api:
        yield from _api(book, api, files, rules.login)


def _page(book: Book, page: Page, files: Mapping[str, bytes], login: Login | None) -> Route:
    data = _file(files, page.file, page.path) if page.file else b""
    if page.encode:
        data = data.decode("utf-8").encode(page.encode, "replace")
    kind = page.type or (_type(page.file) if page.file else "text/plain; charset=utf-8")
    headers = [["Content-Type", kind], *([name, value] for name, value in page.headers.items())]
    status = page.status
    if page.redirect:
        headers.append(["Location", page.redirect])
        status = 302 if status == 200 else status
    return _route(
        page.path,
        method=page.method,
        query=page.query,
        status=status,
        headers=headers,
        body=book.body(data),
        cut=page.cut,
        **_common(page, login),
    )


def _common(rule: Page | Api, login: Login | None) -> Route:
    if rule.login and login is None:
        raise SiteError(f"{RULES}: {rule.path} asks for a login, but there is no [login]")
    return {
        "delay_ms": rule.delay_ms,
        "fail": rule.fail,
        "fail_status": rule.fail_status,
        "needs": [rule.needs.header.lower(), rule.needs.contains] if rule.needs else None,
        "login": [login.cookie, _ticket(login), login.path] if rule.login and login else None,
    }


def _api(book: Book, api: Api, files: Mapping[str, bytes], login: Login | None) -> Iterator[Route]:
    items = json.loads(_file(files, api.data, api.path))
    if not isinstance(items, list) or api.size < 1:
        raise SiteError(f"{RULES}: {api.path} needs a JSON list and a positive size")
    pages = max(1, math.ceil(len(items) / api.size))
    headers = [["Content-Type", "application/json; charset=utf-8"]]
    for number in range(1, pages + 1):
        part = items[(number - 1) * api.size : number * api.size]
        text = json.dumps({"total": len(items), "page": number, "pages": pages, "items": part}, ensure_ascii=False)
        route = _route(api.path, headers=headers, body=book.body(text.encode()), **_common(api, login))
        yield route | {"contains": {api.page: str(number)}}
        if number == 1:
            yield route | {"lacks": api.page}


def _login(login: Login) -> Route:
    return _route(login.path, method="POST", form=login.fields, cookie=[login.cookie, _ticket(login)], then=login.then)


def _ticket(login: Login) -> str:
    return hashlib.sha256(json.dumps(login.fields, sort_keys=True).encode()).hexdigest()[:32]


def _recorded(book: Book, host: str, files: Mapping[str, bytes]) -> Iterator[Route]:
    """Recorded responses by their exact address; of several for one address the first counts."""
    seen: set[tuple[str, str]] = set()
    for name in sorted(files):
        if not name.endswith((".warc", ".warc.gz")):
            continue
        for record in warc.responses(files[name], name):
            parts = urlsplit(record.url)
            key = (parts.path or "/", parts.query)
            if parts.hostname != host or key in seen:
                continue
            seen.add(key)
            yield _route(
                quote(key[0], safe="/%:@!$&'()+,;=-._~"),
                query=dict(parse_qsl(key[1], keep_blank_values=True)),
                status=record.status,
                headers=[list(header) for header in record.headers],
                body=book.body(record.body),
                exact=True,
            )


def _static(book: Book, files: Mapping[str, bytes]) -> Iterator[Route]:
    """`list@page=2.html` answers /list?page=2; then a query that no file is for answers 404, as a site would."""
    plain = [name for name in sorted(files) if name != RULES and not name.endswith((".warc", ".warc.gz"))]
    variants = [name for name in plain if "@" in name]
    paged = {path for name in variants for path in _paths(_split(name)[0])}
    for name in variants:
        bare, query = _split(name)
        for path in _paths(bare):
            yield _file_route(book, path, name, files[name], query)
    for name in plain:
        if "@" not in name:
            for path in _paths(name):
                yield _file_route(book, path, name, files[name], {} if path in paged else None)


def _split(name: str) -> tuple[str, dict[str, str]]:
    """`a/list@page=2&q=x.html` → (`a/list.html`, {page: 2, q: x})."""
    stem, _, rest = name.partition("@")
    query, dot, extension = rest.rpartition(".")
    return (stem + dot + extension, dict(parse_qsl(query))) if dot else (stem, dict(parse_qsl(rest)))


def _paths(name: str) -> list[str]:
    full = "/" + quote(name)
    if full.endswith("/index.html"):
        return [full, full.removesuffix("index.html")]
    return [full, full.removesuffix(".html")] if full.endswith(".html") else [full]


def _file_route(book: Book, path: str, name: str, data: bytes, query: dict[str, str] | None) -> Route:
    return _route(path, query=query, headers=[["Content-Type", _type(name)]], body=book.body(data), exact=True)


def _file(files: Mapping[str, bytes], name: str, path: str) -> bytes:
    if name not in files:
        raise SiteError(f"{RULES}: {path} names {name}, which is not in the folder")
    return files[name]


def _type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in {"application/javascript", "application/json"}
    return f"{kind}; charset=utf-8" if text else kind
