"""The office's part of the cycle: applications, sites, registration, fees, seats, papers to print."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.domain import applications, rooms, sites
from jinbang.accreditation.models import CertificateLevel, DeclarationPlan, Major, PilotApplication, Site
from jinbang.audit.actor import Actor
from jinbang.demo.people import crowd
from jinbang.demo.world import actor_of
from jinbang.documents.domain import files
from jinbang.documents.models import IssuedDocument
from jinbang.exams.domain import arrangements, books, fees, invigilation, papers, registrations
from jinbang.exams.domain.candidate_imports import import_candidates
from jinbang.exams.models import Arrangement, Candidate, Registration, Sitting

ZONE = ZoneInfo("Asia/Shanghai")
ROWS, COLUMNS, USABLE = 6, 8, 45
FIGURES = applications.ApplicationForm(
    people_applied=160,
    recruiting_years=5,
    experience_years=6,
    trainers=12,
    industry_trainers=4,
    double_qualified_percent=62,
    place_capacity=96,
    staffing="专任教师 28 人，其中双师素质教师 17 人；聘请行业企业兼职教师 4 人（演示数据）。",
    place="计算机实训室两间，可同时容纳 96 人考试（演示数据）。",
)


def at(day: str, clock: str = "09:00") -> datetime:
    """An instant of the programme's own time zone."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def apply_as_pilot(
    school: Organisation,
    plan: DeclarationPlan,
    level: CertificateLevel,
    people: dict[str, Person],
    suffix: str,
    now: datetime,
) -> PilotApplication:
    """A school applies; city (where the plan asks for it) and province approve."""
    known = PilotApplication.objects.filter(plan=plan, school=school, level=level).exclude(state="discarded").first()
    majors = list(Major.objects.filter(code__in=("510203", "610205")))
    manager = actor_of(people[f"school{suffix}"])
    application = known or applications.create_application(
        plan=plan, school=school, level=level, form=FIGURES, majors=majors, actor=manager, now=now
    )
    if application.state == "draft":
        proof = files.store(
            data="1+X 证书制度试点申报书（演示文件）".encode(),
            name="试点申报书.txt",
            content_type="text/plain",
            actor=manager,
            now=now,
        )
        applications.attach_file(application=application, file=proof, title="申报书", actor=manager, now=now)
        applications.submit_application(application=application, actor=manager, now=now)
    application.refresh_from_db()
    if application.state == "city_review":
        applications.city_approve(application=application, actor=actor_of(people[f"city{suffix}"]), now=now)
    if application.state == "province_review":
        applications.approve_application(
            application=application,
            people_approved=160,
            approval_number=applications.suggested_approval_number(application),
            actor=actor_of(people[f"province{suffix}"]),
            now=now,
        )
    return application


