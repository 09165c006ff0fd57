"""Makes and enters namespaces, mounts, changes root: each in a child, for the attempt may be its end."""
import targets
calls = targets.CALLS
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000):
    targets.call("unshare %x" % flag, calls["unshare"], flag)
    targets.call("clone %x" % flag, calls["clone"], flag | 17, 0, 0, 0, 0)
for kind in ("user", "mnt", "net", "pid"):
    targets.in_child("setns " + kind, lambda: targets.syscall(calls["setns"], open("/proc/1/ns/" + kind).fileno(), 0))
targets.call("mount", calls["mount"], b"tmpfs", b"/usr", b"tmpfs", 0, 0)
targets.call("umount", calls["umount2"], b"/work", 2)
targets.call("remount", calls["mount"], b"none", b"/usr", 0, 32 | 4096, 0)
targets.call("pivot_root", calls["pivot_root"], b"/work", b"/work")
targets.call("chroot", calls["chroot"], b"/work")
targets.call("fsopen", calls["fsopen"], b"tmpfs", 0)
targets.call("open_tree", calls["open_tree"], -100, b"/", 1)
