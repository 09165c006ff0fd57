"""Mock practice: what students did, and which teacher may see it."""

from __future__ import annotations

from django.db import models


class TeacherLink(models.Model):
    """A student whose practice a teacher follows."""

    teacher = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="students")
    student = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="teachers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["teacher", "student"], name="linked_once")]


class PracticeRun(models.Model):
    """One practice by one student: the items drawn, the answers given, the score once finished."""

    student = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="practice_runs")
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT)
    seed = models.BigIntegerField()
    items = models.JSONField()
    answers = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        ordering = ["-started_at"]
