"""Practical tasks: the package that the judge runs, kept by content."""

from __future__ import annotations

from django.db import models


class PracticalTask(models.Model):
    """A task package (a zip in ``documents``), identified by slug and the digest of its content."""

    slug = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT, related_name="tasks")
    toolchain = models.CharField(max_length=40)
    package = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT)
    statement = models.TextField()
    total_points = models.DecimalField(max_digits=6, decimal_places=2)
    file_names = models.JSONField(default=list)
    for_practice = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["slug", "-added_at"]

    def __str__(self) -> str:
        return self.title
