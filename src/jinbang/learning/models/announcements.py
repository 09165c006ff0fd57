"""Announcements: what people of some roles, in some places, are told for a time; and who has read them."""

from __future__ import annotations

from django.db import models


class Announcement(models.Model):
    """A notice on people's home pages, such as the exam-affairs meeting two weeks before a sitting.

    It is for those who hold one of ``audience_roles`` (none: any) in one of ``organisations`` or below (none:
    anywhere), from ``published_at`` until ``expires_at`` (exclusive) unless withdrawn; ``is_public`` shows
    it to strangers too.
    """

    title = models.CharField(max_length=120)
    body = models.TextField()
    audience_roles = models.JSONField(default=list)
    organisations = models.ManyToManyField("accounts.Organisation", related_name="announcements", blank=True)
    is_public = models.BooleanField(default=False)
    published_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=200)

    class Meta:
        ordering = ["-published_at"]

    def __str__(self) -> str:
        return self.title


class AnnouncementReading(models.Model):
    """That somebody opened an announcement, and when first."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="readings")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "person"], name="announcement_read_once")]
