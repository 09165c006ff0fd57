"""Special arrangements: what a candidate needs so that the exam measures the right thing."""

from __future__ import annotations

from django.db import models

from jinbang.audit.fields import StateField


class SpecialArrangement(models.Model):
    """What one registration is granted: minutes added to every subject, an accessible seat, a room alone."""

    registration = models.ForeignKey(
        "exams.Registration", on_delete=models.PROTECT, related_name="special_arrangements"
    )
    extra_minutes = models.PositiveSmallIntegerField(default=0)
    accessible = models.BooleanField(default=False)
    separate = models.BooleanField(default=False)
    grounds = models.CharField(max_length=300)
    evidence = models.ForeignKey("documents.StoredFile", null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)
    state = StateField("special_arrangement")

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=models.Q(state__in=["requested", "approved"]),
                name="one_special_arrangement_a_registration",
            )
        ]

    def __str__(self) -> str:
        return str(self.registration)
