"""Which announcements are for whom, and which stand now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import Access
from jinbang.learning.models import Announcement, AnnouncementReading

_Holding = tuple[str, frozenset[int]]


def standing(now: datetime) -> Q:
    """The condition under which an announcement is shown at ``now``: begun, not over, not withdrawn."""
    ends = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return Q(published_at__lte=now, withdrawn_at__isnull=True) & ends


def public_announcements(now: datetime) -> QuerySet[Announcement]:
    """What strangers may read, newest first."""
    return Announcement.objects.filter(standing(now), is_public=True).order_by("-published_at", "-pk")


def visible_announcements(access: Access) -> QuerySet[Announcement]:
    """Every announcement that is or was for the person; those who publish see all, withdrawn and to come too.

    Rows carry ``read``: whether the person has opened them.
    """
    opened = AnnouncementReading.objects.filter(announcement=OuterRef("pk"), person=access.person)
    rows = Announcement.objects.annotate(read=Exists(opened))
    if access.can("notice.publish"):
        return rows
    return rows.filter(pk__in=_addressed(access), published_at__lte=access.now, withdrawn_at__isnull=True)


def announcements_now(access: Access) -> list[Announcement]:
    """What stands now and is for the person, unread ones first, then the newest."""
    opened = AnnouncementReading.objects.filter(announcement=OuterRef("pk"), person=access.person)
    rows = Announcement.objects.filter(standing(access.now), pk__in=_addressed(access)).annotate(read=Exists(opened))
    return list(rows.order_by("read", "-published_at", "-pk"))


def _addressed(access: Access) -> Collection[int]:
    """Keys of the announcements whose roles and places fit one of the person's grants; two queries at most."""
    places: dict[int, set[int]] = {}
    roles: dict[int, set[str]] = {}
    rows = Announcement.objects.filter(withdrawn_at__isnull=True)
    for pk, wanted, place in rows.values_list("pk", "audience_roles", "organisations"):
        roles[pk] = set(wanted)
        places.setdefault(pk, set()).update([] if place is None else [place])
    held = _holdings(access) if any(roles.values()) or any(places.values()) else []
    return [pk for pk in roles if _fits(roles[pk], places[pk], held)]


def _fits(roles: set[str], places: set[int], held: Collection[_Holding]) -> bool:
    if not roles and not places:
        return True
    return any((not roles or role in roles) and (not places or places & around) for role, around in held)


def _holdings(access: Access) -> list[_Holding]:
    """Role by role, the organisation where it is held with those above it."""
    above = ("parent_id", "parent__parent_id", "parent__parent__parent_id")
    held_at = {grant.organisation_id for grant in access.grants}
    rows = Organisation.objects.filter(pk__in=held_at).values_list("pk", *above)
    around = {row[0]: frozenset(pk for pk in row if pk is not None) for row in rows}
    return [(grant.role, around[grant.organisation_id]) for grant in access.grants]
