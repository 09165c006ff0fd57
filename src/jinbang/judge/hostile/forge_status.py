"""Writes a good status into every pipe and socket it can find, kills its parent, and fails."""
import os, signal, struct, targets
for pid in ("self", "1", str(os.getppid())):
    for fd in range(0, 64):
        path = "/proc/%s/fd/%d" % (pid, fd)
        if pid != "self" or fd > 2:
            targets.got(path, lambda: os.write(os.open(path, os.O_WRONLY), struct.pack("iq", 0, 0)))
for number in range(1, 65):
    targets.quietly(lambda: os.kill(1, number))
os._exit(9)
