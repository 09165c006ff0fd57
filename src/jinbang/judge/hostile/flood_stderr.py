"""Writes for ever, to the other stream, from two processes."""
import os
os.fork()
while True:
    os.write(2, b"x" * 65536)
