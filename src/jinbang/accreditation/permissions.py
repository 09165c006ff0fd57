"""What of accreditation a person may see. Abilities are in ``accounts.access``; these are the rows they reach."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jinbang.accounts.models import Organisation
from jinbang.accounts.permissions import Access
from jinbang.accreditation.models import (
    Agreement,
    DeclarationPlan,
    MajorAddition,
    PilotApplication,
    Room,
    Site,
)


def visible_declarations(access: Access) -> QuerySet[DeclarationPlan]:
    """Plans of authorities in scope, and published ones of the authority above a school in scope."""
    scope = access.scope("declaration.view")
    rows = DeclarationPlan.objects.select_related("authority")
    if scope.everything:
        return rows
    own = scope.q("authority")
    below = Organisation.objects.filter(scope.q(), kind=Organisation.Kind.SCHOOL)
    above = Q(authority__in=below.values("parent")) | Q(authority__in=below.values("parent__parent"))
    return rows.filter(own | (above & ~Q(state="draft")))


def visible_applications(access: Access) -> QuerySet[PilotApplication]:
    """Applications of schools in scope; an authority does not see drafts."""
    rows = PilotApplication.objects.filter(access.scope("pilot_application.view").q("school"))
    editors = access.scope("pilot_application.edit").q("school") if access.can("pilot_application.edit") else None
    hidden = Q(state__in=["draft", "discarded"], submitted_at__isnull=True)
    rows = rows.filter(~hidden | editors) if editors is not None else rows.exclude(hidden)
    return rows.select_related("plan__authority", "school__parent__parent", "level__certificate_type")


def visible_major_additions(access: Access) -> QuerySet[MajorAddition]:
    """Requests of schools in scope."""
    return MajorAddition.objects.filter(access.scope("major_addition.view").q("school")).select_related("school")


def visible_sites(access: Access) -> QuerySet[Site]:
    """Sites of schools in scope; drafts only for those who edit them."""
    rows = Site.objects.filter(access.scope("site.view").q("organisation"))
    if access.can("site.edit"):
        rows = rows.filter(~Q(state="draft") | access.scope("site.edit").q("organisation"))
    else:
        rows = rows.exclude(state="draft")
    return rows.select_related("organisation")


def visible_rooms(access: Access) -> QuerySet[Room]:
    """Rooms of visible sites."""
    return Room.objects.filter(site__in=visible_sites(access)).select_related("site__organisation")


def visible_agreements(access: Access) -> QuerySet[Agreement]:
    """Agreements of visible sites."""
    return Agreement.objects.filter(site__in=visible_sites(access)).select_related("site__organisation", "scan")
