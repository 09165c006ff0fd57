"""Who sits where, and who watches."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Arrangement(models.Model):
    """A computer-drawn seating of one site in one sitting. Frozen and archived when it is accepted.

    ``seed`` and ``input_sha256`` let anyone draw it again; ``report`` holds the metrics and what was unavoidable.
    """

    sitting = models.ForeignKey("exams.Sitting", on_delete=models.PROTECT, related_name="arrangements")
    site = models.ForeignKey("accreditation.Site", on_delete=models.PROTECT, related_name="arrangements")
    seed = models.BigIntegerField()
    input_sha256 = models.CharField(max_length=64)
    report = models.JSONField(default=dict)
    drawn_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "site"],
                condition=models.Q(discarded_at__isnull=True),
                name="one_arrangement_a_site_and_sitting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sitting} {self.site}"


class SeatAssignment(models.Model):
    """A registration's seat. Theory and practical are sat in the same seat."""

    arrangement = models.ForeignKey(Arrangement, on_delete=models.CASCADE, related_name="assignments")
    registration = models.ForeignKey("exams.Registration", on_delete=models.PROTECT, related_name="assignments")
    seat = models.ForeignKey("accreditation.Seat", on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["arrangement", "seat"], name="seat_once"),
            models.UniqueConstraint(fields=["arrangement", "registration"], name="registration_seated_once"),
        ]


class InvigilatorAssignment(models.Model):
    """A person who watches a room (or, as inspector, a whole site: ``room`` is empty) in a sitting."""

    class Duty(models.TextChoices):
        CHIEF = "chief", _("主考")
        INVIGILATOR = "invigilator", _("监考员")
        INSPECTOR = "inspector", _("巡考")

    sitting = models.ForeignKey("exams.Sitting", on_delete=models.CASCADE, related_name="invigilation")
    site = models.ForeignKey("accreditation.Site", on_delete=models.PROTECT)
    room = models.ForeignKey("accreditation.Room", null=True, blank=True, on_delete=models.PROTECT)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="invigilation")
    duty = models.CharField(max_length=12, choices=Duty.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sitting", "person", "room"], name="invigilator_once_a_room")]
