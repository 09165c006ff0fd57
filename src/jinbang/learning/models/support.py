"""Regional support contacts and requests routed to them."""

from __future__ import annotations

from django.db import models

from jinbang.accounts.models import Organisation, Region
from jinbang.audit.fields import StateField


class SupportRegion(models.Model):
    """Who answers for a region. An empty tier covers every tier that no other row names."""

    region = models.CharField(max_length=2, choices=Region.choices)
    tier = models.CharField(max_length=16, choices=Organisation.Tier.choices, blank=True)
    contact = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="support_regions")

    class Meta:
        ordering = ["region", "tier"]
        constraints = [models.UniqueConstraint(fields=["region", "tier"], name="support_region_once")]


class SupportRequest(models.Model):
    """A question from a school, and the answer."""

    school = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="support_requests")
    asked_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="support_asked")
    contact = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="support_assigned")
    subject = models.CharField(max_length=120)
    question = models.TextField()
    answer = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    state = StateField("support_request")

    def __str__(self) -> str:
        return self.subject