def open_site(school: Organisation, needed: int, people: dict[str, Person], suffix: str, now: datetime) -> Site:
    """A school applies as an exam site with as many rooms as ``needed`` candidates ask for; it goes live."""
    manager, awarding = actor_of(people[f"site{suffix}"]), actor_of(people["accreditation"])
    site = Site.objects.filter(organisation=school).first()
    if site is None:
        form = sites.SiteForm(
            name=f"{school.name}考核站点",
            address="示例市示例路 1 号",
            contact_name="演示·站点负责人",
            contact_phone="13800000001",
            router_model="企业级路由器（带机量 200）",
            whitelist_confirmed=True,
        )
        site = sites.create_site(organisation=school, form=form, actor=manager, now=now)
    while site.rooms.count() < max(1, -(-needed // USABLE)):
        _add_room(site, site.rooms.count() + 1, manager, now)
    if site.state == "draft":
        sites.submit_site(site=site, actor=manager, now=now)
    if site.state == "under_review":
        sites.approve_site(site=site, actor=awarding, now=now)
    for kind in ("site", "exam_affairs"):
        _file_agreement(site, kind, awarding, now)
    site.refresh_from_db()
    return site


def _add_room(site: Site, number: int, actor: Actor, now: datetime) -> None:
    plan = rooms.RoomPlan(
        name=f"第{number}考场",
        rows=ROWS,
        columns=COLUMNS,
        spacing_cm=120,
        building="实训楼",
        address_range="192.0.2.0/24",
    )
    room = rooms.add_room(site=site, plan=plan, actor=actor, now=now)
    for position in ("front", "back"):
        rooms.set_camera(
            room=room, position=position, model="网络摄像机", shows_time=True, keeps_years=3, actor=actor, now=now
        )


def _file_agreement(site: Site, kind: str, actor: Actor, now: datetime) -> None:
    if site.agreements.filter(kind=kind, state="filed").exists():
        return
    scan = files.store(
        data=f"{site.name} {kind} 协议扫描件（演示）".encode(),
        name="协议扫描件.txt",
        content_type="text/plain",
        actor=actor,
        now=now,
    )
    sites.file_agreement(
        site=site,
        kind=kind,
        number=f"XY-{site.code}-{kind}",
        signed_on=now.astimezone(ZONE).date(),
        valid_until=date(2025, 3, 31),
        scan=scan,
        actor=actor,
        now=now,
    )


def candidate_sheet(count: int, seed: int) -> bytes:
    """A real .xlsx as a school would send it: Chinese headers, ID numbers as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("考生")
        sheet.write_row(0, 0, ["姓名", "身份证号码", "性别", "院系", "专业名称", "班级", "学号", "手机号码"])
        for row, person in enumerate(crowd(seed, count), start=1):
            number = f"2020{seed:02d}{row:04d}"
            sheet.write_row(
                row,
                0,
                [
                    person.name, person.id_number, person.sex, "信息工程学院", "软件技术", person.class_name, number,
                    person.phone,
                ],
            )  # fmt: skip
    return out.getvalue()


def take_in_candidates(school: Organisation, count: int, seed: int, actor: Actor, now: datetime) -> int:
    """Import a school's sheet; a second time changes nothing. Returns how many candidates the school has."""
    stored = files.store(
        data=candidate_sheet(count, seed),
        name="考生信息.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        actor=actor,
        now=now,
    )
    import_candidates(school=school, file=stored, actor=actor, now=now)
    return Candidate.objects.filter(school=school).count()


def register_all(
    school: Organisation, site: Site, sitting: Sitting, level: CertificateLevel, actor: Actor, now: datetime
) -> int:
    """Register every candidate of the school who is not registered yet, and pay for them."""
    waiting = list(Candidate.objects.filter(school=school).exclude(registrations__sitting=sitting))
    if waiting:
        registrations.register(sitting=sitting, level=level, site=site, candidates=waiting, actor=actor, now=now)
    unpaid = list(Registration.objects.filter(school=school, sitting=sitting, state="registered"))
    fees.confirm_fees(registrations=unpaid, actor=actor, now=now)
    return Registration.objects.filter(school=school, sitting=sitting).exclude(state="withdrawn").count()


def seat_all(sitting: Sitting, site: Site, seed: int, actor: Actor, now: datetime) -> Arrangement:
    """Draw the seats of a site and freeze the draw."""
    current = Arrangement.objects.filter(sitting=sitting, site=site, discarded_at__isnull=True).first()
    if current is not None and current.frozen_at is not None:
        return current
    drawn = current or arrangements.draw(sitting=sitting, site=site, seed=seed, actor=actor, now=now)
    return arrangements.freeze(arrangement=drawn, actor=actor, now=now)


def assign_staff(
    sitting: Sitting, site: Site, people: dict[str, Person], suffix: str, actor: Actor, now: datetime
) -> None:
    """A chief for the site and two invigilators for its first room."""
    if sitting.invigilation.filter(site=site).exists():
        return
    give: dict[str, Any] = {"sitting": sitting, "site": site, "actor": actor, "now": now}
    invigilation.assign_invigilator(person=people[f"chief{suffix}"], duty="chief", **give)
    room = site.rooms.order_by("number")[0]
    for name in ("invigilator", "invigilator-b"):
        invigilation.assign_invigilator(person=people[f"{name}{suffix}"], duty="invigilator", room=room, **give)


def print_papers(arrangement: Arrangement, actor: Actor, now: datetime) -> dict[str, int]:
    """Issue every paper of a site; pages by kind."""
    pages: dict[str, int] = {}
    for kind in papers.KINDS:
        made: list[IssuedDocument] = papers.issue_papers(arrangement=arrangement, kind=kind, actor=actor, now=now)
        pages[kind] = sum(document.pages for document in made)
    return pages


def ledger_is_balanced() -> bool:
    """Whether every booking and the books as a whole add up to the cent."""
    return not books.faults()


def folder_zip(folder: Any) -> bytes:
    """The files of a task folder as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder).as_posix())
    return out.getvalue()
