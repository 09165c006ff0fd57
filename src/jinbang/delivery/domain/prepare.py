"""From a frozen arrangement to everything that a sitting needs: room sessions, paper sets, attempts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.models import CertificateLevel, Room
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.models import Form
from jinbang.content.models.form import Subject
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.planned_time import enter_planned_time
from jinbang.delivery.models import Attempt, PaperSet, RoomSession
from jinbang.exams.domain.rules import rules_of
from jinbang.exams.models import SeatAssignment, Sitting, SittingSubject

_PIP = re.compile(r"pip install ([A-Za-z0-9_.-]+)")
Forms = Mapping[tuple[str, int], Form]


@dataclass(frozen=True)
class Prepared:
    """How much there is for a sitting now, and how much of it this call made."""

    room_sessions: int
    paper_sets: int
    attempts: int
    new_attempts: int


@transaction.atomic
def prepare_sitting(*, sitting: Sitting, actor: Actor, now: datetime, forms: Forms | None = None) -> Prepared:
    """Make room sessions, paper sets and attempts of ``sitting`` from its frozen arrangements.

    ``forms`` names the form of (subject, level id); without it the newest approved one is taken. Repeatable: what is
    there stays, what is missing is added, a seat that was drawn anew is followed as long as nobody signed in.
    Effects: ``RoomSession``, ``PaperSet``, ``Attempt`` rows, granted minutes in the time ledger; an audit row.
    Refusals: ``arrangement_missing``, ``form_missing``.
    """
    placed = list(
        SeatAssignment.objects.filter(
            arrangement__sitting=sitting,
            arrangement__frozen_at__isnull=False,
            arrangement__discarded_at__isnull=True,
            registration__state="seated",
        ).select_related("registration__candidate", "registration__level", "seat__room")
    )
    if not placed:
        raise Refusal("arrangement_missing", _("本场还没有定稿的考场编排，请先编排并定稿"))
    subjects = list(sitting.subjects.all())
    sessions = _room_sessions(sitting, subjects, {a.seat.room for a in placed}, now)
    sets = _paper_sets(subjects, {a.registration.level for a in placed}, forms or {})
    made = 0
    for subject in subjects:
        made += _attempts(subject, placed, sessions, sets)
    enter_planned_time(subjects, [assignment.registration for assignment in placed], now)
    total = Attempt.objects.filter(sitting_subject__in=subjects).count()
    found = Prepared(len(sessions), len(sets), total, made)
    record("sitting.prepare", sitting, actor=actor, now=now, data={"attempts": total, "new": made})
    return found


def _room_sessions(
    sitting: Sitting, subjects: Iterable[SittingSubject], rooms: Iterable[Room], now: datetime
) -> dict[tuple[int, int], RoomSession]:
    found = {}
    for subject in subjects:
        ends = subject.starts_at + timedelta(minutes=subject.minutes)
        rules = _rules(sitting, subject)
        for room in rooms:
            session, _made = RoomSession.objects.get_or_create(
                sitting_subject=subject,
                room=room,
                defaults={"go_at": subject.starts_at, "ends_at": ends, "rules": rules},
            )
            found[subject.pk, room.pk] = session
    return found


def _rules(sitting: Sitting, subject: SittingSubject) -> dict[str, Any]:
    """What holds in the rooms of a subject; there is a work folder in the practical only."""
    rules: dict[str, Any] = dict(rules_of(sitting.plan).room_rules())
    rules["workspace_snapshots"] = rules["workspace_snapshots"] and subject.subject == Subject.PRACTICAL
    if rules["workspace_snapshots"]:
        rules["packages"] = {level.name: pip_packages(level) for level in sitting.levels.all()}
    return rules


def pip_packages(level: CertificateLevel) -> list[str]:
    """What the level's published software list installs by pip, for the check tool: names as pip has them."""
    commands = level.software.order_by("position").values_list("download_url", flat=True)
    return [found.group(1) for text in commands if (found := _PIP.search(text))]


def _paper_sets(
    subjects: Iterable[SittingSubject], levels: Iterable[CertificateLevel], forms: Forms
) -> dict[tuple[int, int], PaperSet]:
    found = {}
    for subject in subjects:
        for level in levels:
            known = PaperSet.objects.exclude(state="discarded").filter(sitting_subject=subject, level=level).first()
            found[subject.pk, level.pk] = known or PaperSet.objects.create(
                sitting_subject=subject,
                level=level,
                form=forms.get((subject.subject, level.pk)) or _newest_form(subject, level),
                not_before=subject.starts_at - timedelta(minutes=60),
                seed=secrets.randbits(62),
            )
    return found


def suitable_forms(paper_set: PaperSet) -> QuerySet[Form]:
    """Approved forms that ``paper_set`` could hold, the newest first."""
    subject = paper_set.sitting_subject.subject
    approved = Form.objects.filter(level=paper_set.level_id, subject=subject, state="approved")
    return approved.order_by("-created_at", "-pk")


def choose_form(*, paper_set: PaperSet, form: Form, actor: Actor, now: datetime) -> PaperSet:
    """Put another form into a set that is not sealed.

    Effects: ``form``, an audit row. Refusals: ``sealed_already``, ``form_unfit`` (other level or subject, or not
    approved).
    """
    with transaction.atomic():
        paper_set = PaperSet.objects.select_for_update().get(pk=paper_set.pk)
        if paper_set.state != "preparing":
            raise Refusal("sealed_already", _("这套试卷已经封存，不能再换；确需更换请先作废"))
        if not suitable_forms(paper_set).filter(pk=form.pk).exists():
            raise Refusal("form_unfit", _("只能选用同一级别、同一科目并已审定的试卷"), field="form")
        data = {"from": paper_set.form.code, "to": form.code}
        paper_set.form = form
        paper_set.save(update_fields=["form"])
        record("sealed_paper_set.choose_form", paper_set, actor=actor, now=now, data=data)
    return paper_set


def _newest_form(subject: SittingSubject, level: CertificateLevel) -> Form:
    approved = Form.objects.filter(level=level, subject=subject.subject, state="approved")
    form = approved.order_by("-created_at", "-pk").first()
    if form is None:
        raise Refusal(
            "form_missing",
            _("{level}{subject}还没有审定的试卷，请先组卷并审定"),
            level=level.name,
            subject=subject.get_subject_display(),
        )
    return form


def _attempts(
    subject: SittingSubject,
    placed: Iterable[SeatAssignment],
    sessions: Mapping[tuple[int, int], RoomSession],
    sets: Mapping[tuple[int, int], PaperSet],
) -> int:
    known = {attempt.registration_id: attempt for attempt in Attempt.objects.filter(sitting_subject=subject)}
    fresh, moved = [], []
    for assignment in placed:
        registration, seat = assignment.registration, assignment.seat
        session = sessions[subject.pk, seat.room_id]
        attempt = known.get(registration.pk)
        if attempt is None:
            fresh.append(
                Attempt(
                    registration=registration,
                    sitting_subject=subject,
                    paper_set=sets[subject.pk, registration.level_id],
                    room_session=session,
                    seat=seat,
                    ticket_number=registration.ticket_number,
                    id_hash=registration.candidate.id_hash,
                    candidate_name=registration.candidate.name,
                )
            )
        elif attempt.generation == 0 and attempt.seat_id != seat.pk:
            attempt.seat, attempt.room_session = seat, session
            moved.append(attempt)
    Attempt.objects.bulk_create(fresh, batch_size=500)
    Attempt.objects.bulk_update(moved, ["seat", "room_session"], batch_size=500)
    return len(fresh)
