"""Files that were handed in, and documents that were issued."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """An uploaded file, kept by content: two uploads of the same bytes share one file on disk.

    ``ability`` (of ``accounts.access``) says who may open it at ``organisation``; empty: whoever has a role there.
    """

    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=200)
    organisation = models.ForeignKey("accounts.Organisation", null=True, on_delete=models.PROTECT)
    keep_until = models.DateField(null=True)
    ability = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class IssuedDocument(models.Model):
    """A printed document: what went in, by which template, and the hash of what came out."""

    kind = models.CharField(max_length=40, db_index=True)
    template_version = models.CharField(max_length=64)
    input = models.JSONField()
    input_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    object_type = models.CharField(max_length=80)
    object_key = models.CharField(max_length=64)
    organisation = models.ForeignKey("accounts.Organisation", null=True, on_delete=models.PROTECT)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=200)
    keep_until = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["object_type", "object_key"])]
