"""People, organisations, roles, inbox."""

from jinbang.accounts.models.grants import Role, RoleGrant
from jinbang.accounts.models.inbox import InboxMessage
from jinbang.accounts.models.organisation import Organisation, Region
from jinbang.accounts.models.person import ImpersonationSession, Person, SignInFailure, TotpDevice
from jinbang.accounts.models.session import Operation, Preference, SignInSession

__all__ = [
    "ImpersonationSession",
    "InboxMessage",
    "Operation",
    "Organisation",
    "Person",
    "Preference",
    "Region",
    "Role",
    "RoleGrant",
    "SignInFailure",
    "SignInSession",
    "TotpDevice",
]
