"""`jinbang judge worker`"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
from collections.abc import Mapping
from typing import Any

from jinbang.judge import toolchains
from jinbang.judge.cache import VerdictCache
from jinbang.judge.package import TaskPackage
from jinbang.judge.protocol import Scope, ToolchainReport
from jinbang.judge.runner import judge
from jinbang.judge.sandbox import probe
from jinbang.judge.toolchains import Toolchain, data_dir
from jinbang.judge.verdict import JUDGE_VERSION, Judgement
from jinbang.judge.worker.loop import Settings, Tools, Worker


def main(argv: list[str]) -> int:
    """Judge what the server has until stopped. Status: 0 stopped, 2 thrown out, 3 no good any more."""
    options = _options(argv)
    if not options.token:
        print("no token: give --token, or set JINBANG_JUDGE_TOKEN")
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = Settings(
        url=options.server,
        token=options.token,
        name=options.name,
        slots=options.slots,
        blobs=data_dir() / "judge" / "blobs",
        grace_s=options.grace,
        idle_exit=options.until_idle,
    )
    worker = Worker(settings, _tools())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    return worker.run()


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jinbang judge worker", description=main.__doc__)
    parser.add_argument("--server", required=True, metavar="URL", help="the site's address, without /judge/v1")
    parser.add_argument("--token", default=os.environ.get("JINBANG_JUDGE_TOKEN", ""), help="or JINBANG_JUDGE_TOKEN")
    parser.add_argument("--name", default=f"{socket.gethostname()}-{os.getpid()}", help="shown to staff")
    parser.add_argument("--slots", type=int, default=os.cpu_count() or 1, help="jobs at a time")
    parser.add_argument("--grace", type=float, default=30.0, metavar="S", help="after SIGTERM, for running jobs")
    parser.add_argument("--until-idle", action="store_true", help="end when the server has no job left")
    return parser.parse_args(argv)


def _tools() -> Tools:
    cache = VerdictCache(data_dir() / "judge" / "verdicts")

    def run(task: TaskPackage, submission: Mapping[str, bytes], toolchain: Toolchain, scope: Scope) -> Judgement:
        return judge(task, submission, toolchain=toolchain, cache=cache, scope=scope.value)

    return Tools(judge=run, probe=_probe, profiles=_profiles, version=JUDGE_VERSION, toolchains=_reports)


def _probe() -> dict[str, Any]:
    report = probe()
    return report.as_dict() | {"reason": "; ".join(f"{check.name}: {check.reason}" for check in report.failures)}


def _reports() -> dict[str, ToolchainReport]:
    return {
        name: ToolchainReport(built.digest, built.title, built.version, list(built.installed))
        for name, built in toolchains.prepared().items()
    }


def _profiles() -> dict[str, str]:
    return {name: built.digest for name, built in toolchains.prepared().items()}
