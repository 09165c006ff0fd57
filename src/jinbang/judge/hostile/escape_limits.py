"""Raises its own limits and lowers others' share."""
import os, resource, targets
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        which = getattr(resource, name)
        soft, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            targets.got(name, lambda: resource.setrlimit(which, (hard + 1, hard + 1)))
targets.got("new limits for 1", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)))
