"""Textbooks, courseware, source code, answer keys."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Resource(models.Model):
    """Something to read or download; ``teachers_only`` for answer keys."""

    class Kind(models.TextChoices):
        TEXTBOOK = "textbook", _("教材")
        COURSEWARE = "courseware", _("课件")
        SOURCE = "source", _("源码")
        ANSWERS = "answers", _("习题参考答案")
        MEETING = "meeting", _("考务培训会资料")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    level = models.ForeignKey("accreditation.CertificateLevel", null=True, blank=True, on_delete=models.PROTECT)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT)
    teachers_only = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["kind", "title"]

    def __str__(self) -> str:
        return self.title


class ResourceDownload(models.Model):
    """That someone fetched a resource."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="downloads")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE)
    at = models.DateTimeField()
