"""A written site with the troubles a crawl meets, and a recorder for WARC samples."""

import gzip
import json

BOOKS = [(f"第{n}卷", f"{20 + n}.50") for n in range(1, 8)]


def _shelf(page: int, pages: int) -> bytes:
    rows = "".join(
        f'<li class="book"><a href="/book/{n}.html">{title}</a><span class="price">¥{price}</span></li>'
        for n, (title, price) in list(enumerate(BOOKS, 1))[(page - 1) * 3 : page * 3]
    )
    after = f'<a class="next" href="/list?page={page + 1}">下一页</a>' if page < pages else ""
    return f"<!doctype html><title>书架 {page}</title><ul>{rows}</ul>{after}".encode()


RULES = """
[[page]]
path = "/wrong-encoding"
file = "notes.txt"
encode = "gbk"
type = "text/html; charset=ISO-8859-1"

[[page]]
path = "/slow"
file = "notes.txt"
delay_ms = 400

[[page]]
path = "/flaky"
file = "notes.txt"
fail = 2

[[page]]
path = "/cut"
file = "list.html"
cut = true

[[page]]
path = "/orders"
file = "notes.txt"
login = true

[[page]]
path = "/old/*"
redirect = "/list"

[[page]]
path = "/browsers-only"
file = "notes.txt"
needs = { header = "User-Agent", contains = "Mozilla" }

[login]
path = "/login"
fields = { username = "student", password = "python" }
then = "/orders"

[[api]]
path = "/api/books"
data = "books.json"
size = 3
"""
# The list is empty until the script has asked the API: what requests sees, and what a browser sees, differ.
RENDERED = """<!doctype html><meta charset="utf-8"><ul id="books"></ul><script>
fetch("/api/books?page=2").then(r => r.json()).then(data => {
  for (const book of data.items) {
    const li = document.createElement("li"); li.className = "book"; li.textContent = book.title;
    document.getElementById("books").append(li);
  }
});
</script>"""
FILES = {
    "list.html": _shelf(1, 3),
    "list@page=2.html": _shelf(2, 3),
    "list@page=3.html": _shelf(3, 3),
    "robots.txt": b"User-agent: *\nDisallow: /private/\nCrawl-delay: 0\n",
    "private/secret.html": b"<p>not for robots</p>",
    "rendered.html": RENDERED.encode(),
    "notes.txt": "采集练习".encode(),
    "books.json": json.dumps([{"title": title, "price": price} for title, price in BOOKS]).encode(),
    "site.toml": RULES.encode(),
    **{f"book/{n}.html": f"<h1>{title}</h1>".encode() for n, (title, _) in enumerate(BOOKS, 1)},
}


def warc(*responses: tuple[str, bytes, bytes]) -> bytes:
    """(url, head, body) of each response as a gzipped WARC file, a request record between them as recorders do."""
    parts = []
    for url, head, body in responses:
        for kind, block in (("request", b"GET / HTTP/1.1\r\n\r\n"), ("response", head + b"\r\n\r\n" + body)):
            fields = (
                f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
                f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
            )
            parts.append(gzip.compress(fields.encode() + block + b"\r\n\r\n"))
    return b"".join(parts)


def chunked(body: bytes) -> bytes:
    """The body in two chunks."""
    half = len(body) // 2
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:])) + b"0\r\n\r\n"
