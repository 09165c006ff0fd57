"""From the declaration plan to the printed ticket with the programme of 2022, through the verbs."""

from __future__ import annotations

import io

import pypdf
import pytest
from tests.accreditation import factories as base
from tests.accreditation.factories import ACTOR, at, refused
from tests.exams import factories as exams

from jinbang.accounts.domain.organisations import create_organisation
from jinbang.accreditation.domain import applications, rooms, sites
from jinbang.accreditation.models import Major
from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import verify_chain
from jinbang.demo.fixtures.load import load_seed
from jinbang.documents.domain.issue import print_again
from jinbang.exams.domain import arrangements, books, candidate_imports, fees, papers, registrations
from jinbang.exams.models import Arrangement, LedgerTransaction, Registration, Sitting

pytestmark = pytest.mark.django_db


def place_of(loaded):
    """A city and a school in Jiangsu, where the plan asks for majors and for the city."""
    province = loaded.authorities["32"]
    city = create_organisation(kind="city", name="示例市教育局", code="C-1", parent=province, actor=ACTOR, now=at(3, 1))
    return create_organisation(
        kind="school", name="示例信息职业技术学院", code="S-1", parent=city, tier="higher", licence_number="许可 1",
        actor=ACTOR, now=at(3, 1),
    )  # fmt: skip


def approved_application(loaded, school):
    made = applications.create_application(
        plan=loaded.declarations["32"], school=school, level=loaded.levels["elementary"], form=base.GOOD, actor=ACTOR,
        majors=[Major.objects.get(catalogue_year=2015, code="610205")], now=at(3, 12),
    )  # fmt: skip
    applications.attach_file(
        application=made, file=base.scan("申报书.pdf", school), title="申报书", actor=ACTOR, now=at(3, 12)
    )
    applications.submit_application(application=made, actor=ACTOR, now=at(3, 12))
    applications.city_approve(application=made, actor=ACTOR, now=at(3, 20))
    return applications.approve_application(
        application=made, people_approved=160, approval_number=applications.suggested_approval_number(made),
        actor=ACTOR, now=at(4, 5),
    )  # fmt: skip


def test_the_line_from_declaration_to_ticket():
    loaded = load_seed(at(1, 4), SYSTEM)
    school = place_of(loaded)
    assert approved_application(loaded, school).approval_number == "2022-32-0001"
    site = base.live_site(school, 2)
    sitting = loaded.sittings[0]
    file = exams.stored(exams.sheet(exams.people_rows(60), title="示例信息职业技术学院考生名单"), school)
    taken = candidate_imports.import_candidates(school=school, file=file, actor=ACTOR, now=at(4, 12))
    assert (taken.rows, taken.created, taken.warnings) == (60, 60, [])
    registering = {"sitting": sitting, "site": site, "actor": ACTOR, "candidates": list(school.candidates.all())}
    with refused("not_a_pilot"):
        registrations.register(level=loaded.levels["advanced"], now=at(4, 12), **registering)
    made = registrations.register(level=loaded.levels["elementary"], now=at(4, 12), **registering)
    fees.confirm_fees(registrations=made, actor=ACTOR, now=at(5, 9))
    line = fees.statements(LedgerTransaction.objects.all())[0]
    assert (line.charged, line.site_share, line.awarding_share) == (1_800_000, 360_000, 1_440_000)
    drawn = arrangements.draw(sitting=sitting, site=site, seed=20220521, actor=ACTOR, now=at(5, 12))
    arrangements.freeze(arrangement=drawn, actor=ACTOR, now=at(5, 12))
    arrangement = Arrangement.objects.get(pk=drawn.pk)
    issued = {
        kind: papers.issue_papers(arrangement=arrangement, kind=kind, actor=ACTOR, now=at(5, 19))
        for kind in papers.KINDS
    }
    assert issued["ticket"][0].pages == 60
    assert len(issued["sign_in_sheet"]) == len(issued["seat_map"]) == 2
    text = pypdf.PdfReader(io.BytesIO(print_again(issued["door_sign"][0]))).pages[0].extract_text().replace(" ", "")
    assert "2022年Python程序开发第一次统考" in text
    assert Sitting.objects.get(pk=sitting.pk).state == "arranged"
    assert set(Registration.objects.values_list("state", flat=True)) == {"seated"}
    assert books.faults() == ()
    assert verify_chain() == []


def test_forty_tight_seats_are_not_enough_and_two_rooms_of_them_neither():
    loaded = load_seed(at(1, 4), SYSTEM)
    site = base.draft_site(place_of(loaded))
    for number in (1, 2):
        rooms.add_room(
            site=site,
            plan=rooms.RoomPlan(name=f"{number}号", rows=5, columns=8, spacing_cm=80),
            actor=ACTOR,
            now=at(3, 1),
        )
    with refused("not_ready"):
        sites.submit_site(site=site, actor=ACTOR, now=at(3, 2))
