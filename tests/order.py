"""How pytest-xdist shares the suite out: a module to a process, the long ones first, so that none is late."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Longest first, by what they take on their own; the rest follows in the order of the tree.
LONG = (
    "tests/judge/sandbox/test_selftest.py",
    "tests/delivery/test_engine.py",
    "tests/judge/worker/test_real_site.py",
    "tests/judge/test_runner.py",
    "tests/delivery/test_durability.py",
    "tests/judge/worker/test_worker.py",
    "tests/judge/tasks/test_shipped_tasks.py",
    "tests/judge/sandbox",
    "tests/judge/services",
    "tests/exams/test_concurrency.py",
    "tests/audit/test_concurrency.py",
    "tests/cli",
    "tests/judge",
    "tests/web",
)
# Modules that share a costly fixture of the session go to one process; parameters of these tests are spread.
TOGETHER = {
    "tests/delivery/test_uploads.py": "tests/delivery/test_engine.py",
    "tests/delivery/test_workspace.py": "tests/delivery/test_engine.py",
}
SPREAD = "tests/judge/tasks/test_shipped_tasks.py"


def long_first(items: list[pytest.Item]) -> None:
    """Sort by LONG; what is equal keeps its order."""
    items.sort(key=lambda item: _rank(scope(item.nodeid)))


def _rank(nodeid: str) -> int:
    return next((n for n, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))


def scope(nodeid: str) -> str:
    """Tests with the same answer run in one process."""
    module = nodeid.partition("::")[0]
    return nodeid if module == SPREAD else TOGETHER.get(module, module)


class LongFirst(LoadScopeScheduling):
    """xdist's own, in our order and with our scopes."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
