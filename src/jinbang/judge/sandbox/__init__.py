"""Runs programs that are hostile until proven otherwise."""

from .box import Box
from .companions import CompanionError
from .layout import Toolchain, ToolchainLike
from .rooms import SandboxError
from .spec import Companion, Kill, Limits, Mount, ReadyCheck, RunResult, RunSpec

__all__ = [
    "Box",
    "Companion",
    "CompanionError",
    "Kill",
    "Limits",
    "Mount",
    "ReadyCheck",
    "RunResult",
    "RunSpec",
    "SandboxError",
    "Toolchain",
    "ToolchainLike",
]
