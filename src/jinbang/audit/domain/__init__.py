"""The one door through which states change, and the log that remembers it."""

from jinbang.audit.domain.chain import BrokenRow, Entry, record, record_all, verify_chain
from jinbang.audit.domain.moves import move, move_all

__all__ = ["BrokenRow", "Entry", "move", "move_all", "record", "record_all", "verify_chain"]
