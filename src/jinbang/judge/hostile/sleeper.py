"""Sleeps past the end; a child of another session holds the output open."""
import os, time
if os.fork() == 0:
    os.setsid()
while True:
    time.sleep(1)
