"""What people mark: rubric parts of practical tasks, one or several markers each."""

from __future__ import annotations

from django.db import models

from jinbang.audit.fields import StateField


class MarkingTask(models.Model):
    """One answer to be marked by people under a mode (1, 1+1, 1+1+1, 2+1) and a threshold in points."""

    attempt = models.ForeignKey("delivery.Attempt", on_delete=models.PROTECT, related_name="marking_tasks")
    item = models.CharField(max_length=24)
    part = models.CharField(max_length=60)
    max_points = models.DecimalField(max_digits=6, decimal_places=2)
    mode = models.CharField(max_length=8)
    threshold = models.DecimalField(max_digits=6, decimal_places=2)
    settled_points = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    state = StateField("marking")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "item", "part"], name="marking_task_once")]

    def __str__(self) -> str:
        return f"M{self.pk:06d}"


class Marking(models.Model):
    """One marker's marks on one task; the candidate is anonymous to the marker."""

    task = models.ForeignKey(MarkingTask, on_delete=models.CASCADE, related_name="markings")
    marker = models.ForeignKey("accounts.Person", on_delete=models.PROTECT)
    round = models.PositiveSmallIntegerField()
    points = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    criteria = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    allocated_at = models.DateTimeField()
    marked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "marker"], name="marker_once_a_task")]
