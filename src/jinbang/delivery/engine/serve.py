"""A server of the exam path alone: ``python -m jinbang.delivery.engine.serve --port 8100``.

What a room server, the bench and the drill start. ``--app`` names another ASGI app in ``module:name`` form.
"""

from __future__ import annotations

import argparse
import importlib
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

DEFAULT_APP = "jinbang.delivery.engine.app:application"


def load(name: str) -> Any:
    """The object that ``module:name`` means, with Django set up first."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")
    django.setup()
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM. ``--fd`` takes over a listening socket, so that several processes can share a port."""
    parser = argparse.ArgumentParser(prog="jinbang.delivery.engine.serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--fd", type=int)
    parser.add_argument("--app", default=DEFAULT_APP)
    given = parser.parse_args(argv)
    config = uvicorn.Config(
        load(given.app), host=given.host, port=given.port, loop="uvloop", http="httptools",
        lifespan="on", access_log=False, log_level="warning", server_header=False, date_header=False,
        backlog=4096, timeout_keep_alive=75, ws="none", proxy_headers=False,
    )  # fmt: skip
    # Uvicorn's own ``fd`` takes every descriptor for a Unix socket, and so leaves Nagle's algorithm on: 40 ms a reply.
    inherited = [] if given.fd is None else [socket.socket(fileno=given.fd)]
    uvicorn.Server(config).run(sockets=inherited or None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
