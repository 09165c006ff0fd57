"""Signing in: the password, the brake on guessing, the second factor, sessions, acting in another's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import ImpersonationSession, Person, Role, SignInFailure, SignInSession, TotpDevice
from jinbang.accounts.permissions import Access
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal

WINDOW = timedelta(minutes=15)
PER_ACCOUNT, PER_ADDRESS = 8, 60
IMPERSONATION_LASTS = timedelta(hours=1)
_SESSION_KEY = "impersonation"
# Everyone but those who only sit or learn holds other people's data and must use a second factor.
WITHOUT_SECOND_FACTOR = frozenset({Role.STUDENT.value, Role.TEACHER.value})


def actor_of(person: Person, impersonation: ImpersonationSession | None = None) -> Actor:
    """The actor for what ``person`` does, naming who really does it while impersonated."""
    behind = f"{impersonation.actor.name} ({impersonation.actor.username})" if impersonation else ""
    return Actor(
        kind="person",
        key=str(person.pk),
        label=f"{person.name} ({person.username})",
        impersonator=behind,
        organisation_id=person.home_organisation_id,
    )


def authenticate(*, username: str, password: str, address: str, now: datetime) -> Person:
    """The active person with this user name and password.

    Effects: a ``SignInFailure`` if it fails; the password is re-hashed if its parameters are old. Raises
    ``Refusal``: ``throttled`` after too many failures in 15 minutes (8 an account, 60 an address),
    ``wrong_credentials`` otherwise, without saying which of the two was wrong.
    """
    refuse_if_throttled(username=username, address=address, now=now)
    person = Person.objects.filter(username__iexact=username.strip(), is_active=True).first()
    if person is None:
        make_password(password)  # an unknown name takes as long as a wrong password
        known = False
    else:
        known = person.check_password(password)
    if person is None or not known:
        note_failure(username=username, address=address, now=now)
        raise Refusal("wrong_credentials", _("用户名或密码不对。请检查大小写；忘记密码请联系本单位管理员重置。"))
    return person


def refuse_if_throttled(*, username: str, address: str, now: datetime) -> None:
    """Raise ``Refusal("throttled")`` while the account or the address has failed too often in 15 minutes."""
    recent = SignInFailure.objects.filter(at__gt=now - WINDOW)
    by_account = recent.filter(username=_account(username)).count()
    if by_account >= PER_ACCOUNT or recent.filter(address=address).count() >= PER_ADDRESS:
        raise Refusal(
            "throttled", _("尝试次数过多，请 {minutes} 分钟后再试。"), minutes=int(WINDOW.total_seconds() // 60)
        )


def note_failure(*, username: str, address: str, now: datetime) -> None:
    """Count a failed attempt. Effects: one ``SignInFailure``; those older than a day go."""
    SignInFailure.objects.create(username=_account(username), address=address, at=now)
    SignInFailure.objects.filter(at__lt=now - timedelta(days=1)).delete()


def _account(username: str) -> str:
    return username.strip().casefold()[:64]


def remember_sign_in(
    *, person: Person, session_key: str, address: str, agent: str, now: datetime, second_factor: bool
) -> SignInSession:
    """Note where ``person`` is signed in.

    Effects: ``SignInSession``; failures forgotten; audit row ``person.sign_in``.
    """
    with transaction.atomic():
        SignInFailure.objects.filter(username=_account(person.username)).delete()
        signed_in, _made = SignInSession.objects.update_or_create(
            session_key=session_key,
            defaults={
                "person": person,
                "address": address,
                "agent": agent[:200],
                "signed_in_at": now,
                "second_factor_at": now if second_factor else None,
            },
        )
        record("person.sign_in", person, actor=actor_of(person), now=now, data={"address": address})
    return signed_in


def forget_session(session_key: str | None) -> None:
    """A browser signed out. Effects: its ``SignInSession`` goes."""
    SignInSession.objects.filter(session_key=session_key or "").delete()


def rename_session(*, old: str, new: str) -> None:
    """The browser's session got a new key. Effects: its ``SignInSession`` follows."""
    SignInSession.objects.filter(session_key=old).update(session_key=new)


