"""The pull worker: takes jobs over HTTP(S), judges them in the sandbox, reports verdicts; docs/judge-protocol.md.

It has no database access, opens no port, and keeps nothing that matters: it may be killed at any instruction.
"""

from jinbang.judge.worker.command import main
from jinbang.judge.worker.loop import Settings, Tools, Worker

__all__ = ["Settings", "Tools", "Worker", "main"]
