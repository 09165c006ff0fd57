"""Memory that shows in no process's size: memory files, shared segments, shared pages that a dead child has filled."""
import mmap, os, targets
calls = targets.CALLS
def memory_files():
    for _ in range(40):
        fd = os.memfd_create("x") if hasattr(os, "memfd_create") else targets.syscall(calls["memfd_create"], b"x", 0)
        for _ in range(7):
            os.write(fd, bytes(1 << 20))
def shared_pages():
    for _ in range(15):
        page = mmap.mmap(-1, 16 << 20)
        kept.append(page)
        if os.fork() == 0:
            page.write(b"x" * (16 << 20))
            os._exit(0)
        os.wait()
kept = []
targets.call("shmget", calls["shmget"], 0, 300 << 20, 0o1600)
targets.got("memfd", memory_files)
targets.got("shared pages", shared_pages)
