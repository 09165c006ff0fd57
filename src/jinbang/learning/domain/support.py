"""Support: a school's question goes to the contact of its region, and of its tier where a region is split."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Organisation, Person
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.learning.models import SupportRegion, SupportRequest


def contact_of(school: Organisation) -> Person:
    """Who answers for ``school``: the row of its region and tier, else the region's general row.

    Refusal ``no_contact`` if the region has none.
    """
    rows = {row.tier: row for row in SupportRegion.objects.filter(region=school.region).select_related("contact")}
    row = rows.get(school.tier) or rows.get("")
    if row is None:
        raise Refusal("no_contact", _("您所在区域还没有设置联系人，请联系评价组织"))
    return row.contact


@transaction.atomic
def ask(
    *, school: Organisation, asked_by: Person, subject: str, question: str, actor: Actor, now: datetime
) -> SupportRequest:
    """Send a question to the region's contact. Effects: request, audit row."""
    if not subject.strip() or not question.strip():
        raise Refusal("question_empty", _("请填写问题标题和内容"))
    request = SupportRequest.objects.create(
        school=school,
        asked_by=asked_by,
        contact=contact_of(school),
        subject=subject.strip(),
        question=question,
        asked_at=now,
    )
    record("support.ask", request, actor=actor, now=now, data={"contact": request.contact_id})
    return request


@transaction.atomic
def answer(*, request: SupportRequest, text: str, actor: Actor, now: datetime) -> SupportRequest:
    """Answer an open question; the asker is told."""
    if not text.strip():
        raise Refusal("answer_empty", _("请填写答复内容"))
    request.answer, request.answered_at = text, now
    request.save(update_fields=["answer", "answered_at"])
    return move(request, "answer", actor=actor, now=now, audience=[{"person": request.asked_by_id}])


def reopen(*, request: SupportRequest, actor: Actor, now: datetime) -> SupportRequest:
    """The answer did not help: back to the contact."""
    return move(request, "reopen", actor=actor, now=now)


def close(*, request: SupportRequest, actor: Actor, now: datetime) -> SupportRequest:
    """Settle a question."""
    return move(request, "close", actor=actor, now=now)
