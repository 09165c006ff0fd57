"""Teacher training: programmes, terms, days, class hours."""

from __future__ import annotations

from django.db import models

from jinbang.audit.fields import StateField


class TrainingProgramme(models.Model):
    """A programme of terms, such as the 1+X one (3 terms, 48 hours)."""

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class TrainingTerm(models.Model):
    """A term of a programme."""

    programme = models.ForeignKey(TrainingProgramme, on_delete=models.CASCADE, related_name="terms")
    ordinal = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=120)
    capacity = models.PositiveIntegerField(default=200)
    enrolment_closes = models.DateTimeField()

    class Meta:
        ordering = ["programme", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["programme", "ordinal"], name="term_once")]

    def __str__(self) -> str:
        return f"{self.programme} {self.ordinal} {self.topic}"


class TrainingSession(models.Model):
    """A day of a term."""

    term = models.ForeignKey(TrainingTerm, on_delete=models.CASCADE, related_name="sessions")
    date = models.DateField()
    hours = models.PositiveSmallIntegerField()
    content = models.TextField(blank=True)

    class Meta:
        ordering = ["term", "date"]
        constraints = [models.UniqueConstraint(fields=["term", "date"], name="training_day_once")]


class Enrolment(models.Model):
    """A teacher's place in a term."""

    term = models.ForeignKey(TrainingTerm, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="enrolments")
    enrolled_at = models.DateTimeField()
    state = StateField("training_enrolment")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["term", "person"], condition=~models.Q(state="withdrawn"), name="enrolled_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.term}"


class Attendance(models.Model):
    """Hours that a teacher attended on a day."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="attendance")
    session = models.ForeignKey(TrainingSession, on_delete=models.PROTECT)
    hours = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "session"], name="attended_once")]
