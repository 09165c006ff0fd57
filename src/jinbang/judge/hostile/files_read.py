"""Reads what is not his: the canary by every path, secrets of the system, other users' homes."""
import os, targets
for start in ("", "/proc/1/root", "/proc/self/root", "/proc/self/cwd/../../..", "/dev/fd/3", "/proc/%d/root" % os.getppid()):
    targets.show(lambda: open(start + targets.CANARY).read())
for path in ("/etc/shadow", "/etc/sudoers", "/root/.ssh/id_rsa", "/root/.bashrc", "/proc/kcore", "/dev/mem", "/.jinbang-code"):
    targets.got(path, lambda: os.listdir(path)[0] if os.path.isdir(path) else open(path, "rb").read(1))
for folder in ("/", "/root", "/home", "/work/..", "/var", "/srv", "/mnt", "/tmp"):
    for top, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in ("usr", "proc", "toolchain", ".pyenv", "lib", "bin", "sbin")]
        for name in names:
            if name.startswith("jinbang-canary"):
                targets.show(lambda: open(os.path.join(top, name)).read())
