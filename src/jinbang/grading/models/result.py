"""Results, and what may change them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class Result(models.Model):
    """A version of a registration's result. ``detail`` lists every mark it came from; a newer version supersedes."""

    class Outcome(models.TextChoices):
        PASSED = "passed", _("合格")
        FAILED = "failed", _("不合格")
        ABSENT = "absent", _("缺考")
        VOIDED = "voided", _("成绩作废")

    registration = models.ForeignKey("exams.Registration", on_delete=models.PROTECT, related_name="results")
    version = models.PositiveIntegerField()
    rule_set = models.ForeignKey("exams.RuleSet", on_delete=models.PROTECT)
    theory = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    practical = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    composite = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, db_index=True)
    detail = models.JSONField()
    cause = models.CharField(max_length=60)
    computed_at = models.DateTimeField()
    state = StateField("result")

    class Meta:
        ordering = ["registration", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["registration", "version"], name="result_version_once"),
            models.UniqueConstraint(
                fields=["registration"], condition=~models.Q(state="superseded"), name="one_current_result"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} v{self.version}"


class RegradeProposal(models.Model):
    """A changed task or key, and what it would do to marks; nothing changes until two people approve."""

    sitting = models.ForeignKey("exams.Sitting", on_delete=models.PROTECT)
    old_task = models.ForeignKey("content.PracticalTask", null=True, on_delete=models.PROTECT, related_name="+")
    new_task = models.ForeignKey("content.PracticalTask", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    effects = models.JSONField(default=list)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=200)
    first_approver = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    second_approver = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    state = StateField("regrade")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_approver__isnull=True)
                | ~models.Q(second_approver=models.F("first_approver")),
                name="regrade_two_people",
            )
        ]

    def __str__(self) -> str:
        return str(self.new_task)


class Appeal(models.Model):
    """A candidate's request that a released result be checked."""

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="appeals")
    grounds = models.TextField()
    decision = models.TextField(blank=True)
    lodged_at = models.DateTimeField()
    state = StateField("appeal")

    def __str__(self) -> str:
        return str(self.result.registration)


class MisconductCase(models.Model):
    """A breach voids the subject, cheating voids the sitting; with notice, statement, decision and appeal."""

    class Kind(models.TextChoices):
        BREACH = "breach", _("违纪")
        CHEATING = "cheating", _("作弊")

    registration = models.ForeignKey("exams.Registration", on_delete=models.PROTECT, related_name="misconduct_cases")
    attempt = models.ForeignKey("delivery.Attempt", null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    facts = models.TextField()
    statement = models.TextField(blank=True)
    decision = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.CharField(max_length=200)
    state = StateField("misconduct")

    def __str__(self) -> str:
        return str(self.registration)
