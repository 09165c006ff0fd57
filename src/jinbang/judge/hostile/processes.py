"""Finds, signals and slows other processes: the host's, the judge's, the sandbox's own."""
import os, resource, signal, targets
pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
if len(pids) > 2:
    print("GOT sight of", pids)
for number in (signal.SIGTERM, signal.SIGKILL):
    targets.got("victim", lambda: os.kill(targets.VICTIM, number))
    for pid in range(2, 4000):
        if pid != os.getpid():
            targets.quietly(lambda: os.kill(pid, number))
    for pid in (1, os.getppid() or 1, -1):  # the parent of a warm run is out of sight: 0, which would mean ourselves
        targets.quietly(lambda: os.kill(pid, number))
targets.got("limit of 1", lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)))
targets.got("victim's limit", lambda: resource.prlimit(targets.VICTIM, resource.RLIMIT_CPU, (0, 0)))
targets.got("niceness of the victim", lambda: os.setpriority(os.PRIO_PROCESS, targets.VICTIM, 19))
raise SystemExit(23)
