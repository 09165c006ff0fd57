"""A published sitting with a live site, an approved school and generated candidates."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import xlsxwriter
from tests.accreditation import factories as base
from tests.accreditation.factories import ACTOR, NOW, at

from jinbang.accounts.models import Organisation
from jinbang.accreditation.models import CertificateLevel, Site
from jinbang.core.identity import Sex, generate
from jinbang.documents.domain import files
from jinbang.documents.models import StoredFile
from jinbang.exams.domain import candidate_imports, fees, plans, prices, registrations, rules
from jinbang.exams.models import Candidate, Registration, Sitting

REGISTERING = at(4, 20, 9)
ARRANGING = at(5, 12, 9)
PRINTING = at(5, 19, 9)
STARTS = {"theory": time(8, 30), "practical": time(10, 10)}
FORM = plans.SittingForm(
    name="第一次统考",
    date=date(2022, 5, 21),
    registration_opens=at(4, 10),
    registration_closes=at(5, 10, 23, 59),
    arrangement_opens=at(5, 11),
    arrangement_closes=at(5, 18, 23, 59),
    tickets_open=at(5, 19),
    tickets_close=at(5, 20, 23, 59),
)
HEADINGS = ("姓名", "身份证号", "性别", "学号", "班级", "手机号")


@dataclass(frozen=True)
class World:
    """Everything a registration needs."""

    school: Organisation
    site: Site
    sitting: Sitting
    level: CertificateLevel


def world(rooms: int = 1, **rule_values: object) -> World:
    school = base.school()
    base.approved(base.plan(), school)
    site = base.live_site(school, rooms)
    return World(school, site, sitting(**rule_values), base.level())


def sitting(form: plans.SittingForm = FORM, *, publish: bool = True, **rule_values: object) -> Sitting:
    level = base.level()
    for grade in (level, base.level("intermediate")):
        prices.set_price(
            region="", level=grade, exam_form="computer", valid_from=date(2022, 1, 1), amount_fen=30000, site_fen=6000,
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    plan = plans.create_plan(
        certificate_type=level.certificate_type, year=2022, name=f"{form.name}计划", actor=ACTOR, now=NOW,
        rule_set=rules.create_rule_set(name="规则", rules=rule_values, actor=ACTOR, now=NOW),
    )  # fmt: skip
    made = plans.add_sitting(
        plan=plan, form=form, starts=STARTS, levels=[level, base.level("intermediate")], actor=ACTOR, now=NOW
    )
    if publish:
        plans.publish_plan(plan=plan, actor=ACTOR, now=NOW)
    return Sitting.objects.select_related("plan__rule_set", "plan__certificate_type").get(pk=made.pk)


def number(seed: int) -> str:
    """A generated identity number."""
    rng = random.Random(seed)
    return str(generate(rng, date(2000, 1, 1) + timedelta(days=seed), Sex.MALE if seed % 2 else Sex.FEMALE))


def people_rows(count: int, start: int = 1) -> list[list[object]]:
    return [
        [
            f"示例{chr(0x4E00 + seed)}",
            number(seed),
            "男" if seed % 2 else "女",
            f"2020{seed:04d}",
            f"软件{seed % 3}班",
            "13800000001",
        ]
        for seed in range(start, start + count)
    ]


def sheet(rows: list[list[object]], headings: tuple[str, ...] = HEADINGS, title: str = "") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        lines = [*([[title]] if title else []), list(headings), *rows]
        for index, row in enumerate(lines):
            for column, value in enumerate(row):
                if isinstance(value, date | datetime):
                    page.write_datetime(index, column, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    page.write(index, column, value)
    return buffer.getvalue()


def stored(data: bytes, owner: Organisation) -> StoredFile:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return files.store(data=data, name="考生.xlsx", content_type=kind, organisation=owner, actor=ACTOR, now=REGISTERING)


def candidates(school: Organisation, count: int, start: int = 1) -> list[Candidate]:
    known = set(Candidate.objects.values_list("pk", flat=True))
    file = stored(sheet(people_rows(count, start)), school)
    candidate_imports.import_candidates(school=school, file=file, actor=ACTOR, now=REGISTERING)
    return list(Candidate.objects.exclude(pk__in=known).order_by("pk"))


def registered(at_world: World, count: int, start: int = 1) -> list[Registration]:
    return registrations.register(
        sitting=at_world.sitting, level=at_world.level, site=at_world.site,
        candidates=candidates(at_world.school, count, start), actor=ACTOR, now=REGISTERING,
    )  # fmt: skip


def confirmed(at_world: World, count: int) -> list[Registration]:
    rows = registered(at_world, count)
    fees.confirm_fees(registrations=rows, actor=ACTOR, now=REGISTERING)
    return list(Registration.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


SECOND = replace(
    FORM,
    name="第二次统考",
    date=date(2022, 6, 18),
    registration_opens=at(5, 10),
    registration_closes=at(6, 8, 23, 59),
    arrangement_opens=at(6, 9),
    arrangement_closes=at(6, 15, 23, 59),
    tickets_open=at(6, 16),
    tickets_close=at(6, 17, 23, 59),
)
