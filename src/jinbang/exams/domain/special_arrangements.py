"""Special arrangements: asked for by the school, decided by the awarding organisation, before seats are frozen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accreditation.queries.audience import managers
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.documents.models import StoredFile
from jinbang.exams.models import Registration, SpecialArrangement

MOST_EXTRA_MIN = 240


def request_special(
    *,
    registration: Registration,
    extra_minutes: int,
    accessible: bool,
    separate: bool,
    grounds: str,
    evidence: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> SpecialArrangement:
    """Ask for minutes added to every subject, an accessible seat, a room alone, or several of them.

    Effects: a ``SpecialArrangement``, an audit row. Refusals: ``special_empty``, ``grounds_missing``,
    ``extra_minutes``, ``special_exists``, ``seats_frozen``.
    """
    if not (extra_minutes or accessible or separate):
        raise Refusal("special_empty", _("请至少选择一项安排"))
    if not grounds.strip():
        raise Refusal("grounds_missing", _("请写明申请的依据"), field="grounds")
    if not 0 <= extra_minutes <= MOST_EXTRA_MIN:
        raise Refusal(
            "extra_minutes", _("延长时间应在 0 至 {most} 分钟之间"), most=MOST_EXTRA_MIN, field="extra_minutes"
        )
    with transaction.atomic():
        held = _locked(registration)
        _require_open(held)
        if SpecialArrangement.objects.filter(registration=held, state__in=["requested", "approved"]).exists():
            raise Refusal("special_exists", _("该报名已有待审批或获批的特殊安排，请先撤回"))
        made = SpecialArrangement.objects.create(
            registration=held,
            extra_minutes=extra_minutes,
            accessible=accessible,
            separate=separate,
            grounds=grounds.strip()[:300],
            evidence=evidence,
            requested_at=now,
            requested_by=actor.label,
        )
        data = {"extra_minutes": extra_minutes, "accessible": accessible, "separate": separate}
        record("special_arrangement.request", made, actor=actor, now=now, to_state=made.state, data=data)
    return made


def approve_special(*, special: SpecialArrangement, actor: Actor, now: datetime) -> SpecialArrangement:
    """Grant what was asked for; the next draw honours it. Effects: state, audit row, the school is told.

    Refusals: ``seats_frozen``, ``IllegalMove``.
    """
    return _decide(special, "approve", actor=actor, now=now)


def reject_special(*, special: SpecialArrangement, reason: str, actor: Actor, now: datetime) -> SpecialArrangement:
    """Refuse it, for a reason. Effects as ``approve_special``. Refusals: ``reason_required``, ``IllegalMove``."""
    with transaction.atomic():
        audience = managers(special.registration.school)
        return move(special, "reject", actor=actor, now=now, reason=reason, audience=audience)


def withdraw_special(*, special: SpecialArrangement, actor: Actor, now: datetime) -> SpecialArrangement:
    """Take the request, or what was granted, back. Refusals: ``seats_frozen``, ``IllegalMove``."""
    return _decide(special, "withdraw", actor=actor, now=now)


def _decide(special: SpecialArrangement, event: str, *, actor: Actor, now: datetime) -> SpecialArrangement:
    with transaction.atomic():
        held = _locked(special.registration)
        _require_open(held)
        return move(special, event, actor=actor, now=now, audience=managers(held.school))


def _locked(registration: Registration) -> Registration:
    rows = Registration.objects.select_for_update(of=("self",)).select_related("sitting", "school", "candidate")
    return rows.get(pk=registration.pk)


def _require_open(registration: Registration) -> None:
    """What is granted must reach the seats: not after they are frozen."""
    if registration.state not in {"registered", "confirmed"}:
        raise Refusal("seats_frozen", _("该考生已编排座位或已退考，不能再改特殊安排；确需调整请先撤销编排"))
