"""Static files: compressed for browsers that take it, whole for others, once fetched not again."""

from __future__ import annotations

import gzip
from pathlib import Path

from django.test import Client

import jinbang.web

SCRIPT = Path(jinbang.web.__file__).parent / "static/jinbang/candidate/js/main.js"
ADDRESS = "/static/jinbang/candidate/js/main.js"


def whole(response) -> bytes:  # type: ignore[no-untyped-def]
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_script_travels_compressed() -> None:
    answer = Client().get(ADDRESS, headers={"accept-encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Vary"] == "Accept-Encoding"
    assert int(answer["Content-Length"]) == len(answer.content) < SCRIPT.stat().st_size / 2
    assert gzip.decompress(answer.content) == SCRIPT.read_bytes()


def test_who_does_not_take_it_gets_the_file() -> None:
    answer = Client().get(ADDRESS)
    assert "Content-Encoding" not in answer
    assert answer["Vary"] == "Accept-Encoding"
    assert whole(answer) == SCRIPT.read_bytes()


def test_not_modified_and_head_stay_small() -> None:
    client = Client()
    seen = client.get(ADDRESS)["Last-Modified"]
    again = client.get(ADDRESS, headers={"accept-encoding": "gzip", "if-modified-since": seen})
    assert (again.status_code, whole(again)) == (304, b"")
    assert whole(client.head(ADDRESS, headers={"accept-encoding": "gzip"})) == b""
