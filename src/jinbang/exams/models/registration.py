"""Candidates and their registrations."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class Candidate(models.Model):
    """Someone a school may register. The ID number is looked up by keyed hash and stored encrypted."""

    class DocumentKind(models.TextChoices):
        ID_CARD = "id_card", _("居民身份证")
        HMT_PERMIT = "hmt_permit", _("港澳台居民居住证")
        PASSPORT = "passport", _("护照")

    school = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="candidates")
    person = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=100)
    name_sort = models.CharField(max_length=200, db_index=True)
    document_kind = models.CharField(max_length=12, choices=DocumentKind.choices, default=DocumentKind.ID_CARD)
    id_hash = models.CharField(max_length=64, unique=True)
    id_cipher = models.BinaryField()
    id_mask = models.CharField(max_length=24)
    sex = models.CharField(max_length=1, choices=[("M", _("男")), ("F", _("女"))])
    born = models.DateField()
    student_number = models.CharField(max_length=32, blank=True)
    department = models.CharField(max_length=80, blank=True)
    major_name = models.CharField(max_length=80, blank=True)
    class_name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    photo = models.ForeignKey("documents.StoredFile", null=True, blank=True, on_delete=models.SET_NULL)
    special_needs = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name_sort", "pk"]
        indexes = [models.Index(fields=["school", "name_sort"])]

    def __str__(self) -> str:
        return self.name


class CandidateImport(models.Model):
    """One sheet that was taken in, kept so that the import can be explained or undone."""

    school = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT)
    rows = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    warnings = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)


class Registration(models.Model):
    """One candidate × one sitting × one level. All levels share one time slot, so one level a person a sitting."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="registrations")
    sitting = models.ForeignKey("exams.Sitting", on_delete=models.PROTECT, related_name="registrations")
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT, related_name="registrations")
    site = models.ForeignKey("accreditation.Site", on_delete=models.PROTECT, related_name="registrations")
    school = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="registrations")
    ticket_number = models.CharField(max_length=32, blank=True, db_index=True)
    registered_at = models.DateTimeField()
    state = StateField("registration")

    class Meta:
        ordering = ["sitting", "ticket_number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "sitting"],
                condition=~models.Q(state="withdrawn"),
                name="one_level_a_person_a_sitting",
            ),
            models.UniqueConstraint(
                fields=["sitting", "ticket_number"],
                condition=~models.Q(ticket_number=""),
                name="ticket_number_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} · {self.sitting} · {self.level.name}"
