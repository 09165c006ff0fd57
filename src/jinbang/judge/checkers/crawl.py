"""How the program crawled: which pages of the offline web it asked for, and which it should have left alone."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

import msgspec

from jinbang.judge.checkers.base import Access, Capability, Checker, Evidence, Finding, Need, part, right, shown, wrong


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pages are `host/path?query` patterns (`*` and `?` as in shells, so write `[?]` for a question mark).

    `pages`: each must have been answered with a status below 400, and counts the same. `forbidden`: asking for one
    costs all points (robots.txt, traps). `most`: no more requests in all. `agent`: a pattern for the User-Agent.
    `methods`: allowed methods.
    """

    pages: list[str] = []
    forbidden: list[str] = []
    most: int | None = None
    agent: str | None = None
    methods: tuple[str, ...] = ("GET", "HEAD")


def check(evidence: Evidence, options: Options) -> Finding:
    """Hold the access log against the rules."""
    log = evidence.access
    if breach := _breach(log, options):
        return wrong(breach)
    asked = {_name(access) for access in log if access.status < 400}
    missing = [page for page in options.pages if not any(fnmatch.fnmatchcase(name, page) for name in asked)]
    if not missing:
        return right(f"{len(options.pages)} 个页面均已请求" if options.pages else "请求符合要求")
    return part(len(options.pages) - len(missing), len(options.pages), "页面请求", f"没有请求 {missing[0]}")


def _breach(log: Sequence[Access], options: Options) -> str | None:
    for access in sorted(log, key=_name):  # requests may arrive in any order; the verdict must not
        if any(fnmatch.fnmatchcase(_name(access), pattern) for pattern in options.forbidden):
            return f"请求了不应访问的页面 {shown(_name(access))}"
        if access.method not in options.methods:
            return f"使用了不允许的请求方法 {shown(access.method)}"
        if options.agent and not fnmatch.fnmatchcase(access.agent, options.agent):
            return "有请求没有按要求设置 User-Agent"
    if options.most is not None and len(log) > options.most:
        return f"请求过多：不应超过 {options.most} 次"
    return None


def _name(access: Access) -> str:
    return f"{access.host}{access.path}"


CHECKER = Checker(
    "crawl",
    Capability(
        "采集过程",
        "按离线网站的访问日志检查请求了哪些页面、是否遵守 robots 与请求头要求",
        frozenset({Need.RUN, Need.ACCESS}),
    ),
    Options,
    check,
)
