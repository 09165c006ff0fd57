"""One file that grows for ever, and a sparse one that claims to be huge."""
import os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = 0
try:
    with open("/work/big", "wb", 0) as handle:
        while True:
            size += handle.write(bytes(1 << 20))
except OSError:
    pass
try:
    with open("/work/sparse", "wb", 0) as handle:
        handle.seek(1 << 40)
        handle.write(b"x")
        print("GOT a sparse file")
except OSError:
    pass
print("BYTES", size)
