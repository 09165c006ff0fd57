"""What happens in a room: its session, extra time, incidents, rescue files, rehearsals."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class RoomSession(models.Model):
    """A room during one subject.

    ``go_at`` is when its papers may open (the start, unless set otherwise) and ``ends_at`` when they close, extra
    time and pauses apart; whoever moves the one moves the other. ``rules`` holds, in seconds, ``sign_in_before_s``,
    ``late_after_s``, ``min_stay_s``, ``grace_s``, and what the client is told: ``calculator``, ``copy_paste``,
    ``focus_loss``, ``early_hand_in``, ``workspace_snapshots``.
    """

    sitting_subject = models.ForeignKey("exams.SittingSubject", on_delete=models.PROTECT, related_name="room_sessions")
    room = models.ForeignKey("accreditation.Room", on_delete=models.PROTECT)
    go_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rules = models.JSONField(default=dict)
    message = models.CharField(max_length=300, blank=True)
    message_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    state = StateField("room_session")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sitting_subject", "room"], name="room_session_once")]

    def __str__(self) -> str:
        return f"{self.room} {self.sitting_subject}"


class TimeEntry(models.Model):
    """An entry of the time ledger: append-only. A negative one corrects an earlier one. Scope: attempt, room or all."""

    class Cause(models.TextChoices):
        PLANNED = "planned", _("合理便利")
        POWER = "power", _("停电")
        NETWORK = "network", _("断网")
        MACHINE = "machine", _("机器故障")
        PAUSE = "pause", _("暂停")
        OTHER = "other", _("其他")

    sitting_subject = models.ForeignKey("exams.SittingSubject", on_delete=models.PROTECT, related_name="time_entries")
    room_session = models.ForeignKey(RoomSession, null=True, blank=True, on_delete=models.PROTECT)
    attempt = models.ForeignKey("delivery.Attempt", null=True, blank=True, on_delete=models.PROTECT)
    seconds = models.IntegerField()
    cause = models.CharField(max_length=12, choices=Cause.choices)
    note = models.CharField(max_length=300, blank=True)
    asked_by = models.CharField(max_length=200)
    authorised_by = models.CharField(max_length=200, blank=True)
    effective = models.BooleanField(default=True)
    at = models.DateTimeField()


class Pause(models.Model):
    """The clock stands still for a room, or for one seat of it; ``ends_at`` is empty while it lasts."""

    room_session = models.ForeignKey(RoomSession, on_delete=models.PROTECT, related_name="pauses")
    attempt = models.ForeignKey("delivery.Attempt", null=True, blank=True, on_delete=models.PROTECT)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=200)


class Incident(models.Model):
    """Something out of the ordinary in a room, with a code and a note; goes into the room minutes."""

    room_session = models.ForeignKey(RoomSession, on_delete=models.PROTECT, related_name="incidents")
    attempt = models.ForeignKey("delivery.Attempt", null=True, blank=True, on_delete=models.PROTECT)
    code = models.CharField(max_length=32)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)


class RescueFile(models.Model):
    """A rescue file brought from a dead room on a stick: what it held, what of it was new, what was not taken.

    Not taken are steps typed, and files chosen, outside the time, and files that no task asks for; a file that an
    upload overtook is neither new nor refused.
    """

    attempt = models.ForeignKey("delivery.Attempt", on_delete=models.PROTECT, related_name="rescue_files")
    sha256 = models.CharField(max_length=64, unique=True)
    steps = models.PositiveIntegerField()
    new_steps = models.PositiveIntegerField()
    refused_steps = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    new_files = models.PositiveIntegerField(default=0)
    refused_files = models.PositiveIntegerField(default=0)
    taken_in_at = models.DateTimeField()
    taken_in_by = models.CharField(max_length=200)


class DrillRun(models.Model):
    """A rehearsal's report."""

    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    report = models.JSONField()
    ok = models.BooleanField()
