"""A forbidden call in the program itself: the verdict must say so."""
import targets
targets.syscall(targets.CALLS["unshare"], 0x10000000)
print("GOT a user namespace")
