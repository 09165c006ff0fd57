"""Registering candidates for a sitting, in batches, and withdrawing them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import CertificateLevel, PilotApplication, Site
from jinbang.accreditation.queries.sites import capacity
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, move_all, record
from jinbang.core.errors import Refusal, RowError, RowErrors
from jinbang.core.timing import WindowStatus, may_submit, require
from jinbang.exams.domain.fees import charge, refund
from jinbang.exams.domain.rules import rules_of
from jinbang.exams.domain.windows import registration_window
from jinbang.exams.models import Candidate, Registration, Sitting


def register(
    *,
    sitting: Sitting,
    level: CertificateLevel,
    site: Site,
    candidates: Collection[Candidate],
    actor: Actor,
    now: datetime,
) -> list[Registration]:
    """Register candidates for one level of a sitting at a site: all of them or none.

    Effects, in one transaction: a ``Registration`` each, their fees booked, one audit row on the sitting that
    names them. Refusals: ``sitting_closed``, ``window_upcoming``, ``window_closed``, ``level_not_offered``,
    ``site_not_live``, ``nobody``, ``not_a_pilot``, ``site_full``, ``no_price``; ``RowErrors`` naming every
    candidate who is registered already (one level a person a sitting).
    """
    _require_sitting(sitting, level, now)
    with transaction.atomic():
        # Site first, candidates second, always in key order: two batches cannot wait for each other.
        held = Site.objects.select_for_update(of=("self",)).get(pk=site.pk)
        people = list(_locked(candidates))
        _require_site(held, sitting, len(people))
        _require_pilot(people, level)
        _require_unregistered(people, sitting)
        made = Registration.objects.bulk_create(
            Registration(
                candidate=person, sitting=sitting, level=level, site=held, school=person.school, registered_at=now
            )
            for person in people
        )
        charge(made, sitting=sitting, now=now)
        record(
            "registration.create", sitting, actor=actor, now=now,
            data={"level": level.code, "site": held.code, "registrations": [row.pk for row in made]},
        )  # fmt: skip
    return made


def withdraw(
    *, registrations: Collection[Registration], actor: Actor, now: datetime, reason: str = ""
) -> list[Registration]:
    """Withdraw registrations: all of them or none. A seated one needs a reason; its seat stays in the archive.

    Effects: state withdrawn, audit rows, fee and payment undone (in full while registration is open, later by
    the plan's percentage). Refusals: ``sitting_begun``, ``reason_required``; ``RowErrors`` naming those
    who cannot be withdrawn.
    """
    with transaction.atomic():
        rows = list(_locked_registrations(registrations))
        for percent in {_refund_percent(row.sitting, now) for row in rows}:
            group = [row for row in rows if _refund_percent(row.sitting, now) == percent]
            move_all(group, "withdraw", actor=actor, now=now, reason=reason, data=_refunded(percent))
            refund(group, percent=percent, now=now)
    return rows


def cancel_sitting(*, sitting: Sitting, reason: str, actor: Actor, now: datetime) -> Sitting:
    """Call a sitting off and give every fee back in full.

    Effects: registrations withdrawn with full refunds, state cancelled, audit rows, notices. Raises
    ``IllegalMove`` once the sitting runs.
    """
    with transaction.atomic():
        rows = list(_locked_registrations(sitting.registrations.exclude(state="withdrawn")))
        audience = [{"role": "school_manager", "organisation": pk} for pk in sorted({row.school_id for row in rows})]
        move(sitting, "cancel", actor=actor, now=now, reason=reason, audience=audience)
        move_all(rows, "withdraw", actor=actor, now=now, reason=reason, data=_refunded(100))
        refund(rows, percent=100, now=now)
    return sitting


def _refunded(percent: int) -> Callable[[Registration], Mapping[str, int]]:
    return lambda _row: {"refund_percent": percent}


def free_seats(site: Site, sitting: Sitting) -> int:
    """Seats of ``site`` that nobody is registered for in ``sitting``."""
    taken = Registration.objects.filter(site=site, sitting=sitting).exclude(state="withdrawn").count()
    return capacity(site) - taken


def _require_sitting(sitting: Sitting, level: CertificateLevel, now: datetime) -> None:
    if sitting.plan.state != "published" or sitting.state != "scheduled":
        raise Refusal("sitting_closed", _("该场考试未发布、已编排或已取消，不能报名"))
    require(may_submit(registration_window(sitting), now), ZONE)
    if not sitting.levels.filter(pk=level.pk).exists():
        raise Refusal("level_not_offered", _("本场不开考{level}，请选择其他级别或场次"), level=str(level))


def _require_site(site: Site, sitting: Sitting, wanted: int) -> None:
    if site.state != "live":
        raise Refusal("site_not_live", _("考核站点“{site}”尚未启用或已暂停，请选择其他站点"), site=site.name)
    if not wanted:
        raise Refusal("nobody", _("请至少选择一名考生"))
    free = free_seats(site, sitting)
    if wanted > free:
        raise Refusal(
            "site_full", _("站点“{site}”本场还剩 {free} 个考位，不够 {wanted} 人；请增设考场或分到其他站点"),
            site=site.name, free=free, wanted=wanted,
        )  # fmt: skip


def _require_pilot(people: Sequence[Candidate], level: CertificateLevel) -> None:
    schools = {person.school_id: person.school for person in people}
    approved = PilotApplication.objects.filter(state="approved", level=level, school__in=schools)
    missing = set(schools) - set(approved.values_list("school_id", flat=True))
    if missing:
        names = "、".join(sorted(schools[pk].name for pk in missing))
        raise Refusal(
            "not_a_pilot", _("{schools}没有获批的{level}试点申报，不能为该级别报名"), schools=names, level=str(level)
        )


def _require_unregistered(people: Sequence[Candidate], sitting: Sitting) -> None:
    rows = Registration.objects.filter(sitting=sitting, candidate__in=people).exclude(state="withdrawn")
    taken = {row.candidate_id: row for row in rows.select_related("level")}
    errors = [
        RowError(
            index, person.name, _("已报名本场{level}；同一场只能报一个级别").format(level=taken[person.pk].level.name),
            person.id_mask, "registered",
        )
        for index, person in enumerate(people, 1)
        if person.pk in taken
    ]  # fmt: skip
    if errors:
        raise RowErrors(errors, _("有 {count} 名考生已报名本场，未登记任何人").format(count=len(errors)))


def _locked(candidates: Collection[Candidate]) -> Sequence[Candidate]:
    rows = Candidate.objects.select_for_update(of=("self",)).select_related("school")
    return list(rows.filter(pk__in=[person.pk for person in candidates]).order_by("pk"))


def _locked_registrations(registrations: Collection[Registration]) -> Sequence[Registration]:
    rows = Registration.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in registrations])
    return list(rows.select_related("sitting__plan__rule_set", "candidate", "level").order_by("pk"))


def _refund_percent(sitting: Sitting, now: datetime) -> int:
    if sitting.state not in {"scheduled", "arranged", "sealed"}:
        raise Refusal("sitting_begun", _("考试已开始或已取消，不能退考"))
    still_open = registration_window(sitting).status(now) is not WindowStatus.CLOSED
    return 100 if still_open else rules_of(sitting.plan).refund_after_close_percent
