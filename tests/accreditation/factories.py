"""Fictional organisations, plans and sites for the tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from jinbang.accounts.models import Organisation, Person, RoleGrant
from jinbang.accreditation.domain import applications, catalogue, declarations, rooms, sites
from jinbang.accreditation.models import CertificateLevel, DeclarationPlan, PilotApplication, Room, Site
from jinbang.audit.actor import Actor
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files
from jinbang.documents.models import StoredFile

SHANGHAI = ZoneInfo("Asia/Shanghai")
ACTOR = Actor(kind="person", key="1", label="测试员甲")
NOW = datetime(2022, 3, 20, 10, 0, tzinfo=SHANGHAI)
KINDS = Organisation.Kind


def refused(code: str):
    """Expect a refusal with this code."""
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A wall-clock instant of 2022."""
    return datetime(2022, month, day, hour, minute, tzinfo=SHANGHAI)


def organisation(kind: str, code: str, name: str, parent: Organisation | None = None, **more: str) -> Organisation:
    return Organisation.objects.create(kind=kind, code=code, name=name, parent=parent, **more)


def awarding() -> Organisation:
    return Organisation.objects.get_or_create(kind=KINDS.AWARDING, code="AO", defaults={"name": "示例评价组织"})[0]


def province(code: str = "32", name: str = "江苏省教育厅") -> Organisation:
    found = Organisation.objects.filter(code=f"P{code}").first()
    return found or organisation(KINDS.PROVINCE, f"P{code}", name, region=code)


def school(name: str = "示例职业学院", parent: Organisation | None = None, licence: str = "许可 001") -> Organisation:
    number = Organisation.objects.count() + 1
    above = parent or province()
    return organisation(KINDS.SCHOOL, f"S{number:04d}", name, above, licence_number=licence, region=above.region)


def person(username: str, role: str, at_organisation: Organisation) -> Person:
    made = Person.objects.create(username=username, name=f"示例{username}", created_at=datetime(2022, 1, 1, tzinfo=UTC))
    RoleGrant.objects.create(
        person=made,
        role=role,
        organisation=at_organisation,
        valid_from=datetime(2022, 1, 1, tzinfo=UTC),
        granted_by="t",
    )
    return made


def level(code: str = "elementary") -> CertificateLevel:
    kind = catalogue.ensure_certificate_type(code="python", name="Python程序开发", awarding=awarding())
    name, rank = {"elementary": ("初级", 1), "intermediate": ("中级", 2), "advanced": ("高级", 3)}[code]
    return catalogue.ensure_level(certificate_type=kind, code=code, name=name, rank=rank)


def plan(authority: Organisation | None = None, *, publish: bool = True, **switches: object) -> DeclarationPlan:
    values = {
        "opens_at": at(3, 10, 17),
        "closes_at": at(3, 31),
        "by_major_required": False,
        "city_approval_required": False,
    } | switches
    made = declarations.create_declaration(
        authority=authority or province(), year=2022, batch="第一次", actor=ACTOR, now=NOW, **values
    )
    return declarations.publish_declaration(plan=made, actor=ACTOR, now=NOW) if publish else made


GOOD = applications.ApplicationForm(
    people_applied=160,
    recruiting_years=3,
    experience_years=3,
    trainers=10,
    industry_trainers=3,
    double_qualified_percent=50,
    place_capacity=40,
)


def scan(name: str = "协议.pdf", owner: Organisation | None = None) -> StoredFile:
    return files.store(
        data=b"%PDF-1.4 example", name=name, content_type="application/pdf", organisation=owner, actor=ACTOR, now=NOW
    )


def application(
    declaration: DeclarationPlan,
    applicant: Organisation,
    form: applications.ApplicationForm = GOOD,
    code: str = "elementary",
) -> PilotApplication:
    made = applications.create_application(
        plan=declaration, school=applicant, level=level(code), form=form, actor=ACTOR, now=NOW
    )
    applications.attach_file(application=made, file=scan("申报书.pdf", applicant), title="申报书", actor=ACTOR, now=NOW)
    return made


def approved(
    declaration: DeclarationPlan, applicant: Organisation, number: str = "32-0001", code: str = "elementary"
) -> PilotApplication:
    made = applications.submit_application(
        application=application(declaration, applicant, code=code), actor=ACTOR, now=NOW
    )
    return applications.approve_application(
        application=made, people_approved=160, approval_number=number, actor=ACTOR, now=NOW
    )


SITE_FORM = sites.SiteForm(
    name="示例考点",
    address="示例路 1 号",
    contact_name="示例联系人",
    contact_phone="13800001234",
    router_model="示例路由器",
    whitelist_confirmed=True,
)


def equipped_room(site: Site, name: str = "一号机房", *, rows: int = 5, columns: int = 8, spacing: int = 120) -> Room:
    room = rooms.add_room(
        site=site, plan=rooms.RoomPlan(name=name, rows=rows, columns=columns, spacing_cm=spacing), actor=ACTOR, now=NOW
    )
    for position in ("front", "back"):
        rooms.set_camera(
            room=room, position=position, model="示例", shows_time=True, keeps_years=3, actor=ACTOR, now=NOW
        )
    return room


def draft_site(owner: Organisation) -> Site:
    awarding()
    return sites.create_site(organisation=owner, form=SITE_FORM, actor=ACTOR, now=NOW)


def live_site(owner: Organisation, rooms_count: int = 1, **room: int) -> Site:
    site = draft_site(owner)
    for number in range(1, rooms_count + 1):
        equipped_room(site, f"{number}号机房", **room)
    sites.submit_site(site=site, actor=ACTOR, now=NOW)
    sites.approve_site(site=site, actor=ACTOR, now=NOW)
    for kind in ("site", "exam_affairs"):
        sites.file_agreement(
            site=site,
            kind=kind,
            number=f"{kind}-{site.code}",
            signed_on=date(2022, 3, 1),
            valid_until=date(2025, 3, 1),
            scan=scan(owner=owner),
            actor=ACTOR,
            now=NOW,
        )
    site.refresh_from_db()
    return site
