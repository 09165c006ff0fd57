"""Programs crawl a site under its real host name, inside the sandbox, with the libraries unchanged."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from tests.judge.offline_web.sites import BOOKS, FILES, chunked, warc

from jinbang.judge.offline_web import Hit, Site, web
from jinbang.judge.sandbox import Box, Limits, RunResult, RunSpec
from jinbang.judge.toolchains import Toolchain

pytestmark = pytest.mark.sandbox
HOST = "books.example.cn"
LIMITS = Limits(wall_s=60, cpu_s=30, memory_mb=512, processes=64)


@dataclass(frozen=True)
class Crawl:
    """What came of a program."""

    result: RunResult
    hits: tuple[Hit, ...]
    files: Mapping[str, bytes]

    @property
    def asked(self) -> list[str]:
        return [hit.path + (f"?{hit.query}" if hit.query else "") for hit in self.hits]


def crawl(program: str, toolchain: Toolchain, files=FILES, hosts=(HOST,), limits=LIMITS, **more) -> Crawl:
    with (
        web([Site(hosts, files)]) as site,
        Box(
            files={"main.py": program.encode()},
            limits=limits,
            toolchain=toolchain,
            companions=site.companions,
            mounts=site.mounts,
            hosts=site.hosts,
        ) as box,
    ):
        result = box.run(RunSpec(script="main.py", limits=limits, env=site.env, **more))
        return Crawl(result, site.log(), box.read_files())


def test_requests_and_lxml_follow_the_pages_over_https(basic_web: Toolchain):
    program = """
import csv, requests
from lxml import html
from urllib.parse import urljoin
url, rows = "https://books.example.cn/list", []
while url:
    page = requests.get(url, timeout=10)
    page.raise_for_status()
    tree = html.fromstring(page.content.decode())
    rows += zip(tree.xpath('//li[@class="book"]/a/text()'), tree.xpath('//span[@class="price"]/text()'))
    after = tree.xpath('//a[@class="next"]/@href')
    url = urljoin(url, after[0]) if after else None
with open("books.csv", "w", encoding="utf-8", newline="") as out:
    csv.writer(out).writerows(rows)
"""
    done = crawl(program, basic_web)
    assert done.result.ok, done.result.stderr.decode()
    assert done.asked == ["/list", "/list?page=2", "/list?page=3"]
    assert {(hit.scheme, hit.host, hit.method, hit.status) for hit in done.hits} == {("https", HOST, "GET", 200)}
    assert done.hits[0].agent.startswith("python-requests/")
    assert done.files["books.csv"].decode() == "".join(f"{title},¥{price}\r\n" for title, price in BOOKS)


def test_a_scrapy_spider_crawls_and_heeds_robots(modern: Toolchain):
    program = """
import scrapy
from scrapy.crawler import CrawlerProcess

class Books(scrapy.Spider):
    name = "books"
    start_urls = ["https://books.example.cn/list", "https://books.example.cn/private/secret.html"]

    def parse(self, response):
        for book in response.css("li.book"):
            yield {"title": book.css("a::text").get(), "price": book.css(".price::text").get()}
        after = response.css("a.next::attr(href)").get()
        if after:
            yield response.follow(after)

