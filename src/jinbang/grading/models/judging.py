"""Work for the judge and what it said. Task, toolchain and submission are named by digest alone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class JudgeWorker(models.Model):
    """A judge host that may lease jobs; its token is stored as a hash."""

    name = models.CharField(max_length=80, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)
    withdrawn_reason = models.TextField(blank=True)
    last_seen_at = models.DateTimeField(null=True)
    probe = models.JSONField(default=dict)
    profiles = models.JSONField(default=dict)


class JudgeJob(models.Model):
    """One submission to be judged against one task. At most one verdict ever comes of it.

    ``counts`` says that the marks rest on this job: a regrade's jobs count only once it is applied, and then
    the ones before them no longer do.
    """

    class Kind(models.TextChoices):
        EXAM = "exam", _("考试")
        REGRADE = "regrade", _("重判")
        PRACTICE = "practice", _("练习")

    key = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    priority = models.PositiveSmallIntegerField(help_text=_("越小越先"))
    attempt = models.ForeignKey("delivery.Attempt", null=True, on_delete=models.PROTECT, related_name="judge_jobs")
    item = models.CharField(max_length=24, blank=True)
    practice_key = models.CharField(max_length=40, blank=True, db_index=True)
    task = models.ForeignKey("content.PracticalTask", on_delete=models.PROTECT)
    task_digest = models.CharField(max_length=64)
    toolchain = models.CharField(max_length=40)
    required_toolchain_digest = models.CharField(max_length=64, blank=True)
    submission_digest = models.CharField(max_length=64)
    submission = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT)
    queued_at = models.DateTimeField()
    worker = models.ForeignKey(JudgeWorker, null=True, on_delete=models.SET_NULL)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=60, blank=True)
    counts = models.BooleanField(default=True)
    phase = models.CharField(max_length=12, blank=True)
    not_before = models.DateTimeField(null=True)
    refused_by = models.JSONField(default=list)
    grants = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    last_failure = models.TextField(blank=True)
    state = StateField("judge_job")

    class Meta:
        indexes = [
            models.Index(fields=["state", "priority", "queued_at"]),
            models.Index(fields=["task_digest", "submission_digest"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "item", "task_digest", "submission_digest", "kind"],
                condition=models.Q(attempt__isnull=False),
                name="judge_job_once",
            )
        ]

    def __str__(self) -> str:
        return self.key[:8]


class JudgeVerdict(models.Model):
    """What the judge said, in canonical form, and what it cost to find out."""

    job = models.OneToOneField(JudgeJob, on_delete=models.PROTECT, related_name="verdict")
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=24, db_index=True)
    points = models.DecimalField(max_digits=7, decimal_places=2)
    max_points = models.DecimalField(max_digits=7, decimal_places=2)
    toolchain_digest = models.CharField(max_length=64)
    usage = models.JSONField(default=dict)
    log = models.TextField(blank=True)
    at = models.DateTimeField()
