"""A second person signs on the spot: at somebody else's screen, for one action, with their own password.

No session comes of it. The person who works at the screen stays signed in; the action is the second person's.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.domain import totp
from jinbang.accounts.domain.signing_in import (
    actor_of,
    authenticate,
    has_second_factor,
    needs_second_factor,
    note_failure,
    refuse_if_throttled,
)
from jinbang.accounts.models import Person
from jinbang.accounts.permissions import Access
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal


def vouch(
    *, username: str, password: str, code: str, address: str, host: Actor, now: datetime, purpose: str
) -> tuple[Access, Actor]:
    """The person who signed at ``host``'s screen, as access and actor for one action called ``purpose``.

    Effects: audit row ``person.signed_on_the_spot``; a failure counts as a failed sign-in of that account. Refusals,
    each with its field: ``throttled``, ``wrong_credentials``, ``code_needed``, ``wrong_code``, ``second_factor_setup``.
    """
    try:
        person = authenticate(username=username, password=password, address=address, now=now)
    except Refusal as refusal:
        raise Refusal(refusal.code, str(refusal), field="by_password") from None
    access, actor = Access(person, now), actor_of(person)
    if has_second_factor(person):
        _check_code(person, code, address, actor, now)
    elif needs_second_factor(person, access):
        message = _("该账号还没有设置动态口令，请先登录自己的账号完成设置")
        raise Refusal("second_factor_setup", message, field="by_username")
    data = {"at": host.label, "address": address, "for": purpose}
    with transaction.atomic():
        record("person.signed_on_the_spot", person, actor=actor, now=now, data=data)
    return access, actor


def _check_code(person: Person, code: str, address: str, actor: Actor, now: datetime) -> None:
    if not code.strip():
        raise Refusal("code_needed", _("请再输入您手机上的动态口令"), field="by_code")
    refuse_if_throttled(username=person.username, address=address, now=now)
    if not totp.check_code(person=person, code=code, actor=actor, now=now):
        note_failure(username=person.username, address=address, now=now)
        raise Refusal("wrong_code", _("动态口令不对或已经用过，请等下一个口令再试。"), field="by_code")
