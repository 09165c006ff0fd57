"""Asks the kernel for what only administrators may: modules, keys, programs in the kernel, clocks, raw ports."""
import ctypes, os, targets
calls = targets.CALLS
buffer = ctypes.create_string_buffer(4096)
for name in ("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "kexec_load", "init_module", "finit_module",
             "delete_module", "reboot", "swapon", "acct", "settimeofday", "open_by_handle_at", "name_to_handle_at",
             "memfd_secret", "syslog", "personality"):
    targets.call(name, calls[name], 0, buffer, 0, 0, 0)
targets.got("mknod", lambda: os.mknod("/work/sda", 0o660 | 0o060000, os.makedev(8, 0)))
targets.got("mknod char", lambda: os.mknod("/work/mem", 0o660 | 0o020000, os.makedev(1, 1)))
targets.got("uid 0", lambda: os.setuid(0))
targets.got("gid 0", lambda: os.setgid(0))
targets.got("groups", lambda: os.setgroups([0]))
targets.got("chown", lambda: os.chown("/work", 0, 0))
targets.got("nice", lambda: os.nice(-5) + 100)
targets.got("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
targets.got("hostname", lambda: __import__("socket").sethostname("mine"))
targets.got("setuid program", lambda: targets.become_root())
targets.got("oom score", lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"))
