"""Messages that a person finds when signing in."""

from __future__ import annotations

from django.db import models


class InboxMessage(models.Model):
    """One notice told to one person; ``notice_id`` makes a second delivery of the same notice impossible."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="inbox")
    notice = models.ForeignKey("audit.OutboxNotice", on_delete=models.CASCADE, related_name="deliveries")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "notice"], name="notice_once_a_person")]
