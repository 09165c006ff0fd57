"""Forms for the demonstration's sitting: the shipped bank and a shipped practical task, reviewed by another person."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.content.domain import forms
from jinbang.content.domain.compose import SectionWish, compose_practical, compose_theory
from jinbang.content.domain.tasks import add_task
from jinbang.content.domain.transfer import import_bank, parse_bank
from jinbang.content.models import Form, Item
from jinbang.demo.office import folder_zip
from jinbang.demo.world import actor_of
from jinbang.judge.package import load_folder, to_zip, variant

BANKS = ("bank/elementary.toml", "bank/elementary-practice.toml")
TASK = "j4-crawl-csv"
PRACTICE_TASKS = ("j1-warehouse", "j2-scores")
THEORY_CODE, PRACTICAL_CODE = "2022-1-E-THEORY", "2022-1-E-PRACTICAL"
# 100 points in all.
SECTIONS = (
    SectionWish(Item.Kind.SINGLE.value, 26, Decimal(2)),
    SectionWish(Item.Kind.MULTIPLE.value, 5, Decimal(4)),
    SectionWish(Item.Kind.TRUE_FALSE.value, 8, Decimal(2)),
    SectionWish(Item.Kind.FILL.value, 4, Decimal(3)),
)


def task_folder(slug: str = TASK) -> Path:
    """The folder of a shipped practical task."""
    return Path(str(files("jinbang.judge") / "tasks" / slug))


def prepare_forms(level: CertificateLevel, people: dict[str, Person], now: datetime) -> dict[str, Form]:
    """The approved theory and practical form; made once."""
    author, reviewer = people["author"], people["reviewer"]
    for name in BANKS:
        bank = parse_bank((files("jinbang.content") / name).read_text(encoding="utf-8"))
        import_bank(bank=bank, level=level, author=author, reviewer=reviewer, actor=actor_of(author), now=now)
    task = add_task(
        package=folder_zip(task_folder()), certificate_type=level.certificate_type, actor=actor_of(author), now=now
    )
    for slug in PRACTICE_TASKS:
        package = to_zip(variant(load_folder(task_folder(slug)), "practice").files)
        add_task(
            package=package, certificate_type=level.certificate_type, actor=actor_of(author), now=now, for_practice=True
        )
    author_acts = actor_of(author)
    theory = Form.objects.filter(code=THEORY_CODE).first() or compose_theory(
        code=THEORY_CODE, level=level, sections=SECTIONS, seed="2022-1", actor=author_acts, now=now
    )
    practical = Form.objects.filter(code=PRACTICAL_CODE).first() or compose_practical(
        code=PRACTICAL_CODE, level=level, tasks=[task], actor=author_acts, now=now
    )
    return {"theory": _approved(theory, people, now), "practical": _approved(practical, people, now)}


def _approved(form: Form, people: dict[str, Person], now: datetime) -> Form:
    """Through review, by another person than the author."""
    if form.state == "draft":
        forms.submit_form(form=form, actor=actor_of(people["author"]), now=now)
    if form.state == "in_review":
        forms.approve_form(form=form, actor=actor_of(people["reviewer"]), now=now)
    return form
