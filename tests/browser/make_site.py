"""Fills a migrated, empty installation for the browser tests; run as a program under that installation's environment.

Prints one JSON object: tickets, the room session, and a session cookie for each member of staff.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta


def main() -> None:
    import django

    django.setup()
    from jinbang.accreditation.models import Seat
    from jinbang.delivery.drill.site import build
    from jinbang.delivery.models import RoomSession

    starts_at = datetime.fromisoformat(sys.argv[1])
    made = build(candidates=int(sys.argv[2]), starts_at=starts_at, minutes=90)
    practical = add_practical(made.sitting, starts_at)
    session = RoomSession.objects.get(sitting_subject__subject="theory")
    session.rules = {**session.rules, "min_stay_s": 0, "late_after_s": 1800, "calculator": True, "focus_loss": "log"}
    session.save()
    Seat.objects.filter(number__gt=38).update(spare=True)
    cookies = staff(session, starts_at - timedelta(days=1))
    tickets = [{"ticket": t.ticket, "id_number": t.id_number, "attempt": t.attempt} for t in made.tickets]
    facts = {"tickets": tickets, "session": session.pk, "practical": practical, "cookies": cookies}
    print(json.dumps(facts))


def add_practical(sitting, starts_at: datetime) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """A practical subject with one shipped task, sealed and released; room session, and attempt by ticket."""
    from decimal import Decimal
    from pathlib import Path

    import jinbang.judge
    from jinbang.accounts.models import Person
    from jinbang.accreditation.models import CertificateLevel
    from jinbang.audit.actor import SYSTEM
    from jinbang.content.domain.tasks import add_task
    from jinbang.content.models import Form, FormEntry
    from jinbang.delivery.domain.prepare import prepare_sitting
    from jinbang.delivery.domain.sealing import KeyHolder, release_share, seal_papers
    from jinbang.delivery.models import Attempt, PaperSet, RoomSession
    from jinbang.exams.models import SittingSubject
    from jinbang.judge.package.files import load_folder, to_zip

    begins = starts_at + timedelta(minutes=100)
    now = starts_at - timedelta(minutes=40)
    level = CertificateLevel.objects.get()
    folder = Path(jinbang.judge.__file__).parent / "tasks" / "j4-crawl-csv"
    task = add_task(
        package=to_zip(load_folder(folder).files), certificate_type=level.certificate_type, actor=SYSTEM, now=now
    )
    form = Form.objects.create(code="DRILL-P", level=level, subject="practical", created_at=now)
    FormEntry.objects.create(form=form, position=1, section="实操题", task=task, points=Decimal(100))
    SittingSubject.objects.create(sitting=sitting, subject="practical", starts_at=begins, minutes=150)
    prepare_sitting(sitting=sitting, actor=SYSTEM, now=now, forms={("practical", level.pk): form})
    paper_set = PaperSet.objects.get(sitting_subject__subject="practical")
    people = [Person.objects.create(username=f"keeper{n}", name=f"保管人{n}", created_at=now) for n in (1, 2)]
    holders = [KeyHolder(person, f"a long passphrase of {person.username}") for person in people]
    seal_papers(paper_set=paper_set, holders=holders, actor=SYSTEM, now=now)
    for holder in holders:
        release_share(
            paper_set=paper_set, person=holder.person, passphrase=holder.passphrase, actor=SYSTEM,
            now=max(now, paper_set.not_before),
        )  # fmt: skip
    session = RoomSession.objects.get(sitting_subject__subject="practical")
    session.rules = {**session.rules, "min_stay_s": 0}
    session.save()
    return {
        "session": session.pk,
        **dict(Attempt.objects.filter(room_session=session).values_list("ticket_number", "pk")),
    }


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
        ("second", "主考戊", "chief_invigilator", site.organisation, "chief"),  # signs with a password, has no session
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
