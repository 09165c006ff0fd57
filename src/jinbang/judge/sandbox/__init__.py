"""Runs programs that are hostile until proven otherwise."""

from .box import Box
from .companions import CompanionError
from .layout import Toolchain, ToolchainLike
from .probe import Check, ProbeReport, probe, require
from .rooms import SandboxError
from .spec import Companion, Kill, Limits, Mount, ReadyCheck, RunResult, RunSpec

__all__ = [
    "Box",
    "Check",
    "Companion",
    "CompanionError",
    "Kill",
    "Limits",
    "Mount",
    "ProbeReport",
    "ReadyCheck",
    "RunResult",
    "RunSpec",
    "SandboxError",
    "Toolchain",
    "ToolchainLike",
    "probe",
    "require",
]
