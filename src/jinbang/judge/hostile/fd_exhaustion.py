"""Opens all the files there are, and fills the kernel's buffers behind them."""
import os, resource, socket
kept = []
try:
    while True:
        kept.append(socket.socketpair())
        kept[-1][0].setblocking(False)
        try:
            while True:
                kept[-1][0].send(bytes(65536))
        except BlockingIOError:
            pass
except OSError:
    pass
print("OPEN", 2 * len(kept))
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (100000, 100000))
    print("GOT a higher limit")
except (OSError, ValueError):
    pass
