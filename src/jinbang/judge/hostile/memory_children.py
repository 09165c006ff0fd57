"""Many children of whom each stays under any limit for one process."""
import os, signal
for _ in range(12):
    if os.fork() == 0:
        kept = bytearray(b"x") * (20 << 20)
        signal.pause()
signal.pause()
