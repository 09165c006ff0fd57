"""Prices and the double-entry ledger. Amounts are whole fen (1/100 yuan)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Region


class FeePrice(models.Model):
    """An approved price and its split, by province, level and form of exam, from a day on."""

    class ExamForm(models.TextChoices):
        PAPER = "paper", _("纸笔考试")
        COMPUTER = "computer", _("机考")
        PRACTICAL = "practical", _("一般实训设备实操")
        SPECIAL_PRACTICAL = "special_practical", _("特殊实训设备实操")

    region = models.CharField(max_length=2, choices=Region.choices, blank=True, help_text=_("留空：各省通用"))
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT, related_name="prices")
    exam_form = models.CharField(max_length=20, choices=ExamForm.choices)
    valid_from = models.DateField()
    amount_fen = models.PositiveIntegerField()
    site_fen = models.PositiveIntegerField()
    awarding_fen = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "level", "exam_form", "valid_from"], name="price_once"),
            models.CheckConstraint(
                condition=models.Q(amount_fen=models.F("site_fen") + models.F("awarding_fen")),
                name="price_split",
            ),
        ]


class LedgerAccount(models.Model):
    """An account of the ledger: ``code`` says whose (``receivable:school:12``, ``site:3``, ``awarding:1``)."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    organisation = models.ForeignKey("accounts.Organisation", null=True, on_delete=models.PROTECT)


class LedgerTransaction(models.Model):
    """A booking: its postings sum to zero. ``reference`` makes booking the same event twice impossible."""

    reference = models.CharField(max_length=80, unique=True)
    text = models.CharField(max_length=200)
    booked_at = models.DateTimeField()
    sitting = models.ForeignKey("exams.Sitting", null=True, on_delete=models.PROTECT, related_name="bookings")
    site = models.ForeignKey("accreditation.Site", null=True, on_delete=models.PROTECT, related_name="bookings")
    registration = models.ForeignKey("exams.Registration", null=True, on_delete=models.PROTECT, related_name="bookings")
    reverses = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reversals")


class LedgerPosting(models.Model):
    """One line of a booking; debit positive, credit negative, in fen."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="postings")
    amount_fen = models.BigIntegerField()
