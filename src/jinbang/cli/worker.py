"""``jinbang worker``: background work. Queued tasks as they come, sweeps as they fall due, until told to stop."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import signal
import threading
import time
from collections.abc import Sequence

log = logging.getLogger("jinbang.worker")
_POLL_S = 1.0
_BACK_OFF_S = 30.0


def main(argv: Sequence[str]) -> int:
    """Work until SIGTERM or SIGINT; what is being done then is finished first."""
    parser = argparse.ArgumentParser(prog="jinbang worker", description="Run background work until stopped.")
    parser.add_argument("--once", action="store_true", help="run every sweep and every waiting task once, then end")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    load_tasks()
    worker = BackgroundWorker()
    if options.once:
        worker.run_once()
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    return 0


def load_tasks() -> None:
    """Import every app's ``tasks`` module, so that its sweeps are declared."""
    from django.conf import settings

    for app in settings.JINBANG_APPS:
        if importlib.util.find_spec(f"{app}.tasks") is not None:
            importlib.import_module(f"{app}.tasks")


class BackgroundWorker:
    """One thread that alternates between queued tasks and due sweeps.

    A look at the queue is one read; the write lock that claiming takes is only asked for when a task waits, so
    that an idle worker never disturbs an exam on an embedded database.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._due: dict[str, float] = {}
        self._queue: object | None = None

    def stop(self) -> None:
        """End after the present task or sweep."""
        self._stopping.set()
        if self._queue is not None:
            self._queue.running = False  # type: ignore[attr-defined]

    def run(self) -> None:
        """Work until :meth:`stop`."""
        log.info("background worker runs")
        while not self._stopping.is_set():
            self.run_due()
            self.run_queue()
            self._stopping.wait(_POLL_S)
        log.info("background worker ends")

    def run_once(self) -> None:
        """Every sweep once, then every task that waits."""
        self._due.clear()
        self.run_due()
        self.run_queue()

    def run_due(self) -> None:
        """Run the sweeps that are due. One that fails is logged and tried again after half a minute."""
        from django.db import close_old_connections

        from jinbang.audit.sweeps import sweeps
        from jinbang.config import clock

        for item in sweeps():
            if self._stopping.is_set() or time.monotonic() < self._due.get(item.name, 0.0):
                continue
            close_old_connections()
            wait = item.every_s
            try:
                if count := item.run(clock.now()):
                    log.info("%s: %d", item.name, count)
            except Exception:  # a sweep that fails must not stop the others; it is logged with its traceback
                log.exception("sweep %s failed", item.name)
                wait = max(wait, _BACK_OFF_S)
            self._due[item.name] = time.monotonic() + wait

    def run_queue(self) -> None:
        """Run the queued tasks that are ready, one after another."""
        from django.conf import settings

        if settings.TASKS["default"]["BACKEND"] != "django_tasks_db.DatabaseBackend":
            return
        from django_tasks_db.management.commands.db_worker import Worker
        from django_tasks_db.models import DBTaskResult

        if not DBTaskResult.objects.ready().exists():
            return
        queue = Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="jinbang",
            excluded_queue_names=[],
        )
        self._queue = queue
        if not self._stopping.is_set():
            queue.run()
        self._queue = None
