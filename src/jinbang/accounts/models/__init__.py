"""People, organisations, roles, inbox."""

from jinbang.accounts.models.grants import Role, RoleGrant
from jinbang.accounts.models.inbox import InboxMessage
from jinbang.accounts.models.organisation import Organisation, Region
from jinbang.accounts.models.person import ImpersonationSession, Person, SignInFailure, TotpDevice

__all__ = [
    "ImpersonationSession",
    "InboxMessage",
    "Organisation",
    "Person",
    "Region",
    "Role",
    "RoleGrant",
    "SignInFailure",
    "TotpDevice",
]
