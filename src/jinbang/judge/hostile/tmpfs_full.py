"""Fills every folder that can be written, with bytes and with files."""
import os
total = count = 0
for folder in ("/work", "/tmp", "/dev/shm", "/run", "/var", "/dev", "/"):
    try:
        for number in range(10_000_000):
            with open("%s/big%d" % (folder, number), "wb", 0) as handle:
                for _ in range(16):
                    total += handle.write(bytes(1 << 20))
    except OSError:
        pass
    try:
        for number in range(10_000_000):
            open("%s/small%d" % (folder, number), "w").close()
            count += 1
    except OSError:
        pass
print("BYTES", total, "FILES", count)