def forget_ended_sessions() -> int:
    """Drop expired sessions, and sign-ins whose session is gone; how many sign-ins went."""
    SessionStore.clear_expired()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    return SignInSession.objects.filter(~Exists(alive)).delete()[0]


def end_sessions(*, person: Person, actor: Actor, now: datetime, keep: str = "", only: int | None = None) -> int:
    """Sign ``person`` out everywhere but in session ``keep`` (or only in the sign-in ``only``); how many ended.

    Effects: the sessions are deleted; audit row ``person.sessions_ended`` if any was.
    """
    ending = SignInSession.objects.filter(person=person).exclude(session_key=keep or None)
    if only is not None:
        ending = ending.filter(pk=only)
    keys = list(ending.values_list("session_key", flat=True))
    if keys:
        with transaction.atomic():
            Session.objects.filter(session_key__in=keys).delete()
            SignInSession.objects.filter(session_key__in=keys).delete()
            record("person.sessions_ended", person, actor=actor, now=now, data={"count": len(keys)})
    return len(keys)


def has_second_factor(person: Person) -> bool:
    """Whether the person has a confirmed device."""
    return TotpDevice.objects.filter(person=person, confirmed_at__isnull=False).exists()


def needs_second_factor(person: Person, access: Access) -> str:
    """What a signed-in person without the second factor in this session owes: ``second_factor``,
    ``second_factor_setup`` or nothing (no staff role and no device, or the installation does not demand it)."""
    if has_second_factor(person):
        return "second_factor"
    if not settings.SECOND_FACTOR_REQUIRED or access.roles <= WITHOUT_SECOND_FACTOR:
        return ""
    return "second_factor_setup"


def begin_impersonation(*, actor_person: Person, target: Person, reason: str, now: datetime) -> ImpersonationSession:
    """Let ``actor_person`` act in ``target``'s name for at most an hour, with a written reason.

    Effects: ``ImpersonationSession``; audit row ``person.impersonation_begun``. Raises ``Refusal``:
    ``reason_required``, ``impersonation_self``, ``impersonation_admin`` (no one acts as a system administrator).
    """
    if not reason.strip():
        raise Refusal("reason_required", _("代操作必须写明理由"), field="reason")
    if actor_person.pk == target.pk:
        raise Refusal("impersonation_self", _("不能代自己操作"))
    if not target.is_active or Role.SYSTEM_ADMIN in Access(target, now).roles:
        raise Refusal("impersonation_admin", _("不能代系统管理员或已停用的账号操作"))
    with transaction.atomic():
        session = ImpersonationSession.objects.create(actor=actor_person, target=target, reason=reason, started_at=now)
        record("person.impersonation_begun", target, actor=actor_of(actor_person), now=now, reason=reason)
    return session


def end_impersonation(*, session: ImpersonationSession, now: datetime) -> None:
    """Stop acting in another's name. Effects: the end is noted; audit row ``person.impersonation_ended``; once only."""
    with transaction.atomic():
        if ImpersonationSession.objects.filter(pk=session.pk, ended_at__isnull=True).update(ended_at=now):
            record("person.impersonation_ended", session.target, actor=actor_of(session.actor), now=now)


def store_impersonation(http_session: Any, session: ImpersonationSession) -> None:
    """Remember in the browser's session that it impersonates."""
    http_session[_SESSION_KEY] = session.pk


def impersonation_of(http_session: Mapping[str, Any], person: Person) -> ImpersonationSession | None:
    """The impersonation that this browser's session carries for ``person``, ended or not; None if it has none."""
    pk = http_session.get(_SESSION_KEY)
    if pk is None:
        return None
    return ImpersonationSession.objects.select_related("actor", "target").filter(pk=pk, target=person).first()


def impersonation_over(session: ImpersonationSession, now: datetime) -> bool:
    """Whether the impersonation was ended or its hour is up."""
    return session.ended_at is not None or now >= session.started_at + IMPERSONATION_LASTS
