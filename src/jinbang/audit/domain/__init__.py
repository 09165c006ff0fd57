"""The one door through which states change, and the log that remembers it."""

from jinbang.audit.domain.chain import BrokenRow, record, verify_chain
from jinbang.audit.domain.moves import move

__all__ = ["BrokenRow", "move", "record", "verify_chain"]
