"""Theory forms composed by the machine from a blueprint, practical forms from chosen tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.content.domain.forms import FULL_POINTS, Entry, compose_form
from jinbang.content.models import Form, Item, ItemVersion, PracticalTask
from jinbang.content.models.form import Subject
from jinbang.core.assembly import assemble
from jinbang.core.blueprint import BankItem, Blueprint, Quota, Section
from jinbang.core.errors import Refusal

TENTHS = 10


@dataclass(frozen=True)
class SectionWish:
    """A section of a form: a kind of item, how many, and the points of each."""

    kind: str
    count: int
    points: Decimal


@transaction.atomic
def compose_theory(
    *,
    code: str,
    level: CertificateLevel,
    sections: Sequence[SectionWish],
    seed: str,
    actor: Actor,
    now: datetime,
    difficulty: Decimal | None = None,
    skill_most: int = 0,
) -> Form:
    """Draw a theory form from the accepted items of a level; the same bank and seed give the same form.

    ``difficulty`` is the mean to aim at (the bank's own without it); ``skill_most`` bounds how many items of one skill
    point a form holds (0: no bound). Items that fewer forms hold already go first by the assembly's exposure rule.
    Effects: a draft form. Refusals: those of ``compose_form``; ``blueprint_unmet`` naming what the bank lacks.
    """
    wanted = [section for section in sections if section.count]
    if sum((section.points * section.count for section in wanted), Decimal(0)) != FULL_POINTS:
        raise Refusal("form_points", _("各题分值之和应为 100，请调整题数或分值"))
    versions = _newest_accepted(level)
    bank = [_bank_item(version) for version in versions.values()]
    blueprint = Blueprint(
        sections=tuple(Section(row.kind, row.count, int(row.points * TENTHS)) for row in wanted),
        quotas=_skill_bounds(bank, skill_most),
        difficulty=None if difficulty is None else 1 - float(difficulty),
    )
    assembly = assemble(bank, blueprint, forms=1, seed=seed)
    if not assembly.forms:
        lacks = "；".join(_translated(problem.message).format(**dict(problem.params)) for problem in assembly.problems)
        raise Refusal("blueprint_unmet", _("题库不能满足组卷要求：{lacks}"), lacks=lacks)
    points = {row.kind: row.points for row in wanted}
    entries = [
        Entry(str(Item.Kind(versions[key].item.kind).label), points[versions[key].item.kind], version=versions[key])
        for key in assembly.forms[0].items
    ]
    order = [row.kind for row in wanted]
    entries.sort(key=lambda entry: order.index(entry.version.item.kind) if entry.version else 0)
    return compose_form(code=code, level=level, subject=Subject.THEORY, entries=entries, actor=actor, now=now)


def _translated(text: str) -> str:
    return _(text)


def _newest_accepted(level: CertificateLevel) -> dict[str, ItemVersion]:
    """Item code → newest version, of accepted items that are not kept for practice."""
    rows = ItemVersion.objects.filter(item__level=level, item__state="accepted", item__for_practice=False)
    found: dict[str, ItemVersion] = {}
    for version in rows.select_related("item__skill_point").annotate(seen=Count("formentry")).order_by("number"):
        found[version.item.code] = version
    return found


def _bank_item(version: ItemVersion) -> BankItem:
    """The core's view of a version; its difficulty runs the other way (0 easy … 1 hard)."""
    return BankItem(
        key=version.item.code,
        section=version.item.kind,
        skill=version.item.skill_point.code,
        difficulty=1 - float(version.difficulty),
        exposure=getattr(version, "seen", 0),
    )


def _skill_bounds(bank: Sequence[BankItem], most: int) -> tuple[Quota, ...]:
    if not most:
        return ()
    return tuple(Quota(skill, 0, most, skill=skill) for skill in sorted({item.skill for item in bank}))


def compose_practical(
    *,
    code: str,
    level: CertificateLevel,
    tasks: Sequence[PracticalTask],
    actor: Actor,
    now: datetime,
) -> Form:
    """A practical form of one or several tasks, whose points are shared in proportion to what each is worth.

    Effects: a draft form. Refusals: those of ``compose_form``; ``no_tasks``.
    """
    if not tasks:
        raise Refusal("no_tasks", _("请至少选择一个实操任务"))
    total = sum((task.total_points for task in tasks), Decimal(0))
    shares = [(FULL_POINTS * task.total_points / total).quantize(Decimal("0.01")) for task in tasks]
    shares[-1] = FULL_POINTS - sum(shares[:-1], Decimal(0))
    entries = [Entry(_("实操题"), share, task=task) for task, share in zip(tasks, shares, strict=True)]
    return compose_form(code=code, level=level, subject=Subject.PRACTICAL, entries=entries, actor=actor, now=now)
