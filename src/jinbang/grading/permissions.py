"""What of results a person may see. Abilities are in ``accounts.access``; these are the rows they reach."""

from __future__ import annotations

from django.db.models import QuerySet

from jinbang.accounts.permissions import Access
from jinbang.grading.models import Result


def visible_results(access: Access) -> QuerySet[Result]:
    """The results that stand, of schools in scope; until they are released only for those who release them."""
    rows = Result.objects.filter(access.scope("result.view").q("registration__school")).exclude(state="superseded")
    if not access.can("result.release"):
        rows = rows.filter(state="released")
    return rows.select_related("registration__candidate", "registration__level", "registration__school", "rule_set")
