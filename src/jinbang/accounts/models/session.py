"""Where a person is signed in, what they prefer, and what runs for them."""

from __future__ import annotations

import uuid

from django.db import models


class SignInSession(models.Model):
    """One browser in which a person is signed in; deleting the Django session of the same key ends it."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=45)
    agent = models.CharField(max_length=200, blank=True)
    signed_in_at = models.DateTimeField()
    second_factor_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-signed_in_at"]


class Preference(models.Model):
    """A remembered choice of one person: columns of a list, for example."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="preferences")
    key = models.CharField(max_length=80)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="preference_once")]


class Operation(models.Model):
    """A long piece of work that a person watches: how far it is, and what came out.

    ``total`` 0 means unknown. It runs while ``finished_at`` is empty; it failed if ``error`` is not.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="operations")
    title = models.CharField(max_length=200)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    result_url = models.CharField(max_length=300, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int | None:
        """How much is done, 0–100; None while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None
