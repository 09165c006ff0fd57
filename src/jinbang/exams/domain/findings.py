"""What a planner should look at in a calendar before publishing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from jinbang.accreditation.domain.declarations import window_of
from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import DeclarationPlan
from jinbang.core.calendars import Finding, SittingCalendar, TrainingDay, calendar_findings
from jinbang.core.timing import Window
from jinbang.exams.domain.windows import arrangement_window, registration_window, tickets_window
from jinbang.exams.models import ExamPlan, Sitting


def calendar_of(sitting: Sitting) -> SittingCalendar:
    """The stages of ``sitting``; the exam runs from the first subject's start to the last one's end."""
    subjects = sorted(sitting.subjects.all(), key=lambda subject: subject.starts_at)
    last = subjects[-1]
    return SittingCalendar(
        name=sitting.name,
        registration=registration_window(sitting),
        arrangement=arrangement_window(sitting),
        tickets=tickets_window(sitting),
        exam=Window(subjects[0].starts_at, last.starts_at + timedelta(minutes=last.minutes)),
    )


def findings_of(
    calendars: Sequence[SittingCalendar],
    *,
    trainings: Sequence[TrainingDay] = (),
    declarations: Sequence[tuple[str, Window]] = (),
) -> tuple[Finding, ...]:
    """All findings, gravest first."""
    return calendar_findings(calendars, ZONE, trainings=trainings, declarations=declarations)


def planner_findings(plan: ExamPlan, trainings: Sequence[TrainingDay] = ()) -> tuple[Finding, ...]:
    """Findings about every sitting of the plan's year and certificate, with the declaration plans of that year.

    Training days belong to another part of the programme; the caller passes them in.
    """
    sittings = Sitting.objects.filter(
        plan__certificate_type=plan.certificate_type, plan__year=plan.year, plan__state__in=["draft", "published"]
    ).exclude(state="cancelled")
    declarations = DeclarationPlan.objects.filter(year=plan.year, state="published").select_related("authority")
    return findings_of(
        [calendar_of(sitting) for sitting in sittings.prefetch_related("subjects")],
        trainings=trainings,
        declarations=[(row.authority.name, window_of(row)) for row in declarations],
    )
