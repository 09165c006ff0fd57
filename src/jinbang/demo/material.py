"""Forms for the demonstration's sitting: the shipped bank and a shipped practical task, reviewed by another person."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.content.domain import forms
from jinbang.content.domain.items import current_version
from jinbang.content.domain.tasks import add_task
from jinbang.content.domain.transfer import import_bank, parse_bank
from jinbang.content.models import Form, Item, PracticalTask
from jinbang.content.models.form import Subject
from jinbang.demo.office import folder_zip
from jinbang.demo.world import actor_of

BANKS = ("bank/elementary.toml", "bank/elementary-practice.toml")
TASK = "j4-crawl-csv"
# (kind, how many items, points each): 100 points in all.
SECTIONS = (
    (Item.Kind.SINGLE, 26, Decimal(2)),
    (Item.Kind.MULTIPLE, 5, Decimal(4)),
    (Item.Kind.TRUE_FALSE, 8, Decimal(2)),
    (Item.Kind.FILL, 4, Decimal(3)),
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
    return {
        "theory": _form("2022-1-E-THEORY", level, Subject.THEORY, _theory(level), people, now),
        "practical": _form("2022-1-E-PRACTICAL", level, Subject.PRACTICAL, _practical(task), people, now),
    }


def _theory(level: CertificateLevel) -> list[forms.Entry]:
    usable = Item.objects.filter(level=level, state="accepted", for_practice=False)
    entries: list[forms.Entry] = []
    for kind, count, points in SECTIONS:
        items = usable.filter(kind=kind).order_by("code")[:count]
        entries += [forms.Entry(str(kind.label), points, version=current_version(item)) for item in items]
    return entries


def _practical(task: PracticalTask) -> list[forms.Entry]:
    return [forms.Entry("实操题", Decimal(100), task=task)]


def _form(
    code: str,
    level: CertificateLevel,
    subject: Subject,
    entries: list[forms.Entry],
    people: dict[str, Person],
    now: datetime,
) -> Form:
    form = Form.objects.filter(code=code).first()
    author, reviewer = actor_of(people["author"]), actor_of(people["reviewer"])
    if form is None:
        form = forms.compose_form(code=code, level=level, subject=subject, entries=entries, actor=author, now=now)
    if form.state == "draft":
        forms.submit_form(form=form, actor=author, now=now)
    if form.state == "in_review":
        forms.approve_form(form=form, actor=reviewer, now=now)
    return form
