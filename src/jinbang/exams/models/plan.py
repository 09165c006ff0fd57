"""Exam plans, the rules that hold for them, and their sittings."""

from __future__ import annotations

from django.db import models

from jinbang.audit.fields import StateField
from jinbang.content.models.form import Subject


class RuleSet(models.Model):
    """A version of the rules of an exam: weights, pass mark, durations, entry, seating, marking, number forms.

    ``rules`` is validated by ``exams.domain.rules``; a rule set that a published plan uses never changes.
    """

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    rules = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="rule_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class ExamPlan(models.Model):
    """A year's plan of sittings for a certificate type."""

    certificate_type = models.ForeignKey("accreditation.CertificateType", on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT)
    state = StateField("plan")

    class Meta:
        ordering = ["-year", "pk"]
        constraints = [models.UniqueConstraint(fields=["certificate_type", "year", "name"], name="plan_once_a_year")]

    def __str__(self) -> str:
        return self.name


class Sitting(models.Model):
    """One national sitting: its windows and its day. Which window is open follows from the clock."""

    plan = models.ForeignKey(ExamPlan, on_delete=models.PROTECT, related_name="sittings")
    ordinal = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=12, unique=True)
    date = models.DateField()
    registration_opens = models.DateTimeField()
    registration_closes = models.DateTimeField()
    arrangement_opens = models.DateTimeField()
    arrangement_closes = models.DateTimeField()
    tickets_open = models.DateTimeField()
    tickets_close = models.DateTimeField()
    levels = models.ManyToManyField("accreditation.CertificateLevel", related_name="sittings")
    state = StateField("sitting")

    class Meta:
        ordering = ["date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "ordinal"], name="sitting_ordinal_once"),
            models.CheckConstraint(
                condition=models.Q(registration_closes__gt=models.F("registration_opens"))
                & models.Q(arrangement_closes__gt=models.F("arrangement_opens"))
                & models.Q(tickets_close__gt=models.F("tickets_open")),
                name="sitting_windows",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SittingSubject(models.Model):
    """A subject of a sitting, with its start and its duration in minutes."""

    sitting = models.ForeignKey(Sitting, on_delete=models.CASCADE, related_name="subjects")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["sitting", "starts_at"]
        constraints = [models.UniqueConstraint(fields=["sitting", "subject"], name="subject_once_a_sitting")]

    def __str__(self) -> str:
        return f"{self.sitting} {self.get_subject_display()}"
