"""Program: carries connections from 127.0.0.1:PORT of a box's network to a unix socket; started by mongodb.py.

    python mongo_relay.py PORT SOCKET

Standard library only, and nothing of jinbang. Boxes wait for it to start, hence threads: asyncio takes five times as
long to import.
"""

import os
import socket
import sys
import threading
from contextlib import suppress


def main(port: int, path: str) -> None:
    """Serve until killed."""
    threading.stack_size(256 << 10)  # the companion's memory limit counts whole stacks
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        print("ready", flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads it from now on: a full pipe would stop us
        while True:
            near, _ = listener.accept()
            threading.Thread(target=carry, args=(near, path), daemon=True).start()


def carry(near: socket.socket, path: str) -> None:
    """One connection, both ways."""
    with near, socket.socket(socket.AF_UNIX) as far:
        far.connect(path)
        back = threading.Thread(target=pour, args=(far, near), daemon=True)
        back.start()
        pour(near, far)
        back.join()


def pour(source: socket.socket, sink: socket.socket) -> None:
    """One way, until the source ends."""
    with suppress(OSError):  # either side may hang up at any time
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
