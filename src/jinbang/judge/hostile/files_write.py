"""Writes where others would find it, and over the canary."""
import os, targets
def write(path):
    with open(path, "a") as handle:
        handle.write("defaced")
targets.got("canary", lambda: write(targets.CANARY))
for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/run", "/var", "/srv", "/toolchain", "/toolchain/lib", "/bin", "/.jinbang-code"):
    targets.got(folder, lambda: write(os.path.join(folder, "jinbang-defaced")))
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/etc/passwd", "/etc/hosts"):
    targets.got(path, lambda: write(path))
