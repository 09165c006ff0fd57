"""How a site's folder becomes what its server answers, and what is refused."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from tests.judge.offline_web.sites import chunked, warc

from jinbang.judge.offline_web import Site, SiteError
from jinbang.judge.offline_web.book import bind
from jinbang.judge.offline_web.ca import DAYS, issue
from jinbang.judge.offline_web.warc import responses

NOW = datetime(2022, 5, 21, 8, 30, tzinfo=UTC)


def paths(site: Site, host: str) -> list[tuple[str, object]]:
    return [(route["path"], route["query"]) for route in bind([site]).hosts[host]]


def test_files_answer_under_their_names_and_without_html():
    files = {"index.html": b"", "a/index.html": b"", "b.html": b"", "c.json": b"[]", "b@page=2&q=x.html": b""}
    assert paths(Site(("h.cn",), files), "h.cn") == [
        ("/b.html", {"page": "2", "q": "x"}),
        ("/b", {"page": "2", "q": "x"}),
        ("/a/index.html", None),
        ("/a/", None),
        ("/b.html", {}),
        ("/b", {}),
        ("/c.json", None),
        ("/index.html", None),
        ("/", None),
    ]


def test_a_folder_named_like_a_host_is_that_hosts_alone():
    site = Site(("a.cn", "b.cn"), {"a.cn/x.html": b"A", "y.html": b"shared"})
    assert paths(site, "a.cn") == [("/x.html", None), ("/x", None)]
    assert paths(site, "b.cn") == [("/y.html", None), ("/y", None)]


def test_the_same_bytes_are_kept_once():
    book = bind([Site(("h.cn",), {"a.txt": b"same", "b.txt": b"same", "c.txt": b"other"})])
    assert sorted(book.bodies.values()) == [b"other", b"same"]


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        (b"[[page]]\npath = '/x'\nflie = 'a'", "unknown field `flie`"),
        (b"[[page]]\npath = '/x'\nfile = 'gone.html'", "/x names gone.html, which is not in the folder"),
        (b"[[page]]\npath = '/x'\nlogin = true", "asks for a login"),
        (b"[[api]]\npath = '/x'\ndata = 'd.json'\nsize = 0", "a JSON list and a positive size"),
        (b"[[page", "site.toml"),
        ("[[page]]\npath = '文'".encode("gbk"), "site.toml"),
    ],
)
def test_faulty_rules_are_named(rules: bytes, complaint: str):
    with pytest.raises(SiteError, match=complaint):
        bind([Site(("h.cn",), {"site.toml": rules, "d.json": b"[]"})])


def test_a_host_belongs_to_one_site():
    with pytest.raises(SiteError, match=r"h\.cn is in two sites"):
        bind([Site(("h.cn",), {}), Site(("h.cn",), {})])


def test_recorded_responses_lose_what_belonged_to_the_connection():
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nX-Kept: 1"
    (page,) = responses(warc(("http://h.cn/", head, chunked(b"hello"))), "x.warc")
    assert (page.url, page.status, page.body) == ("http://h.cn/", 200, b"hello")
    assert page.headers == (("Content-Type", "text/html"), ("X-Kept", "1"))


@pytest.mark.parametrize(
    "damage",
    [
        b"not a recording",
        warc(("http://h.cn/", b"HTTP/1.1 200 OK", b""))[:-10],
        warc(("http://h.cn/", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip", b"plain")),
        warc(("http://h.cn/", b"HTTP/1.1 200 OK\r\nContent-Encoding: br", b"x")),
        warc(("http://h.cn/", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"zz")),
        warc(("http://h.cn/", b"", b"")),
    ],
)
def test_a_damaged_recording_is_named(damage: bytes):
    with pytest.raises(SiteError, match=r"r\.warc is no readable WARC file"):
        bind([Site(("h.cn",), {"r.warc": damage})])


def test_the_authority_signs_exactly_the_hosts_for_a_while():
    trust = issue(["a.cn", "b.cn"], NOW)
    ca = x509.load_pem_x509_certificate(trust.ca)
    server = x509.load_pem_x509_certificate(trust.server)
    server.verify_directly_issued_by(ca)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.cn", "b.cn"]
    assert server.not_valid_before_utc == NOW - timedelta(days=1)
    assert server.not_valid_after_utc - server.not_valid_before_utc == timedelta(days=DAYS)
    ssl.create_default_context(cadata=trust.ca.decode())


def test_no_two_tasks_share_an_authority():
    assert issue(["a.cn"], NOW).ca != issue(["a.cn"], NOW).ca
