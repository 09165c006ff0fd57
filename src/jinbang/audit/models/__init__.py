"""Tables of the audit log and of the outbox for notices."""

from jinbang.audit.models.log import AuditRow, ChainHead
from jinbang.audit.models.outbox import OutboxNotice

__all__ = ["AuditRow", "ChainHead", "OutboxNotice"]
