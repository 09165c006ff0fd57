"""The page of the exam client: small, without data, under a strict policy."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from jinbang.web.candidate.views import client_files

pytestmark = pytest.mark.django_db


def test_page_names_every_module_and_runs_nothing_inline(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        response = client.get("/sit/")
    html = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", html) == []
    for name in client_files():
        if "/js/" in name:
            assert (name in html) is not name.endswith("/en.js")  # English is fetched by those who read it
        assert finders.find(name), name


def test_worker_keeps_the_page_and_nothing_of_the_protocol(client: Client) -> None:
    source = client.get("/sit/sw.js").content.decode()
    files = json.loads(re.match(r"const FILES = (\[.*\]);", source).group(1))  # type: ignore[union-attr]
    assert files[0] == "/sit/"
    assert not any("exam/v1" in name for name in files)
    assert any(name.endswith("css/exam.css") for name in files)


def test_only_get(client: Client) -> None:
    assert client.post("/sit/").status_code == 405
