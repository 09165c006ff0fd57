"""Whose files and documents a person may open."""

from __future__ import annotations

from django.db.models import QuerySet

from jinbang.accounts.permissions import Access
from jinbang.documents.models import IssuedDocument, StoredFile


def visible_files(access: Access) -> QuerySet[StoredFile]:
    """Files filed for organisations in the scope of any of the person's roles."""
    return StoredFile.objects.filter(access.scope_of_roles(access.roles).q("organisation"))


def visible_documents(access: Access) -> QuerySet[IssuedDocument]:
    """Documents that the person may print again."""
    return IssuedDocument.objects.filter(access.scope("document.print").q("organisation"))
