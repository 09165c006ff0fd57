"""Leaves a process behind that goes on after the end, in its own session, with all files closed."""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(256):
            try:
                os.close(fd)
            except OSError:
                pass
        while True:
            with open("/work/late", "a") as handle:
                handle.write("x")
            time.sleep(0.01)
    os._exit(0)
time.sleep(0.1)
print("parent done")
sys.stdout.flush()
os._exit(5)
