"""Who sits where: drawn by ``core.seating``, looked at, drawn again, frozen with ticket numbers, archived."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import Room, Seat, Site
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, move_all, record
from jinbang.core import seating
from jinbang.core.errors import Refusal
from jinbang.core.numbering import number_format
from jinbang.core.timing import may_submit, require
from jinbang.exams.domain.rules import Rules, rules_of
from jinbang.exams.domain.seat_input import granted_record, seat_input
from jinbang.exams.domain.windows import arrangement_window
from jinbang.exams.models import Arrangement, Registration, SeatAssignment, Sitting
from jinbang.exams.queries.audience import taking_part

_SEEDS = 2**53


def draw(*, sitting: Sitting, site: Site, actor: Actor, now: datetime, seed: int | None = None) -> Arrangement:
    """Draw the seats of a site's confirmed candidates; an earlier draw that was not frozen is set aside.

    Without ``seed`` one is taken from the system's randomness and kept, so that the draw can be repeated.
    Effects: an ``Arrangement`` with ``SeatAssignment`` rows, an audit row. Refusals: ``not_scheduled``,
    ``window_upcoming``, ``window_closed``, ``frozen``, ``nobody_to_seat``, ``seats_missing``,
    ``separate_room_missing``, ``accessible_missing``.
    """
    if sitting.state != "scheduled":
        raise Refusal("not_scheduled", _("本场编排已全部冻结或考试已取消，不能再编排"))
    require(may_submit(arrangement_window(sitting), now), ZONE)
    chosen = secrets.randbelow(_SEEDS) if seed is None else seed
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=site.pk)
        _set_aside(sitting, site, now)
        people = _confirmed(sitting, site)
        if not people:
            raise Refusal("nobody_to_seat", _("该站点本场没有已确认收费的考生，无需编排"))
        given = seat_input(site, people)
        drawn = seating.arrange(given.candidates, given.rooms, rules_of(sitting.plan).seating(str(chosen)))
        _refuse_unplaced(drawn)
        arrangement = Arrangement.objects.create(
            sitting=sitting,
            site=site,
            seed=chosen,
            input_sha256=drawn.input_digest,
            drawn_at=now,
            report=_report(drawn, given.granted),
        )
        _assign(arrangement, drawn.placements)
        record("arrangement.draw", arrangement, actor=actor, now=now, data={"seed": chosen, **asdict(drawn.metrics)})
    return arrangement


def freeze(*, arrangement: Arrangement, actor: Actor, now: datetime) -> Arrangement:
    """Accept a draw: every candidate gets a ticket number and is seated; the rows never change again.

    Effects: ticket numbers, registrations seated, ``frozen_at``, audit rows; when every site of the sitting
    that has confirmed candidates is frozen, the sitting becomes arranged and all concerned are told.
    Refusals: ``already_frozen``, ``discarded``, ``stale_draw`` (who is confirmed, or what was granted, changed since),
    ``number_overflow``, ``window_closed``.
    """
    with transaction.atomic():
        held = _locked(arrangement)
        _require_freezable(held, now)
        rows = _seated_in_order(held)
        if {row.registration_id for row in rows} != {row.pk for row in _confirmed(held.sitting, held.site)}:
            raise Refusal("stale_draw", _("编排后考生名单有变动，请重新编排再冻结"))
        if held.report.get("granted", {}) != granted_record([row.registration for row in rows]):
            raise Refusal("stale_draw", _("编排后特殊安排有变动，请重新编排再冻结"))
        _number(held, rows)
        move_all(
            [row.registration for row in rows], "seat", actor=actor, now=now,
            data=lambda registration: {"ticket": registration.ticket_number},
        )  # fmt: skip
        held.frozen_at = now
        held.save(update_fields=["frozen_at"])
        record("arrangement.freeze", held, actor=actor, now=now, data={"seed": held.seed, "seated": len(rows)})
        if not sites_to_freeze(held.sitting):
            move(held.sitting, "freeze_arrangement", actor=actor, now=now, audience=taking_part(held.sitting))
    return held


def reopen(*, arrangement: Arrangement, reason: str, actor: Actor, now: datetime) -> None:
    """Undo a frozen arrangement before papers are sealed; it stays in the archive, set aside.

    Effects: registrations confirmed again, ticket numbers cleared, the sitting scheduled again if it was
    arranged, audit rows, notice. Refusals: ``not_frozen``, ``sealed``, ``reason_required``.
    """
    with transaction.atomic():
        held = _locked(arrangement)
        if held.frozen_at is None or held.discarded_at is not None:
            raise Refusal("not_frozen", _("该编排尚未冻结，可直接重新编排"))
        if held.sitting.state not in {"scheduled", "arranged"}:
            raise Refusal("sealed", _("试卷已封存，不能撤销编排"))
        if not reason.strip():
            raise Refusal("reason_required", _("撤销编排必须填写理由"))
        if held.sitting.state == "arranged":
            move(
                held.sitting,
                "reopen_arrangement",
                actor=actor,
                now=now,
                reason=reason,
                audience=taking_part(held.sitting),
            )
        seated = [row.registration for row in _seated_in_order(held) if row.registration.state == "seated"]
        move_all(seated, "unseat", actor=actor, now=now, reason=reason)
        Registration.objects.filter(pk__in=[row.pk for row in seated]).update(ticket_number="")
        held.discarded_at = now
        held.save(update_fields=["discarded_at"])
        record("arrangement.reopen", held, actor=actor, now=now, reason=reason, data={"unseated": len(seated)})


def sites_to_freeze(sitting: Sitting) -> list[Site]:
    """Sites with confirmed candidates whose arrangement is not frozen."""
    waiting = Registration.objects.filter(sitting=sitting, state="confirmed").values("site")
    return list(Site.objects.filter(pk__in=waiting).order_by("code"))


def _locked(arrangement: Arrangement) -> Arrangement:
    rows = Arrangement.objects.select_for_update(of=("self",))
    return rows.select_related("sitting__plan__rule_set", "sitting__plan__certificate_type", "site__organisation").get(
        pk=arrangement.pk
    )


def _require_freezable(arrangement: Arrangement, now: datetime) -> None:
    if arrangement.discarded_at is not None:
        raise Refusal("discarded", _("该编排已作废，请使用最新的一次编排"))
    if arrangement.frozen_at is not None:
        raise Refusal("already_frozen", _("该编排已冻结"))
    require(may_submit(arrangement_window(arrangement.sitting), now), ZONE)


def _set_aside(sitting: Sitting, site: Site, now: datetime) -> None:
    current = Arrangement.objects.filter(sitting=sitting, site=site, discarded_at__isnull=True).first()
    if current is None:
        return
    if current.frozen_at is not None:
        raise Refusal("frozen", _("该站点编排已冻结并归档；如需重排，请先由考务管理员撤销"))
    current.assignments.all().delete()
    current.discarded_at = now
    current.save(update_fields=["discarded_at"])


def _confirmed(sitting: Sitting, site: Site) -> Sequence[Registration]:
    rows = Registration.objects.filter(sitting=sitting, site=site, state="confirmed")
    return list(rows.select_related("candidate", "level").order_by("pk"))


def _refuse_unplaced(drawn: seating.Arrangement) -> None:
    if drawn.unplaced:
        raise Refusal(
            "seats_missing", _("考位不足：{count} 名考生排不进现有考场，请增设考场，或允许不同级别同考场"),
            count=len(drawn.unplaced),
        )  # fmt: skip


def _report(drawn: seating.Arrangement, granted: Mapping[str, object]) -> dict[str, object]:
    notes = [{"code": note.code, "message": note.message, "params": dict(note.params)} for note in drawn.explanation]
    return {"version": drawn.version, "metrics": asdict(drawn.metrics), "notes": notes, "granted": granted}


def _assign(arrangement: Arrangement, placements: Iterable[seating.Placement]) -> None:
    seats = {
        (str(room), str(number)): pk
        for room, number, pk in Seat.objects.filter(room__site=arrangement.site).values_list(
            "room__number", "number", "pk"
        )
    }
    SeatAssignment.objects.bulk_create(
        SeatAssignment(
            arrangement=arrangement, registration_id=int(placed.candidate), seat_id=seats[placed.room, placed.seat]
        )
        for placed in placements
    )


def _seated_in_order(arrangement: Arrangement) -> list[SeatAssignment]:
    rows = arrangement.assignments.select_related(
        "registration__level", "registration__candidate", "registration__sitting", "seat__room"
    )
    return list(rows.order_by("seat__room__number", "seat__number"))


def _number(arrangement: Arrangement, rows: Sequence[SeatAssignment]) -> None:
    """Ticket numbers: the seat part counts from 1 without a gap through each room in S order."""
    rules: Rules = rules_of(arrangement.sitting.plan)
    layout = number_format(rules.ticket_format)
    serials: dict[int, int] = defaultdict(int)
    for row in rows:
        room: Room = row.seat.room
        serials[room.pk] += 1
        values: Mapping[str, int] = {
            "level": row.registration.level.rank,
            "sitting": int(arrangement.sitting.code),
            "site": int(arrangement.site.code),
            "room": room.number,
            "seat": serials[room.pk],
        }
        row.registration.ticket_number = layout.format(**{name: values[name] for name in layout.names})
    Registration.objects.bulk_update([row.registration for row in rows], ["ticket_number"], batch_size=500)
