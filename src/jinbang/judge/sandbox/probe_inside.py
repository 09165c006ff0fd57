"""Runs inside a sandbox and looks around; prints {check: [holds, what was seen]}. Python ≥ 3.7, stdlib only."""

from __future__ import annotations

import errno
import json
import os
import socket


def main() -> None:
    """Prints the findings as one JSON object."""
    status = dict(line.split(":\t", 1) for line in read("/proc/self/status").decode().splitlines() if ":\t" in line)
    capabilities = [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
    pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    found = {
        "capabilities": (not any(int(each, 16) for each in capabilities), " ".join(capabilities)),
        "no_new_privileges": (status["NoNewPrivs"] == "1", status["NoNewPrivs"]),
        "seccomp": (status["Seccomp"] == "2", "mode " + status["Seccomp"]),
        "pid_namespace": (len(pids) == 2 and pids[0] == 1, "processes seen: %s" % pids),  # noqa: UP031
        "empty_environment": environment(),
        "network": network(),
        "loopback": loopback(),
        "read_only_root": read_only(),
        "sized_folders": sized(),
        "host_files": (not os.path.exists("/home") and not os.path.exists("/etc/shadow"), "no /home, no /etc/shadow"),
    }
    print(json.dumps(found))


def read(path: str) -> bytes:
    with open(path, "rb") as handle:
        return handle.read()


def environment() -> tuple[bool, str]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if b"JINBANG_PROBE" in read("/proc/%s/environ" % name):  # noqa: UP031
                    return False, "the judge's environment shows in /proc/" + name
            except OSError:
                pass
    return "JINBANG_PROBE" not in os.environ, "%d variables, all ours" % len(os.environ)  # noqa: UP031


def network() -> tuple[bool, str]:
    try:
        socket.create_connection(("192.0.2.1", 80), 1).close()
    except OSError as error:
        return error.errno == errno.ENETUNREACH, str(error)
    return False, "a connection was made"


def loopback() -> tuple[bool, str]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), 1):
            return True, "lo is up"


def read_only() -> tuple[bool, str]:
    open_places = []
    for folder in ("/", "/usr", "/etc", "/dev", "/run", "/var", "/proc/sys/kernel"):
        try:
            open(os.path.join(folder, "jinbang-probe"), "w").close()
            open_places.append(folder)
        except OSError:
            pass
    return not open_places, "can write to: %s" % (open_places or "none")


def sized() -> tuple[bool, str]:
    """The probe's box gives 4 MB to each of the three."""
    large = {}
    for folder in ("/work", "/tmp", "/dev/shm"):
        written = 0
        try:
            with open(os.path.join(folder, "fill"), "wb", 0) as handle:
                while written < 8 << 20:
                    written += handle.write(bytes(1 << 16))
        except OSError:
            pass
        os.unlink(os.path.join(folder, "fill"))
        if written > 4 << 20:
            large[folder] = written
    return not large, "over their size: %s" % (large or "none")


main()
