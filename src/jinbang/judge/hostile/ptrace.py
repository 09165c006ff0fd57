"""Traces and reads the memory of its process 1 and of itself."""
import os, targets
calls = targets.CALLS
targets.call("ptrace attach", calls["ptrace"], 16, 1, 0, 0)
targets.call("ptrace seize", calls["ptrace"], 0x4206, 1, 0, 0)
targets.call("ptrace traceme", calls["ptrace"], 0, 0, 0, 0)
targets.call("process_vm_readv", calls["process_vm_readv"], 1, 0, 0, 0, 0, 0)
targets.call("process_vm_writev", calls["process_vm_writev"], 1, 0, 0, 0, 0, 0)
targets.call("pidfd_getfd", calls["pidfd_getfd"], 3, 0, 0)
targets.got("mem of 1", lambda: open("/proc/1/mem", "r+b"))
targets.got("maps of 1", lambda: open("/proc/1/maps").read())
targets.got("fds of 1", lambda: os.listdir("/proc/1/fd"))
targets.got("root of 1", lambda: os.listdir("/proc/1/root"))
