"""What accounts does in the background."""

from __future__ import annotations

from datetime import datetime, timedelta

from jinbang.accounts.domain.notices import dispatch_outbox, send_emails
from jinbang.accounts.domain.signing_in import forget_ended_sessions
from jinbang.audit.sweeps import sweep


@sweep(every_s=2)
def dispatch(now: datetime) -> int:
    """Notices into inboxes."""
    return dispatch_outbox(now)


@sweep(every_s=10)
def email(now: datetime) -> int:
    """Inbox messages into e-mail."""
    return send_emails(now)


@sweep(every_s=timedelta(hours=1).total_seconds())
def sessions(now: datetime) -> int:
    """Sign-ins whose session has expired."""
    return forget_ended_sessions()
