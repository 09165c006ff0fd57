"""Notices waiting to be told to people; written in the transaction of the action that caused them."""

from __future__ import annotations

from django.db import models


class OutboxNotice(models.Model):
    """News for an audience. ``audience`` is a list of ``{"person": id}`` or ``{"role": r, "organisation": id}``.

    A sweep resolves it into inbox messages and e-mails and stamps ``dispatched_at``; sweeping twice tells
    nobody twice.
    """

    created_at = models.DateTimeField()
    kind = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_key = models.CharField(max_length=64)
    object_label = models.CharField(max_length=300, blank=True)
    reason = models.TextField(blank=True)
    audience = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    dispatched_at = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
