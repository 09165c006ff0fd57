"""Whose files and documents a person may open."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from jinbang.accounts.permissions import Access
from jinbang.documents.models import IssuedDocument, StoredFile


def visible_files(access: Access) -> QuerySet[StoredFile]:
    """Files filed for organisations in the scope of any of the person's roles; where a file names an ability, in
    the scope of that."""
    open_to_all = Q(ability="") & access.scope_of_roles(access.roles).q("organisation")
    guarded = StoredFile.objects.exclude(ability="").order_by().values_list("ability", flat=True).distinct()
    mine = [Q(ability=ability) & access.scope(ability).q("organisation") for ability in guarded]
    return StoredFile.objects.filter(reduce(or_, mine, open_to_all))


def visible_documents(access: Access) -> QuerySet[IssuedDocument]:
    """Documents that the person may print again."""
    return IssuedDocument.objects.filter(access.scope("document.print").q("organisation"))
