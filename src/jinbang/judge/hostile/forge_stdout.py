"""Prints what a judge might take for a verdict, in every shape it could think of, and fails."""
import json, os, struct, sys
frame = json.dumps({"code": 0, "signal": None, "killed": None, "outcome": "accepted", "points": "100", "blobs": [0, 0]}).encode()
for text in (b"ACCEPTED\n", b"\x00\x00\x00\x00", struct.pack("!I", len(frame)) + frame, frame, struct.pack("iq", 0, 0)):
    for fd in range(1, 64):
        try:
            os.write(fd, text)
        except OSError:
            pass
sys.exit(7)
