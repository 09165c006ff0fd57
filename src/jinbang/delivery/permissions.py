"""Who may watch a room, act in it, and authorise beyond an invigilator's limit."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from django.db.models import Q, QuerySet

from jinbang.accounts.models import Organisation, Person, Role, RoleGrant
from jinbang.delivery.models import RoomSession
from jinbang.exams.models import InvigilatorAssignment

_OFFICE = {Role.EXAM_OFFICER, Role.PROGRAMME_MANAGER, Role.SYSTEM_ADMIN}
_SITE_CHIEFS = {Role.CHIEF_INVIGILATOR, Role.SITE_MANAGER}


class Standing(IntEnum):
    """What someone may do in a room; each standing includes those below it."""

    NONE = 0
    WATCH = 1
    INVIGILATE = 2
    AUTHORISE = 3


def grants_of(person: Person, now: datetime) -> set[tuple[str, int, str]]:
    """(role, organisation id, kind of organisation) of every grant in force at ``now``."""
    rows = RoleGrant.objects.filter(person=person, valid_from__lte=now).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    )
    return set(rows.values_list("role", "organisation_id", "organisation__kind"))


def is_office(person: Person, now: datetime) -> bool:
    """Exam officers of the awarding organisation, who may act in every room."""
    return any(role in _OFFICE and kind == Organisation.Kind.AWARDING for role, _, kind in grants_of(person, now))


def _by_grant(person: Person, session: RoomSession, now: datetime) -> Standing:
    host = session.room.site.organisation_id
    best = Standing.NONE
    for role, organisation, kind in grants_of(person, now):
        awarding = kind == Organisation.Kind.AWARDING
        if (awarding and role in _OFFICE) or (organisation == host and role in _SITE_CHIEFS):
            return Standing.AUTHORISE
        if role == Role.INSPECTOR and (awarding or organisation == host):
            best = Standing.WATCH
    return best


def _by_duty(person: Person, session: RoomSession) -> Standing:
    duties = InvigilatorAssignment.objects.filter(
        person=person, sitting=session.sitting_subject.sitting_id, site=session.room.site_id
    ).filter(Q(room=session.room_id) | Q(room__isnull=True))
    standing = {
        InvigilatorAssignment.Duty.CHIEF.value: Standing.AUTHORISE,
        InvigilatorAssignment.Duty.INVIGILATOR.value: Standing.INVIGILATE,
        InvigilatorAssignment.Duty.INSPECTOR.value: Standing.WATCH,
    }
    return max((standing[duty] for duty in duties.values_list("duty", flat=True)), default=Standing.NONE)


def standing_in(person: Person, session: RoomSession, now: datetime) -> Standing:
    """The highest standing that grants and duties give ``person`` in ``session`` at ``now``."""
    by_grant = _by_grant(person, session, now)
    return by_grant if by_grant is Standing.AUTHORISE else max(by_grant, _by_duty(person, session))


def rooms_of(person: Person, now: datetime) -> QuerySet[RoomSession]:
    """Every room session that ``person`` may at least watch."""
    grants = grants_of(person, now)
    everywhere = _OFFICE | {Role.INSPECTOR}
    if any(role in everywhere and kind == Organisation.Kind.AWARDING for role, _, kind in grants):
        return RoomSession.objects.all()
    hosts = {org for role, org, _ in grants if role in _SITE_CHIEFS | {Role.INSPECTOR}}
    seen = Q(room__site__organisation_id__in=hosts)
    for sitting, site, room in InvigilatorAssignment.objects.filter(person=person).values_list(
        "sitting", "site", "room"
    ):
        place = Q(room__site_id=site) if room is None else Q(room_id=room)
        seen |= Q(sitting_subject__sitting_id=sitting) & place
    return RoomSession.objects.filter(seen)
