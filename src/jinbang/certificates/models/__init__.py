"""Issuers, their numbers, certificates."""

from __future__ import annotations

from django.db import models

from jinbang.audit.fields import StateField


class Issuer(models.Model):
    """A body that issues a certificate for a pass; a certificate type may have several (dual award).

    ``number_format`` is read by ``core.identity``; ``public_key`` verifies its credentials (Ed25519, base64).
    """

    certificate_type = models.ForeignKey(
        "accreditation.CertificateType", on_delete=models.PROTECT, related_name="issuers"
    )
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT)
    code = models.CharField(max_length=8, unique=True)
    certificate_name = models.CharField(max_length=120)
    number_format = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["certificate_type", "position"]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.certificate_name}"


class NumberSequence(models.Model):
    """The last number given in an issuer's year; gapless because it moves in the certificate's transaction."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "year"], name="sequence_once")]


class Certificate(models.Model):
    """A certificate. ``certified`` freezes every field that it states; ``credential`` is its Open Badges 3.0 form."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="certificates")
    result = models.ForeignKey("grading.Result", on_delete=models.PROTECT, related_name="certificates")
    registration = models.ForeignKey("exams.Registration", on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(max_length=40, unique=True)
    public_key = models.CharField(max_length=32, unique=True)
    certified = models.JSONField()
    credential = models.JSONField(null=True)
    approved_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200)
    issued_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    state = StateField("certificate")

    class Meta:
        ordering = ["issuer", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "registration"],
                condition=~models.Q(state="replaced") & ~models.Q(state="revoked"),
                name="one_certificate_an_issuer_and_pass",
            )
        ]

    def __str__(self) -> str:
        return self.number
