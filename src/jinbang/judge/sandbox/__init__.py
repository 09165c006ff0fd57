"""Runs programs that are hostile until proven otherwise."""

from .box import Box
from .layout import Toolchain, ToolchainLike
from .spec import Companion, Kill, Limits, Mount, ReadyCheck, RunResult, RunSpec

__all__ = [
    "Box",
    "Companion",
    "Kill",
    "Limits",
    "Mount",
    "ReadyCheck",
    "RunResult",
    "RunSpec",
    "Toolchain",
    "ToolchainLike",
]
