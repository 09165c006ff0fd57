"""What of exams a person may see. Abilities are in ``accounts.access``; these are the rows they reach."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import Access
from jinbang.exams.models import (
    Arrangement,
    Candidate,
    CandidateImport,
    ExamPlan,
    InvigilatorAssignment,
    LedgerTransaction,
    Registration,
    Sitting,
    SpecialArrangement,
)


def visible_plans(access: Access) -> QuerySet[ExamPlan]:
    """Every published plan for those who see plans; drafts for those who make them."""
    rows = ExamPlan.objects.select_related("certificate_type", "rule_set")
    if access.can("plan.manage"):
        return rows
    return rows.exclude(state="draft") if access.can("plan.view") else rows.none()


def visible_sittings(access: Access) -> QuerySet[Sitting]:
    """Sittings of visible plans."""
    return Sitting.objects.filter(plan__in=visible_plans(access)).select_related(
        "plan__certificate_type", "plan__rule_set"
    )


def visible_candidates(access: Access) -> QuerySet[Candidate]:
    """Candidates of schools in scope."""
    return Candidate.objects.filter(access.scope("candidate.view").q("school")).select_related("school")


def visible_imports(access: Access) -> QuerySet[CandidateImport]:
    """Sheets taken in for schools in scope."""
    return CandidateImport.objects.filter(access.scope("candidate.import").q("school")).select_related("school", "file")


def visible_registrations(access: Access) -> QuerySet[Registration]:
    """Registrations of schools in scope, and those at sites in scope."""
    scope = access.scope("registration.view")
    rows = Registration.objects.filter(scope.q("school") | scope.q("site__organisation"))
    return rows.select_related("candidate", "sitting", "level", "site", "school")


def visible_specials(access: Access) -> QuerySet[SpecialArrangement]:
    """Special arrangements of candidates of schools in scope: their grounds are nobody else's business."""
    rows = SpecialArrangement.objects.filter(access.scope("special_arrangement.view").q("registration__school"))
    return rows.select_related(
        "registration__candidate", "registration__sitting", "registration__level", "registration__site__organisation",
        "registration__school", "evidence",
    )  # fmt: skip


def visible_arrangements(access: Access) -> QuerySet[Arrangement]:
    """Draws of sites in scope."""
    rows = Arrangement.objects.filter(access.scope("arrangement.view").q("site__organisation"))
    return rows.select_related("sitting__plan__rule_set", "site__organisation")


def visible_invigilation(access: Access) -> QuerySet[InvigilatorAssignment]:
    """Duties at sites in scope."""
    rows = InvigilatorAssignment.objects.filter(access.scope("arrangement.view").q("site__organisation"))
    return rows.select_related("person", "room", "site__organisation", "sitting")


def visible_bookings(access: Access) -> QuerySet[LedgerTransaction]:
    """Bookings of schools in scope (through the registration) and of sites in scope."""
    scope = access.scope("ledger.view")
    mine = Q(site__organisation__in=Organisation.objects.filter(scope.q())) | scope.q("registration__school")
    return LedgerTransaction.objects.filter(mine)
