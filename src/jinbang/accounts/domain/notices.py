"""Telling people: notices of the outbox become inbox messages, and messages become e-mail.

Both steps are derived from the tables and may be repeated: the unique (person, notice) pair stops a second
message. An e-mail that was sent in the instant of a crash may be sent again; its Message-ID is the same, so
that mail programs show it once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from jinbang.accounts.models import InboxMessage, Organisation, Person, Role, RoleGrant
from jinbang.accounts.permissions import grants_in_force
from jinbang.audit.domain.outbox import mark_dispatched, note_failure
from jinbang.audit.labels import action_label
from jinbang.audit.models import OutboxNotice

log = logging.getLogger(__name__)
MAX_TRIES = 8
EMAIL_WITHIN = timedelta(days=3)
_BATCH = 500
_DEPTH = 4


def recipients(audience: Sequence[Mapping[str, Any]], now: datetime) -> set[int]:
    """Primary keys of the active people whom ``audience`` means at ``now``.

    ``{"person": pk}`` is that person; ``{"role": r, "organisation": pk}`` are those whose grant of the role
    reaches the organisation; without an organisation, all who hold the role. Raises ``ValueError`` otherwise.
    """
    found: set[int] = set()
    for entry in audience:
        if "person" in entry:
            found |= set(Person.objects.filter(pk=entry["person"], is_active=True).values_list("pk", flat=True))
        elif entry.get("role") in Role.values:
            found |= _holders(str(entry["role"]), entry.get("organisation"), now)
        else:
            raise ValueError(f"not an audience: {dict(entry)!r}")
    return found


def _holders(role: str, organisation: int | None, now: datetime) -> set[int]:
    held = RoleGrant.objects.filter(grants_in_force(now), role=role)
    if organisation is not None:
        reaching = Q(organisation__in=_upwards(organisation)) | Q(organisation__kind=Organisation.Kind.AWARDING)
        held = held.filter(reaching)
    return set(held.values_list("person_id", flat=True))


def _upwards(organisation: int) -> list[int]:
    """The organisation and those above it."""
    chain: list[int] = []
    here: int | None = organisation
    while here is not None and len(chain) < _DEPTH:
        chain.append(here)
        here = Organisation.objects.filter(pk=here).values_list("parent_id", flat=True).first()
    return chain


def dispatch_notice(*, pk: int, now: datetime) -> int:
    """Put the notice into the inboxes of its audience; how many people it reached now.

    Effects: ``InboxMessage`` rows, ``dispatched_at``. A notice that cannot be resolved counts a try and keeps the
    error; after eight it is left for a person (``jinbang doctor`` names it). Repeating it tells nobody twice.
    """
    with transaction.atomic():
        notice = OutboxNotice.objects.select_for_update().filter(pk=pk, dispatched_at__isnull=True).first()
        if notice is None:
            return 0
        try:
            people = recipients(notice.audience, now)
        except ValueError as fault:
            note_failure(pk=pk, error=str(fault))
            return 0
        rows = [InboxMessage(person_id=person, notice=notice, created_at=now) for person in sorted(people)]
        InboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
        mark_dispatched(pk=pk, now=now)
    return len(rows)


def dispatch_outbox(now: datetime) -> int:
    """Dispatch every notice that waits, oldest first; how many messages were made."""
    waiting = OutboxNotice.objects.filter(dispatched_at__isnull=True, tries__lt=MAX_TRIES).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[:_BATCH])
    return sum(dispatch_notice(pk=pk, now=now) for pk in keys)


def send_emails(now: datetime, send: Callable[[EmailMessage], object] = EmailMessage.send) -> int:
    """E-mail the messages of the last three days that have not been; how many went out.

    Effects: ``emailed_at`` of each. A failure counts a try on the notice; after eight the inbox must do.
    """
    waiting = InboxMessage.objects.filter(
        emailed_at__isnull=True, created_at__gt=now - EMAIL_WITHIN, notice__tries__lt=MAX_TRIES, read_at__isnull=True
    ).exclude(person__email="")
    sent = 0
    for message in waiting.select_related("person", "notice").order_by("pk")[:_BATCH]:
        try:
            send(email_of(message))
        except OSError as fault:
            log.warning("e-mail for message %s failed: %s", message.pk, fault)
            note_failure(pk=message.notice_id, error=str(fault))
            continue
        sent += InboxMessage.objects.filter(pk=message.pk, emailed_at__isnull=True).update(emailed_at=now)
    return sent


def email_of(message: InboxMessage) -> EmailMessage:
    """The e-mail for an inbox message, in the reader's language, with an address to open it."""
    notice, person = message.notice, message.person
    with translation.override(person.language):
        subject = f"{action_label(notice.kind)}：{notice.object_label}"[:180]
        lines = [_("{name}，您好：").format(name=person.name), "", subject]
        if notice.reason:
            lines += [_("说明：{reason}").format(reason=notice.reason)]
        lines += ["", _("查看：{url}").format(url=f"{settings.PUBLIC_URL}/account/inbox/{message.pk}/")]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    headers = {"Message-ID": f"<notice-{notice.pk}-{person.pk}@{domain}>"}
    return EmailMessage(subject, "\n".join(lines), to=[person.email], headers=headers)
