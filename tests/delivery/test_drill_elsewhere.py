"""Rehearsing against a server that runs already, with nothing but its address and a bundle of tickets."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinbang.delivery.drill import cli
from jinbang.delivery.drill.candidate import Candidate
from jinbang.delivery.drill.elsewhere import Elsewhere, books_over_http, read_bundle
from jinbang.delivery.drill.faults import FAULTS, FROM_OUTSIDE, chosen
from jinbang.delivery.drill.rehearsal import Plan, compare

from .conftest import Site


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_running_server_is_rehearsed_by_its_address(site: Site, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    site.installation.run("jinbang.cli.main", "drill", "prepare", "--candidates", "6", "--bundle", str(bundle))
    assert bundle.stat().st_mode & 0o777 == 0o600
    plan = Plan(("repeat", "machines"), lasting_s=1.0, calm_s=0.5, answers_s=0.1)
    report = cli.rehearse_elsewhere(site.installation.base_url, bundle, plan)
    assert report["failures"] == []
    assert (report["candidates"], report["handed_in"], report["lost"], report["duplicated"]) == (6, 6, 0, 0)
    assert report["acked"] == report["stored"] > 0
    assert report["ok"], report


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
async def test_an_answer_that_the_server_does_not_hold_is_missed(site: Site) -> None:
    candidate = site.candidate()
    await candidate.sign_in()
    await candidate.start()
    candidate.type("e1", "A")
    await candidate.save()
    await candidate.hand_in()
    seq = candidate.type("e2", "B")
    candidate.acked[seq] = ("e2", "B")  # as if it had been acknowledged
    found = compare([candidate], await books_over_http([candidate]))
    candidate.close()
    assert (found["stored"], found["lost"], found["receipts_wrong"]) == (1, 1, 0)


def test_what_needs_a_hand_on_the_server_is_not_offered_from_outside(tmp_path: Path) -> None:
    assert set(FROM_OUTSIDE) < set(FAULTS)
    assert chosen("all", FROM_OUTSIDE) == FROM_OUTSIDE
    with pytest.raises(ValueError, match="unknown fault 'kill'"):
        chosen("kill", FROM_OUTSIDE)
    with pytest.raises(ValueError, match="without TLS"):
        Elsewhere.of("https://exam.example.cn")
    other = tmp_path / "other.json"
    other.write_text("{}")
    with pytest.raises(ValueError, match="no bundle"):
        read_bundle(other)


def test_a_wrong_clock_shows_in_what_is_typed() -> None:
    candidate = Candidate("http://127.0.0.1:1", "t", "i")
    right = candidate.server_ms()
    candidate.skew_ms = -30_000
    assert candidate.server_ms() < right - 29_000
    candidate.close()
