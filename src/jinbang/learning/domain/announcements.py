"""Announcements: published for a time, withdrawn, read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Organisation, Person, Role
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.learning.models import Announcement, AnnouncementReading


@transaction.atomic
def announce(
    *,
    title: str,
    body: str,
    roles: Sequence[str] = (),
    organisations: Collection[Organisation] = (),
    is_public: bool = False,
    published_at: datetime | None = None,
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Announcement:
    """Publish an announcement, at once or from ``published_at``, for holders of ``roles`` (none: any) in
    ``organisations`` or below them (none: anywhere); ``is_public`` shows it to strangers too.

    Effects: an ``Announcement``, an audit row. Refusals: ``announcement_empty``, ``role_unknown``,
    ``announcement_over`` (it would end before it is seen).
    """
    starts = max(published_at or now, now)
    if not title.strip() or not body.strip():
        raise Refusal("announcement_empty", _("请填写公告标题和内容"))
    if unknown := set(roles) - set(Role.values):
        raise Refusal("role_unknown", _("没有这样的角色：{roles}"), roles="、".join(sorted(unknown)))
    if expires_at is not None and expires_at <= starts:
        raise Refusal("announcement_over", _("失效时间须晚于发布时间"), field="expires_at")
    made = Announcement.objects.create(
        title=title.strip(),
        body=body.strip(),
        audience_roles=sorted(set(roles)),
        is_public=is_public,
        published_at=starts,
        expires_at=expires_at,
        by=actor.label,
    )
    made.organisations.set(organisations)
    audience = {"roles": made.audience_roles, "organisations": sorted(place.pk for place in organisations)}
    record("announcement.publish", made, actor=actor, now=now, data={**audience, "public": is_public})
    return made


@transaction.atomic
def withdraw_announcement(*, announcement: Announcement, reason: str, actor: Actor, now: datetime) -> Announcement:
    """Take an announcement back: from now on only those who publish see it.

    Effects: ``withdrawn_at``, an audit row. Refusals: ``announcement_withdrawn``, ``reason_required``.
    """
    held = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if held.withdrawn_at is not None:
        raise Refusal("announcement_withdrawn", _("该公告已经撤回"))
    if not reason.strip():
        raise Refusal("reason_required", _("请写明撤回的理由"), field="reason")
    held.withdrawn_at = now
    held.save(update_fields=["withdrawn_at"])
    record("announcement.withdraw", held, actor=actor, now=now, reason=reason)
    return held


def mark_announcement_read(*, announcement: Announcement, person: Person, now: datetime) -> None:
    """The person has opened it; the first time counts. Effects: an ``AnnouncementReading`` if there is none."""
    AnnouncementReading.objects.get_or_create(announcement=announcement, person=person, defaults={"at": now})
