"""One web process: uvicorn on a socket that the supervisor has bound (``python -m jinbang.cli.web FD``)."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn


def main(descriptor: int) -> int:
    """Serve ``jinbang.config.asgi`` on the listening socket ``descriptor`` until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    from jinbang.cli.main import setup_django

    setup_django()
    config = uvicorn.Config(
        "jinbang.config.asgi:application",
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[socket.socket(fileno=descriptor)])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
