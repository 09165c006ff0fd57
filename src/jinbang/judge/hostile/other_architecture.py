"""Makes a 32-bit and an x32 system call, which a filter for 64-bit numbers would read as something else."""
import ctypes, mmap, platform, targets
if platform.machine() == "x86_64":
    def run(code):
        page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
        page.write(code)
        return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    targets.in_child("int 0x80", lambda: run(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"))
    targets.call("x32 getpid", 0x40000000 + 39)
