"""Attempts and what is in them: append-only answer steps, events, uploads.

``jinbang.delivery.engine`` writes these tables by plain SQL through its store; the transition table
``core.lifecycle.ATTEMPT`` governs ``Attempt.state`` there as everywhere, and every transition is an
``AttemptEvent`` in the same commit. The events are also the engine's change feed: whoever changes an
attempt that a running engine may hold (a seat move, a forced hand-in) writes an event in the same
transaction, and every engine process reads the attempt anew within a second.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class Attempt(models.Model):
    """One registration's attempt at one subject. Denormalised so that the hot path reads no other table.

    ``device_key`` binds it to a machine (empty: the next sign-in binds), ``generation`` counts sign-ins and
    moves and makes older tokens void. ``last_seq``, ``last_saved_at``, ``last_seen_at``, ``unsynced`` and
    ``focused`` are for the room board and trail by about a second; the answers are the steps alone.
    """

    class HandIn(models.TextChoices):
        CANDIDATE = "candidate", _("考生交卷")
        AUTO = "auto", _("自动交卷")
        FORCED = "forced", _("强制交卷")

    registration = models.ForeignKey("exams.Registration", on_delete=models.PROTECT, related_name="attempts")
    sitting_subject = models.ForeignKey("exams.SittingSubject", on_delete=models.PROTECT, related_name="attempts")
    paper_set = models.ForeignKey("delivery.PaperSet", on_delete=models.PROTECT, related_name="attempts")
    room_session = models.ForeignKey("delivery.RoomSession", on_delete=models.PROTECT, related_name="attempts")
    seat = models.ForeignKey("accreditation.Seat", on_delete=models.PROTECT)
    ticket_number = models.CharField(max_length=32)
    id_hash = models.CharField(max_length=64)
    candidate_name = models.CharField(max_length=100)
    state = StateField("attempt")
    token_sha256 = models.CharField(max_length=64, blank=True)
    device_key = models.CharField(max_length=128, blank=True)
    generation = models.PositiveIntegerField(default=0)
    signed_in_at = models.DateTimeField(null=True)
    id_checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    handed_in_at = models.DateTimeField(null=True)
    last_seq = models.PositiveIntegerField(default=0)
    last_saved_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    unsynced = models.PositiveIntegerField(default=0)
    focused = models.BooleanField(default=True)
    receipt_count = models.PositiveIntegerField(null=True)
    receipt_sha256 = models.CharField(max_length=64, blank=True)
    hand_in_how = models.CharField(max_length=12, choices=HandIn.choices, blank=True)
    theory_points = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    theory_detail = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "sitting_subject"], name="attempt_once"),
            models.UniqueConstraint(fields=["sitting_subject", "ticket_number"], name="attempt_ticket_once"),
            models.UniqueConstraint(fields=["room_session", "seat"], name="attempt_seat_once"),
        ]
        indexes = [models.Index(fields=["room_session", "state"])]

    def __str__(self) -> str:
        return f"{self.ticket_number} {self.candidate_name}"


class AnswerStep(models.Model):
    """One change of one answer. The newest step of an item, by ``seq``, is the answer.

    No foreign-key trigger and no second index: the inserting statement joins the attempt, and ``step_once``
    begins with it.
    """

    attempt = models.ForeignKey(
        Attempt, on_delete=models.PROTECT, related_name="steps", db_index=False, db_constraint=False
    )
    seq = models.PositiveIntegerField()
    item = models.CharField(max_length=24)
    value = models.TextField()
    client_ms = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["attempt", "seq"]
        constraints = [models.UniqueConstraint(fields=["attempt", "seq"], name="step_once")]


class AttemptEvent(models.Model):
    """Anything else that happened to an attempt: sign-in, start, move, focus lost, hand-in."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    actor = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["attempt", "at"])]


class Upload(models.Model):
    """A version of a file handed in for a practical task; complete once every byte is on disk and hashed."""

    class Kind(models.TextChoices):
        FILE = "file", _("作答文件")
        SNAPSHOT = "snapshot", _("工作区快照")

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.FILE)
    item = models.CharField(max_length=24)
    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    received = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "item", "name", "version"], name="upload_once")]
