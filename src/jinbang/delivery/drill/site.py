"""A sitting for rehearsals and measurements: nobody in it exists.

The rows of every app are written directly; the papers are sealed and released by the same verbs as real ones. It
fills an empty database of its own, or stands in a real one under a school, a certificate and a site of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from jinbang.accounts.domain.personal_data import seal_id_number
from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import CertificateLevel, CertificateType, Room, Seat, Site
from jinbang.audit.actor import SYSTEM
from jinbang.content.models import Form, FormEntry, Item, ItemVersion, SkillPoint
from jinbang.core.identity import Sex, generate
from jinbang.delivery.domain.prepare import prepare_sitting
from jinbang.delivery.domain.sealing import KeyHolder, release_share, seal_papers
from jinbang.delivery.models import PaperSet, RoomSession
from jinbang.exams.models import (
    Arrangement,
    Candidate,
    ExamPlan,
    InvigilatorAssignment,
    Registration,
    RuleSet,
    SeatAssignment,
    Sitting,
    SittingSubject,
)

SEATS = 40
ITEMS = 40
_PASSPHRASES = ("first holder of the drill", "second holder of the drill")


@dataclass(frozen=True)
class Ticket:
    """What a simulated candidate brings along, and the attempt that the books will be checked for."""

    ticket: str
    id_number: str
    attempt: int


@dataclass(frozen=True)
class ScratchSitting:
    """A sitting that is ready: tickets, item ids with their kinds and keys, and the sitting itself."""

    sitting: Sitting
    tickets: Sequence[Ticket]


def _insert(rows: Sequence[models.Model]) -> None:
    if rows:
        type(rows[0])._base_manager.bulk_create(rows, batch_size=500)


def _one(row: Any) -> Any:
    row.save(force_insert=True)
    return row


@transaction.atomic
def build(*, candidates: int, starts_at: datetime, minutes: int, released: bool = True, run: int = 0) -> ScratchSitting:
    """Make a sitting: ``candidates`` in rooms of 40, a theory form of 40 items, papers sealed and, unless
    ``released`` is false, opened by both holders. ``run`` tells several in one database apart, see :func:`next_run`."""
    tag = f"-{run}" if run else ""
    school = _one(Organisation(kind=Organisation.Kind.SCHOOL, name=f"演练学院{tag}", code=f"DRILL{tag}"))
    level, form = _content(starts_at, tag)
    sitting = _sitting(level, starts_at, minutes, tag)
    site = _site(school, starts_at, run)
    registrations, numbers = _people(candidates, sitting, level, site, school, starts_at, run)
    _seats(sitting, site, registrations, starts_at)
    before = starts_at - timedelta(minutes=50)
    prepare_sitting(sitting=sitting, actor=SYSTEM, now=before, forms={("theory", level.pk): form})
    paper_set = PaperSet.objects.get(sitting_subject__sitting=sitting)
    _seal(paper_set, before, released=released, tag=tag)
    attempts = dict(paper_set.attempts.values_list("ticket_number", "pk"))
    tickets = [
        Ticket(registration.ticket_number, number, attempts[registration.ticket_number])
        for registration, number in zip(registrations, numbers, strict=True)
    ]
    return ScratchSitting(sitting, tickets)


def next_run() -> int:
    """A number that no rehearsal in this database has used."""
    return Organisation.objects.filter(code__startswith="DRILL").count() + 1


def reopen(sitting: Sitting, *, starts_at: datetime, minutes: int, min_stay_s: int = 0) -> None:
    """Move the rooms of a scratch sitting to other times."""
    for session in RoomSession.objects.filter(sitting_subject__sitting=sitting):
        session.go_at = starts_at
        session.ends_at = starts_at + timedelta(minutes=minutes)
        session.rules = {**session.rules, "min_stay_s": min_stay_s, "late_after_s": minutes * 60}
        session.save(update_fields=["go_at", "ends_at", "rules"])


def _content(now: datetime, tag: str) -> tuple[CertificateLevel, Form]:
    awarding = _one(Organisation(kind=Organisation.Kind.AWARDING, name=f"演练评价组织{tag}", code=f"DRILL-A{tag}"))
    kind = _one(CertificateType(code=f"DRILL{tag}", name=f"演练证书{tag}", awarding=awarding))
    level = _one(CertificateLevel(certificate_type=kind, code="elementary", name="初级", rank=1))
    skill = _one(SkillPoint(certificate_type=kind, level=level, code="D.1", name="演练"))
    form = _one(Form(code=f"DRILL-T{tag}", level=level, subject="theory", created_at=now))
    items = [Item(code=f"DRILL-{n:03d}{tag}", level=level, skill_point=skill, kind=_kind(n)) for n in range(ITEMS)]
    _insert(items)
    versions = [_version(item, n, now) for n, item in enumerate(items)]
    _insert(versions)
    _insert([
        FormEntry(form=form, position=n + 1, section="演练", item_version=version, points=Decimal("2.50"))
        for n, version in enumerate(versions)
    ])  # fmt: skip
    return level, form


def _kind(n: int) -> str:
    return (Item.Kind.SINGLE, Item.Kind.SINGLE, Item.Kind.MULTIPLE, Item.Kind.TRUE_FALSE, Item.Kind.FILL)[n % 5]


def _version(item: Item, n: int, now: datetime) -> ItemVersion:
    options = [
        {"key": key, "text": f"第 {n + 1} 题的选项 {key}：表达式的值是 {n * 7 + i}"} for i, key in enumerate("ABCD")
    ]
    answers = {"single": ["B"], "multiple": ["A", "C"], "true_false": ["T"], "fill": ["列表", "list"]}
    return ItemVersion(
        item=item, number=1, created_at=now, difficulty=Decimal("0.60"), content_sha256="0" * 64,
        stem=f"演练题 {n + 1}：阅读下面的程序，选出正确的一项。本题只用于演练，不出自任何题库。",
        code_block=f"values = list(range({n + 3}))\nprint(sum(v for v in values if v % 2 == 0))",
        options=options if item.kind in ("single", "multiple") else [], answer=answers[item.kind],
    )  # fmt: skip


def _sitting(level: CertificateLevel, starts_at: datetime, minutes: int, tag: str) -> Sitting:
    rules = _one(RuleSet(name=f"演练{tag}", version=1, rules={}, created_at=starts_at))
    fields = {"certificate_type": level.certificate_type, "year": starts_at.year, "name": "演练", "rule_set": rules}
    plan = _one(ExamPlan(**fields))
    day, hour = timedelta(days=1), timedelta(hours=1)
    sitting: Sitting = _one(
        Sitting(
            plan=plan, ordinal=1, name=f"演练场次{tag}", code=f"D1{tag}", date=starts_at.date(),
            registration_opens=starts_at - 9 * day, registration_closes=starts_at - 6 * day,
            arrangement_opens=starts_at - 6 * day, arrangement_closes=starts_at - 3 * day,
            tickets_open=starts_at - 3 * day, tickets_close=starts_at + hour,
        )
    )  # fmt: skip
    sitting.levels.add(level)
    _one(SittingSubject(sitting=sitting, subject="theory", starts_at=starts_at, minutes=minutes))
    return sitting


def _site(school: Organisation, now: datetime, run: int) -> Site:
    site: Site = _one(
        Site(
            organisation=school, code=f"DR{run:06d}" if run else "0001", name="演练考点", address="演练路 1 号",
            contact_name="演练", contact_phone="13800000000", created_at=now,
        )
    )  # fmt: skip
    return site


def _people(
    count: int, sitting: Sitting, level: CertificateLevel, site: Site, school: Organisation, now: datetime, run: int
) -> tuple[list[Registration], list[str]]:
    rng = random.Random(20220521 + run)
    taken = set(Candidate.objects.values_list("id_hash", flat=True)) if run else set()
    found: dict[str, None] = {}
    while len(found) < count:
        born = date(2000, 1, 1) + timedelta(days=rng.randrange(2000))
        number = generate(rng, born, rng.choice(list(Sex))).value
        if not taken or seal_id_number(number)[0] not in taken:
            found[number] = None
    numbers = list(found)
    candidates = [_candidate(n, number, school, now) for n, number in enumerate(numbers)]
    _insert(candidates)
    registrations = [
        Registration(
            candidate=candidate, sitting=sitting, level=level, site=site, school=school, registered_at=now,
            ticket_number=f"99{run:04d}{n:06d}", state="seated",
        )
        for n, candidate in enumerate(candidates)
    ]  # fmt: skip
    _insert(registrations)
    return registrations, numbers


def _candidate(n: int, number: str, school: Organisation, now: datetime) -> Candidate:
    hashed, cipher, masked = seal_id_number(number)
    return Candidate(
        school=school, name=f"演练考生{n + 1}", name_sort=f"yanlian{n:06d}", id_hash=hashed, id_cipher=cipher,
        id_mask=masked, sex="M", born=date(2000, 1, 1), created_at=now,
    )  # fmt: skip


def _seats(sitting: Sitting, site: Site, registrations: Sequence[Registration], now: datetime) -> None:
    rooms = [
        Room(site=site, number=n + 1, name=f"演练机房 {n + 1}", rows=5, columns=8, spacing_cm=120)
        for n in range(-(-len(registrations) // SEATS))
    ]
    _insert(rooms)
    seats = [Seat(room=room, number=n + 1, row=n // 8 + 1, column=n % 8 + 1) for room in rooms for n in range(SEATS)]
    _insert(seats)
    arrangement = _one(
        Arrangement(sitting=sitting, site=site, seed=1, input_sha256="0" * 64, drawn_at=now, frozen_at=now)
    )
    pairs: Iterable[tuple[Registration, Seat]] = zip(registrations, seats, strict=False)
    _insert([SeatAssignment(arrangement=arrangement, registration=r, seat=s) for r, s in pairs])
    _watchers(sitting, site, rooms, now)


def _watchers(sitting: Sitting, site: Site, rooms: Sequence[Room], now: datetime) -> None:
    """Two invigilators for each room, as the rules want."""
    duties = []
    for room in rooms:
        for n in (1, 2):
            name = f"{room.number}-{n}" if site.code == "0001" else f"{site.code}-{room.number}-{n}"
            who = Person(username=f"watch-{name}", name=f"演练监考员{room.number}-{n}", created_at=now)
            duties.append(
                InvigilatorAssignment(sitting=sitting, site=site, room=room, person=_one(who), duty="invigilator")
            )
    _insert(duties)


def _seal(paper_set: PaperSet, now: datetime, *, released: bool, tag: str) -> None:
    people = [_one(Person(username=f"drill-{n}{tag}", name=f"演练保管人{n}", created_at=now)) for n in (1, 2)]
    holders = [KeyHolder(person, words) for person, words in zip(people, _PASSPHRASES, strict=True)]
    seal_papers(paper_set=paper_set, holders=holders, actor=SYSTEM, now=now)
    if released:
        for holder in holders:
            release_share(
                paper_set=paper_set, person=holder.person, passphrase=holder.passphrase, actor=SYSTEM,
                now=max(now, paper_set.not_before),
            )  # fmt: skip
