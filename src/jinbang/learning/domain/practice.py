"""Mock practice: a form drawn from accepted items, answered at leisure, scored at once and explained."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.models import Item, ItemVersion
from jinbang.core.errors import Refusal
from jinbang.core.scoring import Blank, ItemKey, ItemType, Mark, Partial, rounded, score_item
from jinbang.learning.models import PracticeRun, TeacherLink

ITEMS_A_RUN = 20
FULL = Decimal(100)


def practice_items(level: CertificateLevel) -> QuerySet[Item]:
    """Accepted items of a level that are released for practice: answers are shown, so no examination may use them."""
    return Item.objects.filter(level=level, state="accepted", for_practice=True)


@transaction.atomic
def start_practice(*, student: Person, level: CertificateLevel, seed: int, actor: Actor, now: datetime) -> PracticeRun:
    """Draw up to 20 practice items of a level by ``seed``. Refusal ``practice_empty`` if there is none.

    Effects: the run, an audit row.
    """
    items = list(practice_items(level).order_by("pk").prefetch_related("versions"))
    if not items:
        raise Refusal("practice_empty", _("该级别还没有可练习的试题"))
    rng = random.Random(seed)  # noqa: S311 — drawing practice items is no secret
    drawn = rng.sample(items, min(ITEMS_A_RUN, len(items)))
    versions = [max(item.versions.all(), key=lambda version: version.number).pk for item in drawn]
    run = PracticeRun.objects.create(student=student, level=level, seed=seed, items=versions, started_at=now)
    record("practice.start", run, actor=actor, now=now)
    return run


@transaction.atomic
def finish_practice(
    *, run: PracticeRun, answers: Mapping[str, Sequence[str]], actor: Actor, now: datetime
) -> PracticeRun:
    """Score a run. ``answers`` maps the item version's key (as text) to the chosen options or the typed text.

    Effects: answers, score, audit row. Refusal ``practice_finished`` on a second hand-in.
    """
    run = PracticeRun.objects.select_for_update().get(pk=run.pk)
    if run.finished_at is not None:
        raise Refusal("practice_finished", _("本次练习已经交卷，请开始新的练习"))
    drawn = {str(key) for key in run.items}
    run.answers = {key: list(value) for key, value in answers.items() if key in drawn}
    marks = [mark for _version, mark in marked(run)]
    share = sum((mark.awarded for mark in marks), Decimal(0)) / len(marks)
    run.score = rounded(share * FULL, 1)
    run.finished_at = now
    run.save(update_fields=["answers", "score", "finished_at"])
    record("practice.finish", run, actor=actor, now=now, data={"score": str(run.score)})
    return run


def marked(run: PracticeRun) -> list[tuple[ItemVersion, Mark]]:
    """Each item of a run with its mark (out of 1), in the order drawn."""
    versions = ItemVersion.objects.select_related("item").in_bulk(run.items)
    ordered = [versions[key] for key in run.items]
    return [(version, score_item(item_key(version), run.answers.get(str(version.pk), []))) for version in ordered]


def item_key(version: ItemVersion) -> ItemKey:
    """The scoring key of an item version, worth one point."""
    fill = version.item.kind == Item.Kind.FILL
    return ItemKey(
        item=version.item.code,
        version=version.number,
        type=ItemType.FILL_IN if fill else ItemType(version.item.kind),
        points=Decimal(1),
        correct=frozenset() if fill else frozenset(version.answer),
        blanks=(Blank(tuple(version.answer)),) if fill else (),
        partial=Partial.HALF,
    )


def students_of(teacher: Person) -> Any:
    """The teacher's students with number of practices, best and mean score (finished practices only)."""
    done = Q(practice_runs__finished_at__isnull=False)
    return (
        Person.objects.filter(teachers__teacher=teacher)
        .annotate(
            practices=Count("practice_runs", filter=done),
            best=Max("practice_runs__score", filter=done),
            mean=Avg("practice_runs__score", filter=done),
            last=Max("practice_runs__finished_at", filter=done),
        )
        .order_by("name", "pk")
    )


@transaction.atomic
def link_student(*, teacher: Person, student: Person, actor: Actor, now: datetime) -> TeacherLink:
    """Let a teacher follow a student's practice. Both must belong to one school; linking twice changes nothing."""
    if teacher.home_organisation_id is None or teacher.home_organisation_id != student.home_organisation_id:
        raise Refusal("other_school", _("教师与学生不属于同一院校，不能关联"))
    link, created = TeacherLink.objects.get_or_create(teacher=teacher, student=student)
    if created:
        record("practice.link", link, actor=actor, now=now)
    return link
