"""Whom the news of exams is for."""

from __future__ import annotations

from jinbang.accounts.models import Organisation, Role
from jinbang.accreditation.models import PilotApplication
from jinbang.accreditation.queries.audience import Audience, managers, site_people
from jinbang.exams.models import ExamPlan, Sitting


def concerned(plan: ExamPlan) -> Audience:
    """Managers of every school that has an approved application for the plan's certificate."""
    approved = PilotApplication.objects.filter(state="approved", level__certificate_type=plan.certificate_type)
    schools = Organisation.objects.filter(pk__in=approved.values("school")).order_by("pk")
    return [entry for school in schools for entry in managers(school)]


def taking_part(sitting: Sitting) -> Audience:
    """People of the schools and sites that have registrations in the sitting, and its exam officers."""
    rows = sitting.registrations.exclude(state="withdrawn")
    schools = Organisation.objects.filter(pk__in=rows.values("school")) | Organisation.objects.filter(
        pk__in=rows.values("site__organisation")
    )
    officers = [{"role": Role.EXAM_OFFICER.value, "organisation": sitting.plan.certificate_type.awarding_id}]
    return [*officers, *(entry for school in schools.distinct().order_by("pk") for entry in site_people(school))]
