"""Who may do what in a room: roles from grants, and those that an invigilation duty gives for the day.

The abilities are those of ``accounts.access``. A grant as invigilator alone opens no room: the person must
be assigned to it.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jinbang.accounts.access import roles_for
from jinbang.accounts.models import Role
from jinbang.accounts.permissions import Access
from jinbang.delivery.models import RoomSession
from jinbang.exams.models import InvigilatorAssignment

_DUTY_ROLES = {
    InvigilatorAssignment.Duty.CHIEF.value: Role.CHIEF_INVIGILATOR,
    InvigilatorAssignment.Duty.INVIGILATOR.value: Role.INVIGILATOR,
    InvigilatorAssignment.Duty.INSPECTOR.value: Role.INSPECTOR,
}
_BY_DUTY_ONLY = frozenset({Role.INVIGILATOR.value})


def roles_in(access: Access, session: RoomSession) -> frozenset[str]:
    """Every role that the person has in ``session``, by grant at its site or by duty in it."""
    host = session.room.site.organisation
    by_grant = {
        grant.role
        for grant in access.grants
        if grant.role not in _BY_DUTY_ONLY and access.scope_of_roles([grant.role]).covers(host)
    }
    duties = InvigilatorAssignment.objects.filter(
        Q(room=session.room_id) | Q(room__isnull=True),
        person_id=access.person.pk,
        sitting=session.sitting_subject.sitting_id,
        site=session.room.site_id,
    )
    return frozenset(by_grant | {_DUTY_ROLES[duty].value for duty in duties.values_list("duty", flat=True)})


def may(ability: str, roles: frozenset[str]) -> bool:
    """Whether someone with ``roles`` in a room has ``ability`` there."""
    return bool(roles & roles_for(ability))


def rooms_in_sight(access: Access) -> QuerySet[RoomSession]:
    """Every room session that the person may look at."""
    seen = access.scope_of_roles(roles_for("room_session.view") - _BY_DUTY_ONLY).q("room__site__organisation")
    duties = InvigilatorAssignment.objects.filter(person_id=access.person.pk)
    for sitting, site, room in duties.values_list("sitting", "site", "room"):
        place = Q(room__site=site) if room is None else Q(room=room)
        seen |= Q(sitting_subject__sitting=sitting) & place
    return RoomSession.objects.filter(seen)
