"""Minutes that were granted to a candidate beforehand, entered in the time ledger before the exam."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from jinbang.delivery.models import Attempt, TimeEntry
from jinbang.exams.domain.seat_input import granted_to
from jinbang.exams.models import Registration, SittingSubject

#: Who asked for such an entry; those of invigilators bear a name.
ASKED_BY = "special_arrangement"


def enter_planned_time(subjects: Sequence[SittingSubject], registrations: Sequence[Registration], now: datetime) -> int:
    """Enter what approved special arrangements add to each attempt, in the caller's transaction; returns how many.

    The ledger is only added to: where an earlier preparation entered another number, the difference is entered.
    Effects: effective ``TimeEntry`` rows of cause planned.
    """
    granted = {pk: row.extra_minutes * 60 for pk, row in granted_to(registrations).items()}
    entered = TimeEntry.objects.filter(sitting_subject__in=subjects, asked_by=ASKED_BY, attempt__isnull=False)
    sums = {row["attempt"]: row["sum"] for row in entered.values("attempt").annotate(sum=Sum("seconds"))}
    concerned = Attempt.objects.filter(sitting_subject__in=subjects, registration__in=granted)
    attempts = concerned | Attempt.objects.filter(pk__in=sums)
    missing = {row: granted.get(row.registration_id, 0) - sums.get(row.pk, 0) for row in attempts.order_by("pk")}
    made = TimeEntry.objects.bulk_create(
        TimeEntry(
            sitting_subject_id=attempt.sitting_subject_id, room_session_id=attempt.room_session_id, attempt=attempt,
            seconds=seconds, cause=TimeEntry.Cause.PLANNED, asked_by=ASKED_BY, authorised_by=ASKED_BY, at=now,
        )
        for attempt, seconds in missing.items()
        if seconds
    )  # fmt: skip
    return len(made)