crawler = CrawlerProcess({"ROBOTSTXT_OBEY": True, "FEEDS": {"books.json": {"format": "json", "encoding": "utf8"}},
                          "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False})
crawler.crawl(Books)
crawler.start()
"""
    done = crawl(program, modern)
    assert done.result.ok, done.result.stderr.decode()
    items = json.loads(done.files["books.json"])
    assert sorted(item["title"] for item in items) == sorted(title for title, _ in BOOKS)
    assert done.asked[0] == "/robots.txt"
    assert sorted(done.asked[1:]) == ["/list", "/list?page=2", "/list?page=3"]


def test_the_troubles_of_the_web_are_the_same_every_time(basic_web: Toolchain):
    program = """
import requests, time
base = "http://books.example.cn"
wrong = requests.get(base + "/wrong-encoding")
print(wrong.encoding, wrong.content.decode("gbk"))
start = time.monotonic()
requests.get(base + "/slow")
print(time.monotonic() - start >= 0.4)
try:
    requests.get(base + "/slow", timeout=0.1)
except requests.exceptions.Timeout:
    print("timeout")
print([requests.get(base + "/flaky").status_code for _ in range(4)])
try:
    requests.get(base + "/cut")
except requests.exceptions.ChunkedEncodingError:
    print("cut")
print(requests.get(base + "/browsers-only").status_code,
      requests.get(base + "/browsers-only", headers={"User-Agent": "Mozilla/5.0"}).status_code)
print(requests.get(base + "/old/shelf").url, requests.get(base + "/nothing").status_code)
print(requests.get(base + "/list?page=9").status_code, requests.post(base + "/list").status_code)
print(requests.get("http://localhost/").status_code)
"""
    done = crawl(program, basic_web)
    assert done.result.ok, done.result.stderr.decode()
    assert done.result.stdout.decode().splitlines() == [
        "ISO-8859-1 采集练习",
        "True",
        "timeout",
        "[503, 503, 200, 200]",
        "cut",
        "403 200",
        "http://books.example.cn/list 404",
        "404 405",
        "421",
    ]


def test_an_api_in_pages_and_a_login(basic_web: Toolchain):
    program = """
import requests
session = requests.Session()
pages = [session.get("https://books.example.cn/api/books", params={"page": n} if n else {}) for n in (0, 1, 3, 4)]
print([(page.status_code, len(page.json()["items"]) if page.ok else None) for page in pages], pages[0].json()["total"])
print(session.get("https://books.example.cn/orders", allow_redirects=False).headers["Location"])
print(session.post("https://books.example.cn/login", data={"username": "student", "password": "no"}).status_code)
there = session.post("https://books.example.cn/login", data={"username": "student", "password": "python"})
print(there.url, there.content.decode())
"""
    done = crawl(program, basic_web)
    assert done.result.ok, done.result.stderr.decode()
    assert done.result.stdout.decode().splitlines() == [
        "[(200, 3), (200, 3), (200, 1), (404, None)] 7",
        "/login",
        "403",
        "https://books.example.cn/orders 采集练习",
    ]
    assert [hit.body for hit in done.hits if hit.method == "POST"] == [
        "username=student&password=no",
        "username=student&password=python",
    ]


def test_a_recording_answers_as_it_was_recorded(basic_web: Toolchain):
    import gzip

    page, zipped = "<p>旧闻</p>".encode("gb2312"), gzip.compress(b"<p>packed</p>")
    recorded = warc(
        ("https://news.example.cn/a?id=1&x=", b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gb2312", page),
        ("http://news.example.cn/b", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", chunked(b"<p>chunks</p>")),
        ("http://news.example.cn/c", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip", zipped),
        ("http://news.example.cn/d", b"HTTP/1.1 410 Gone\r\nX-Old: yes", b""),
        ("http://other.example.cn/a", b"HTTP/1.1 200 OK", b"<p>other host</p>"),
    )
    program = """
import requests
for url in ("https://news.example.cn/a?x=&id=1", "http://news.example.cn/b", "http://news.example.cn/c",
            "http://news.example.cn/d", "http://news.example.cn/a", "http://other.example.cn/a"):
    page = requests.get(url)
    print(page.status_code, page.text)
"""
    hosts = ("news.example.cn", "other.example.cn")
    done = crawl(program, basic_web, files={"recorded.warc.gz": recorded}, hosts=hosts)
    assert done.result.ok, done.result.stderr.decode()
    assert done.result.stdout.decode().splitlines() == [
        "200 <p>旧闻</p>",
        "200 <p>chunks</p>",
        "200 <p>packed</p>",
        "410 ",
        "404 Not Found",
        "200 <p>other host</p>",
    ]


def test_the_log_is_out_of_the_programs_reach(basic_web: Toolchain):
    program = """
import os, requests, signal
requests.get("http://books.example.cn/list")
for place in ("/srv/web/log/access.jsonl", "/srv/web/book", "/srv/web", "/tmp/access.jsonl"):
    print(os.path.exists(place))
for pid in range(1, 4000):
    if pid not in (1, os.getpid(), os.getppid()):
        try:
            os.kill(pid, signal.SIGTERM)
            print("killed", pid)
        except ProcessLookupError:
            pass
try:
    open("/run/jinbang/ca.pem", "a")
except OSError:
    print("refused")
print(requests.get("http://books.example.cn/list").status_code)
"""
    done = crawl(program, basic_web)
    lines = done.result.stdout.decode().splitlines()
    assert lines == ["False"] * 4 + ["refused", "200"], done.result.stderr.decode()
    assert done.asked == ["/list", "/list"]


def test_only_the_tasks_hosts_are_there_and_only_its_authority_is_trusted(basic_web: Toolchain):
    program = """
import requests, socket
for url in ("http://www.example.com/", "https://unknown.example.cn/"):
    try:
        print(requests.get(url, timeout=5))
    except requests.exceptions.ConnectionError:
        print("no such host")
import os
os.environ.pop("REQUESTS_CA_BUNDLE"), os.environ.pop("CURL_CA_BUNDLE")
try:
    print(requests.get("https://books.example.cn/list"))
except requests.exceptions.SSLError:
    print("not trusted by the world")
import urllib.request
print(urllib.request.urlopen("https://books.example.cn/list").status)
"""
    done = crawl(program, basic_web)
    assert done.result.stdout.decode().splitlines() == [
        "no such host",
        "no such host",
        "not trusted by the world",
        "200",
    ], done.result.stderr.decode()


@pytest.mark.skipif(shutil.which("chromedriver") is None, reason="no chromedriver on this machine")
def test_selenium_sees_what_the_script_renders(modern: Toolchain):
    program = """
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
browser = webdriver.Chrome()
browser.get("https://books.example.cn/rendered")
WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, "li.book"))
print([li.text for li in browser.find_elements(By.CSS_SELECTOR, "li.book")])
browser.quit()
"""
    limits = Limits(wall_s=90, cpu_s=60, memory_mb=1500, processes=400, tmp_mb=256, open_files=1024)
    done = crawl(program, modern, limits=limits, seccomp="browser")
    assert done.result.stdout.decode() == "['第4卷', '第5卷', '第6卷']\n", done.result
    assert "/api/books?page=2" in done.asked
