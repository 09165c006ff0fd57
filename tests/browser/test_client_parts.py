"""The client's modules in Chromium: cryptography against Python's, canonical answers, clock, calculator, size."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import json
import os
import random
import re
import threading
import zlib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Browser, Page

from jinbang.delivery.domain import crypto
from jinbang.delivery.domain.canonical import digest

STATIC = Path(__file__).parents[2] / "src/jinbang/web/static/jinbang"
CLIENT = STATIC / "candidate"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page that can import the client's modules as they are served."""
    handler = functools.partial(_Quiet, directory=str(CLIENT))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tab := chromium.new_page()).goto(f"http://127.0.0.1:{server.server_port}/js/")
    yield tab
    tab.close()
    server.shutdown()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def run(page: Page, body: str, *arguments: Any) -> Any:
    """Run ``body`` with ``c`` = the crypto module and ``a`` = the arguments."""
    return page.evaluate(f"async (a) => {{ const c = await import('/js/crypto/index.js'); {body} }}", list(arguments))


@pytest.mark.parametrize("native", [True, False])
def test_sha256_as_python_has_it(page: Page, native: bool) -> None:
    rng = random.Random(1)
    texts = [rng.randbytes(n) for n in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70001)]
    body = "c.useBrowser(a[0]); return Promise.all(a[1].map(async (t) => c.hex(await c.sha256(c.fromBase64(t)))));"
    found = run(page, body, native, [b64(text) for text in texts])
    assert found == [hashlib.sha256(text).hexdigest() for text in texts]


@pytest.mark.parametrize("native", [True, False])
def test_aes_gcm_both_ways(page: Page, native: bool) -> None:
    for size, extra in ((0, b""), (1, b"x"), (16, b""), (31, b"jinbang-paper/1:7"), (5000, b"y" * 33)):
        key, nonce, plain = os.urandom(32), os.urandom(12), os.urandom(size)
        sealed = AESGCM(key).encrypt(nonce, plain, extra)
        body = (
            "c.useBrowser(a[0]); const [k, n, p, s, e] = a.slice(1).map(c.fromBase64);"
            "return [c.base64(await c.encrypt(k, n, p, e)), c.base64(await c.decrypt(k, n, s, e))];"
        )
        found = run(page, body, native, *(b64(x) for x in (key, nonce, plain, sealed, extra)))
        assert found == [b64(sealed), b64(plain)]


@pytest.mark.parametrize("native", [True, False])
def test_changed_ciphertext_opens_nothing(page: Page, native: bool) -> None:
    key, nonce = os.urandom(32), os.urandom(12)
    sealed = bytearray(AESGCM(key).encrypt(nonce, b"answers", b""))
    sealed[3] ^= 1
    body = (
        "c.useBrowser(a[0]); try { await c.decrypt(...a.slice(1).map(c.fromBase64)); return 'opened'; }"
        "catch (refused) { return 'refused'; }"
    )
    assert run(page, body, native, b64(key), b64(nonce), b64(bytes(sealed))) == "refused"


@pytest.mark.parametrize("native", [True, False])
def test_inflate_every_kind_of_block(page: Page, native: bool) -> None:
    rng = random.Random(2)
    texts = [b"", b"a", b"abc" * 5000, rng.randbytes(70000), ("试卷与选项，" * 900).encode(), bytes(range(256)) * 40]
    for text in texts:
        for level, strategy in ((9, 0), (1, 0), (0, 0), (9, zlib.Z_FIXED), (9, zlib.Z_HUFFMAN_ONLY)):
            packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
            packed = packer.compress(text) + packer.flush()
            body = "c.useBrowser(a[0]); return c.base64(await c.inflate(c.fromBase64(a[1])));"
            assert run(page, body, native, b64(packed)) == b64(text)


@pytest.mark.parametrize("native", [True, False])
def test_rescue_file_opens_with_the_private_key(page: Page, native: bool) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    spki = crypto.rescue_spki(private)
    payload = {"format": crypto.RESCUE, "steps": [[1, "e1", "列表", 5]]}
    body = (
        "c.useBrowser(a[0]); const parts = [c.utf8('one'), c.utf8('two')];"
        "const s = await c.sealFor(c.fromBase64(a[1]), c.utf8(a[2]), 'jinbang-rescue/1', parts);"
        "return JSON.stringify(Object.assign({format: 'jinbang-rescue/1', key_id: 'k'}, s));"
    )
    file = json.loads(run(page, body, native, b64(spki), json.dumps(payload)))
    file["key_id"] = crypto.rescue_key_id(crypto.rescue_spki(private))
    content = crypto.read_rescue(json.dumps(file).encode(), private)
    assert (content.payload, content.parts) == (payload, (b"one", b"two"))


def test_canonical_answers_are_those_of_the_server(page: Page) -> None:
    answers = {
        "e1": "B",
        "e2": "A,C",
        "e10": "列表",
        "flag:e1": "1",
        "e3": "",
        "file:e9/main.py": "ab" * 32,
        "e𠮷": "𠮷",
    }
    body = "const m = await import('/js/answers.js'); return m.digest(Object.entries(a[0]));"
    expected = digest(answers)
    assert run(page, body, answers) == {"count": expected.count, "sha256": expected.sha256}


