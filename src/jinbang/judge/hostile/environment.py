"""Looks for secrets in the environment: his own, every process's, and the C library's."""
import ctypes, os, targets
print(dict(os.environ))
for name in os.listdir("/proc"):
    if name.isdigit():
        targets.show(lambda: open("/proc/%s/environ" % name).read())
        targets.show(lambda: open("/proc/%s/cmdline" % name).read())
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
for index in range(100):
    if not environ or not environ[index]:
        break
    print(environ[index])
