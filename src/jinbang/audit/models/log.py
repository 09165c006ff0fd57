"""The audit log: append-only rows, each carrying the hash of the one before it."""

from __future__ import annotations

from django.db import models


class ChainHead(models.Model):
    """The one row that serialises appends: the newest row's number and hash."""

    last_seq = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="0" * 64)


class AuditRow(models.Model):
    """One thing that happened. Never updated, never deleted; ``hash`` covers every field and ``prev_hash``."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=16)
    actor_key = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(max_length=200)
    impersonator = models.CharField(max_length=200, blank=True)
    organisation_id = models.BigIntegerField(null=True, db_index=True)
    action = models.CharField(max_length=80, db_index=True)
    object_type = models.CharField(max_length=80)
    object_key = models.CharField(max_length=64)
    object_label = models.CharField(max_length=300, blank=True)
    from_state = models.CharField(max_length=32, blank=True)
    to_state = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["object_type", "object_key", "seq"])]
