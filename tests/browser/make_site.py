"""Fills an empty installation for the browser tests; run as a program under that installation's environment.

Prints one JSON object: tickets, the room session, and a session cookie for each member of staff.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from jinbang.accreditation.models import Seat
    from jinbang.delivery.drill.site import build
    from jinbang.delivery.models import RoomSession

    starts_at = datetime.fromisoformat(sys.argv[1])
    made = build(candidates=int(sys.argv[2]), starts_at=starts_at, minutes=90)
    session = RoomSession.objects.get()
    session.rules = {**session.rules, "min_stay_s": 0, "late_after_s": 1800, "calculator": True, "focus_loss": "log"}
    session.save()
    Seat.objects.filter(number__gt=38).update(spare=True)
    cookies = staff(session, starts_at - timedelta(days=1))
    tickets = [{"ticket": t.ticket, "id_number": t.id_number, "attempt": t.attempt} for t in made.tickets]
    print(json.dumps({"tickets": tickets, "session": session.pk, "cookies": cookies}))


def staff(session, now) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """An invigilator and a chief of the room, an exam officer, and an invigilator of some other place."""
    from jinbang.accounts.models import Organisation, Person, RoleGrant
    from jinbang.exams.models import InvigilatorAssignment

    awarding = Organisation.objects.get(kind="awarding")
    site = session.room.site
    sitting = session.sitting_subject.sitting
    cookies = {}
    for username, name, role, place, duty in (
        ("invigilator", "监考甲", "invigilator", site.organisation, "invigilator"),
        ("chief", "主考乙", "chief_invigilator", site.organisation, "chief"),
        ("officer", "考务丙", "exam_officer", awarding, None),
        ("stranger", "外人丁", "invigilator", site.organisation, None),
    ):
        person = Person.objects.create(username=username, name=name, created_at=now)
        RoleGrant.objects.create(person=person, role=role, organisation=place, valid_from=now, granted_by="test")
        if duty:
            InvigilatorAssignment.objects.create(
                sitting=sitting, site=site, room=session.room, person=person, duty=duty
            )
        cookies[username] = cookie_of(person)
    return cookies


def cookie_of(person) -> str:  # type: ignore[no-untyped-def]
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store["second_factor"] = person.pk
    store.save()
    return str(store.session_key)


if __name__ == "__main__":
    main()