def markup(page: Page, source: str) -> str:
    body = (
        "const m = await import('/js/markdown.js');"
        "const box = document.createElement('div'); box.append(...m.markdown(a[0])); return box.innerHTML;"
    )
    return str(run(page, body, source))


def test_statements_with_code_inside_lists(page: Page) -> None:
    source = (
        "1. **读取**\n   第一页：\n\n   ```\n   a = 1\n     b\n   ```\n\n2. 写入 `out.csv`\n\n- 甲\n- 乙\n  续\n\n末段"
    )
    assert markup(page, source) == (
        '<ol start="1"><li><p><strong>读取</strong>\n第一页：</p><pre tabindex="0"><code>a = 1\n  b</code></pre></li>'
        "<li>写入 <code>out.csv</code></li></ol><ul><li>甲</li><li>乙\n续</li></ul><p>末段</p>"
    )


def test_nothing_in_a_statement_becomes_active(page: Page) -> None:
    assert markup(page, "# <img src=x onerror=alert(1)>\n<script>alert(1)</script>\n| a |\n|---|\n| <b>x</b> |") == (
        "<h3>&lt;img src=x onerror=alert(1)&gt;</h3><p>&lt;script&gt;alert(1)&lt;/script&gt;\n| a |\n|---|\n"
        "| &lt;b&gt;x&lt;/b&gt; |</p>"
    )


def test_every_shipped_statement_is_drawn(page: Page) -> None:
    for path in sorted((STATIC.parents[2] / "judge/tasks").glob("*/statement.md")):
        text = markup(page, path.read_text(encoding="utf-8"))
        assert "```" not in text, path
        assert "|---" not in text, path


def test_calculator(page: Page) -> None:
    body = "const m = await import('/js/calculator.js'); return a[0].map(m.evaluate);"
    sums = ["1+2×3", "(1+2)*3^2", "2^3^2", "-2^2", "7 % 4", "0.1+0.2", "1/0", "2+", "(1", "alert(1)", "8÷2−1"]
    assert run(page, body, sums) == [7, 27, 512, -4, 3, 0.3, None, None, None, None, 3]


def test_server_clock_ignores_slow_answers_and_follows_jumps(page: Page) -> None:
    body = """
      const { ServerClock } = await import('/js/clock.js');
      let at = 1000; const clock = new ServerClock(() => at); const seen = [];
      const exchange = (server, took) => {
        const sent = at; at += took; clock.take(server, sent); seen.push(clock.now() - at); };
      exchange(500000, 20); exchange(500500, 900); at += 3000; exchange(504400, 30); exchange(900000, 40);
      return seen;"""
    first, slow, later, jumped = run(page, body)
    assert first == 498990
    assert slow == first
    assert abs(later - first) < 600
    assert jumped == 900000 - 1000 - 20 - 900 - 3000 - 30 - 40 + 20


def test_number_of_bytes_over_the_wire() -> None:
    """What a page fetches in Chinese stays under 150 kB uncompressed; everything, English too, is small gzipped."""
    files = [path for path in CLIENT.rglob("*") if path.suffix in {".js", ".css"}]
    assert sum(path.stat().st_size for path in files if path.name != "en.js") < 150_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 60_000


TOO_NEW = {
    "optional chaining": r"\?\.[a-zA-Z_(\[]",
    "nullish coalescing": r"\?\?",
    "private members": r"[.\s{]#[a-zA-Z_]\w*\s*[(=;]",
    "replaceAll": r"\.replaceAll\(",
    "replaceChildren": r"\.replaceChildren\(",
    "at()": r"\.at\(-?\d",
    "allSettled": r"allSettled",
    "structuredClone": r"structuredClone",
    "randomUUID": r"randomUUID",
    "logical assignment": r"(\|\||&&)=",
    "BigInt literal": r"\b\d+n\b",
    "numeric separator": r"\b\d+_\d+",
    "top-level await": r"^await ",
    "Blob.arrayBuffer": r"file\.(arrayBuffer|text)\(",
}


@pytest.mark.parametrize("path", sorted(CLIENT.rglob("*.js")), ids=lambda path: path.name)
def test_nothing_newer_than_chrome_75(path: Path) -> None:
    source = re.sub(r"//[^\n]*|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", "", path.read_text(encoding="utf-8"))
    assert [name for name, pattern in TOO_NEW.items() if re.search(pattern, source, re.MULTILINE)] == []


@pytest.mark.parametrize("part", ["candidate", "room"])
def test_every_word_has_english(part: str) -> None:
    folder = STATIC / part / "js"
    used = {
        word
        for path in folder.rglob("*.js")
        for word in re.findall(r'\bt\("([^"]+)"', path.read_text(encoding="utf-8"))
    }
    known = set(re.findall(r'^  "([^"]+)": ".+",$', (folder / "en.js").read_text(encoding="utf-8"), re.MULTILINE))
    assert used - known == set()
    assert known - used == set()
