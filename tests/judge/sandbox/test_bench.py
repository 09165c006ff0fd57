"""The benchmark reports every figure; whether they are good is for a quiet machine to say."""

from __future__ import annotations

import pytest

from jinbang.judge import bench
from jinbang.judge.services import Kind, availability
from jinbang.judge.toolchains import Toolchain

pytestmark = pytest.mark.sandbox
_SERVICES: tuple[Kind, ...] = ("mariadb", "redis", "mongodb")


def test_all_figures_are_there(modern: Toolchain):
    assert modern.profile == bench.SCIENTIFIC
    report = bench.run(rounds=1, queue=4)
    assert set(bench.TARGETS) <= report.keys()
    assert {"cold_ratio_vs_bare", "bare_ms", "room_ms", "queue_of_4_s", "memory", "isolate", "slots"} <= report.keys()
    assert all(report["services_ready_ms"][kind] for kind in _SERVICES if availability(kind).ok)
    assert report["ok"] is (report["missed"] == [])
    assert report["memory"]["warm_scientific"]["slot_mb"] > 0
