"""Who watches which room."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.accreditation.models import Room, Site
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.core.problems import Problem
from jinbang.exams.domain.coverage import lacking
from jinbang.exams.models import InvigilatorAssignment, Sitting

_WHOLE_SITE = frozenset({InvigilatorAssignment.Duty.INSPECTOR.value, InvigilatorAssignment.Duty.CHIEF.value})


def assign_invigilator(
    *, sitting: Sitting, site: Site, person: Person, duty: str, actor: Actor, now: datetime, room: Room | None = None
) -> InvigilatorAssignment:
    """Give a person a duty: an invigilator a room; a chief or an inspector the whole site (no room).

    Effects: an ``InvigilatorAssignment``, an audit row on the sitting. Refusals: ``room_missing``,
    ``room_elsewhere``, ``invigilates_elsewhere`` (one room a person), ``assigned``.
    """
    if room is None and duty not in _WHOLE_SITE:
        raise Refusal("room_missing", _("监考员须指定考场"))
    if room is not None and room.site_id != site.pk:
        raise Refusal("room_elsewhere", _("该考场不属于所选站点"))
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        held = InvigilatorAssignment.objects.filter(sitting=sitting, person=person)
        if held.filter(site=site, room=room, duty=duty).exists():
            raise Refusal("assigned", _("{person}已有这项安排"), person=person.name)
        if room is not None and held.filter(room__isnull=False).exists():
            raise Refusal("invigilates_elsewhere", _("{person}本场已安排在其他考场监考"), person=person.name)
        made = InvigilatorAssignment.objects.create(sitting=sitting, site=site, room=room, person=person, duty=duty)
        record(
            "invigilation.assign", sitting, actor=actor, now=now,
            data={"site": site.code, "room": room.number if room else None, "person": person.pk, "duty": duty},
        )  # fmt: skip
    return made


def relieve_invigilator(*, assignment: InvigilatorAssignment, actor: Actor, now: datetime) -> None:
    """Take a duty back. Effects: the row goes, an audit row stays. Refusal ``sitting_begun`` once it runs."""
    if assignment.sitting.state in {"running", "closed", "released"}:
        raise Refusal("sitting_begun", _("考试已开始，监考安排已归档，不能撤销"))
    with transaction.atomic():
        record(
            "invigilation.relieve", assignment.sitting, actor=actor, now=now,
            data={"site": assignment.site_id, "person": assignment.person_id, "duty": assignment.duty},
        )  # fmt: skip
        assignment.delete()


def invigilation_gaps(sitting: Sitting, site: Site) -> list[Problem]:
    """What is wrong with the invigilators of a site's rooms, and a site without a chief; empty when all is well."""
    here = [one for one in lacking(sitting) if one.room.site_id == site.pk]
    gaps = [problem for one in here for problem in (*one.grave, *one.notes)]
    if not InvigilatorAssignment.objects.filter(sitting=sitting, site=site, duty="chief").exists():
        gaps.append(Problem.of("no_chief", "尚未指定主考"))
    return gaps
