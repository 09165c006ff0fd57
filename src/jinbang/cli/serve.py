"""``jinbang serve``: a whole installation from one command and no other service.

The supervisor prepares the database, binds the address, and runs as children: web processes that share the
listening socket, the background worker, and a judge worker that speaks to us over HTTP like any other.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence

from jinbang.cli.supervisor import ChildSpec, Supervisor

log = logging.getLogger("jinbang.serve")
ROLES = ("all", "office", "room")
_BACKLOG = 2048


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT. Status 0 after a clean stop, 1 if the address cannot be had."""
    options = _options(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    from jinbang.cli.main import setup_django

    setup_django()
    _prepare(migrate=not options.no_migrate)
    try:
        listener = _bind(options.host, options.port)
    except OSError as fault:
        print(f"jinbang serve: {options.host}:{options.port}: {fault.strerror}", file=sys.stderr)
        return 1
    host, port = listener.getsockname()[:2]
    supervisor = Supervisor(_children(options, listener.fileno(), int(port)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    print(f"jinbang serves at http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/", flush=True)  # noqa: S104
    supervisor.run()
    listener.close()
    print("jinbang has stopped", flush=True)
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jinbang serve", description="Run the installation until stopped.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port; 0 takes a free one (default 8000)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (default 1)")
    parser.add_argument(
        "--role",
        choices=ROLES,
        default="all",
        help="all: web, background work and judge; office: without the judge; room: exam time and nothing else",
    )
    parser.add_argument("--no-migrate", action="store_true", help="only check that the tables are up to date")
    return parser.parse_args(argv)


def _prepare(*, migrate: bool) -> None:
    """Bring the tables up to date, or make sure that they are."""
    from django.conf import settings
    from django.core.management import call_command

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if migrate:
        call_command("migrate", interactive=False, verbosity=0)
    else:
        call_command("migrate", check_unapplied=True, verbosity=0)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def _children(options: argparse.Namespace, descriptor: int, port: int) -> list[ChildSpec]:
    python = sys.executable
    command = [python, "-m", "jinbang.cli.main"]
    web = [python, "-m", "jinbang.cli.web", str(descriptor)]
    children = [
        ChildSpec(
            f"web {number}" if options.workers > 1 else "web",
            web,
            descriptors=(descriptor,),
            environment={"JINBANG_ROLE": options.role},
        )
        for number in range(1, max(1, options.workers) + 1)
    ]
    if options.role in {"all", "office"}:
        children.append(ChildSpec("worker", [*command, "worker"]))
    if options.role == "all" and (judge := _judge(command, port)):
        children.append(judge)
    return children


def _judge(command: list[str], port: int) -> ChildSpec | None:
    """The judge worker of this machine, with a token of its own; None where there is nothing to judge with."""
    if importlib.util.find_spec("jinbang.grading.domain.workers") is None:
        return None
    from jinbang.audit.actor import SYSTEM
    from jinbang.config import clock
    from jinbang.grading.domain.workers import register_worker

    name = f"{socket.gethostname()}-local"[:80]
    _worker, token = register_worker(name=name, actor=SYSTEM, now=clock.now())
    server = f"http://127.0.0.1:{port}"
    arguments = [*command, "judge", "worker", "--server", server, "--name", name]
    return ChildSpec("judge", arguments, environment={"JINBANG_JUDGE_TOKEN": token})


def answers(url: str, timeout_s: float = 2.0) -> bool:
    """Whether an installation at ``url`` answers its health page."""
    try:
        with urllib.request.urlopen(f"{url}/health/", timeout=timeout_s) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
