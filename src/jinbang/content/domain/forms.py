"""Forms: composed from approved material, reviewed by another person, then never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.audit.models import AuditRow
from jinbang.content.models import Form, FormEntry, ItemVersion, PracticalTask
from jinbang.core.errors import Refusal

FULL_POINTS = Decimal(100)


@dataclass(frozen=True)
class Entry:
    """One entry to be placed on a form: exactly one of ``version`` and ``task``."""

    section: str
    points: Decimal
    version: ItemVersion | None = None
    task: PracticalTask | None = None


@transaction.atomic
def compose_form(
    *,
    code: str,
    level: CertificateLevel,
    subject: str,
    entries: Sequence[Entry],
    actor: Actor,
    now: datetime,
    shuffle: bool = True,
) -> Form:
    """Create a draft form. Every subject is worth 100 points, so the entries' points must add up to that.

    Effects: form, entries, audit row. Refusals: ``form_code_taken``, ``form_points``, ``form_entries`` (an item that
    is not accepted, of another level, or twice), ``form_practice`` (an item whose answer everyone can practise).
    """
    if Form.objects.filter(code=code).exists():
        raise Refusal("form_code_taken", _("试卷编号 {taken} 已被使用"), taken=code)
    total = sum((entry.points for entry in entries), Decimal(0))
    if total != FULL_POINTS:
        raise Refusal("form_points", _("各题分值之和为 {total}，应为 100"), total=total)
    _require_usable(entries, level)
    form = Form.objects.create(
        code=code,
        level=level,
        subject=subject,
        created_at=now,
        shuffle_items=shuffle,
        shuffle_options=shuffle,
    )
    FormEntry.objects.bulk_create(
        FormEntry(
            form=form,
            position=position,
            section=entry.section,
            item_version=entry.version,
            task=entry.task,
            points=entry.points,
        )
        for position, entry in enumerate(entries, start=1)
    )
    record("form.compose", form, actor=actor, now=now, data={"entries": len(entries)})
    return form


def _require_usable(entries: Sequence[Entry], level: CertificateLevel) -> None:
    seen: set[tuple[str, int]] = set()
    for entry in entries:
        if (entry.version is None) == (entry.task is None):
            raise Refusal("form_entries", _("每个条目应当是一道试题或一个实操任务"))
        if entry.version is not None:
            item, key, label = entry.version.item, ("item", entry.version.item_id), entry.version.item.code
            usable = item.state == "accepted" and item.level_id == level.pk
            if item.for_practice:
                raise Refusal("form_practice", _("“{label}”是公开练习题，不能用于考试"), label=label)
        else:
            assert entry.task is not None
            key, label = ("task", entry.task.pk), entry.task.title
            usable = entry.task.level_id == level.pk
        if not usable:
            raise Refusal("form_entries", _("“{label}”未审核通过或不属于该级别，不能入卷"), label=label)
        if key in seen:
            raise Refusal("form_entries", _("“{label}”在卷中出现了两次"), label=label)
        seen.add(key)


def submit_form(*, form: Form, actor: Actor, now: datetime) -> Form:
    """Hand a draft form to its reviewer."""
    return move(form, "submit", actor=actor, now=now)


@transaction.atomic
def approve_form(*, form: Form, actor: Actor, now: datetime) -> Form:
    """Approve a form in review; from then on it can be sealed into papers.

    Refusal ``own_form``: who composed a form does not approve it.
    """
    if composer_of(form) == actor.key:
        raise Refusal("own_form", _("不能审定自己组的试卷，请由他人审定"))
    return move(form, "approve", actor=actor, now=now)


def composer_of(form: Form) -> str:
    """The key of the actor who composed the form, from the audit log; empty if the log does not say."""
    rows = AuditRow.objects.filter(object_type="content.form", object_key=str(form.pk), action="form.compose")
    return rows.order_by("seq").values_list("actor_key", flat=True).first() or ""


def return_form(*, form: Form, reason: str, actor: Actor, now: datetime) -> Form:
    """Send a form back to draft with a reason."""
    return move(form, "return", actor=actor, now=now, reason=reason)


def retire_form(*, form: Form, reason: str, actor: Actor, now: datetime) -> Form:
    """Take an approved form out of use; papers that were sealed from it keep it."""
    return move(form, "retire", actor=actor, now=now, reason=reason)
