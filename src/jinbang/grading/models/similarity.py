"""Similar programs of one sitting: a check, and the pairs that it found. A pair is a reason to look, not a finding."""

from __future__ import annotations

from django.db import models


class SimilarityCheck(models.Model):
    """One comparison of every counting submission of a sitting's task. A later check does not change it."""

    sitting = models.ForeignKey("exams.Sitting", on_delete=models.PROTECT, related_name="similarity_checks")
    task = models.ForeignKey("content.PracticalTask", on_delete=models.PROTECT)
    threshold = models.DecimalField(max_digits=3, decimal_places=2)
    submissions = models.PositiveIntegerField()
    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["-checked_at"]

    def __str__(self) -> str:
        return f"{self.sitting} {self.task}"


class SimilarPair(models.Model):
    """Two submissions; ``score`` (0 to 1) is the share of the smaller one's fingerprints that the other has too.

    ``distance`` counts seats between the two in one room, the larger of rows and columns (1: side by side, in front,
    behind or diagonal); null when they sat in different rooms. ``regions`` are matching line ranges, longest first.
    """

    check_run = models.ForeignKey(SimilarityCheck, on_delete=models.CASCADE, related_name="pairs")
    first = models.ForeignKey("grading.JudgeJob", on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey("grading.JudgeJob", on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=4)
    shared = models.PositiveIntegerField()
    distance = models.PositiveSmallIntegerField(null=True)
    regions = models.JSONField()

    class Meta:
        ordering = ["-score", "pk"]
        constraints = [models.UniqueConstraint(fields=["check_run", "first", "second"], name="similar_pair_once")]
