"""What the programme is about: certificate types and levels, majors, what a site's machines need."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CertificateType(models.Model):
    """A certificate, such as “Python程序开发”."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    awarding = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="certificate_types")

    def __str__(self) -> str:
        return self.name


class CertificateLevel(models.Model):
    """A level of a certificate type; ``rank`` 1 elementary, 2 intermediate, 3 advanced."""

    certificate_type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="levels")
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["certificate_type", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["certificate_type", "code"], name="level_code_once_a_type"),
            models.UniqueConstraint(fields=["certificate_type", "rank"], name="level_rank_once_a_type"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_type.name}（{self.name}）"


class Major(models.Model):
    """A major of one catalogue. A code means nothing without its catalogue year (2004, 2015, 2020, 2021)."""

    catalogue_year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    tier = models.CharField(max_length=16)

    class Meta:
        ordering = ["-catalogue_year", "code"]
        constraints = [models.UniqueConstraint(fields=["catalogue_year", "tier", "code"], name="major_once")]

    def __str__(self) -> str:
        return f"【{self.code}】{self.name}（{self.catalogue_year}）"


class SoftwareRequirement(models.Model):
    """A row of a level's software list, as the awarding organisation publishes it."""

    level = models.ForeignKey(CertificateLevel, on_delete=models.CASCADE, related_name="software")
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    download_url = models.CharField(max_length=300, blank=True)
    summary = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["level", "position"]
        constraints = [models.UniqueConstraint(fields=["level", "position"], name="software_position_once")]


class WhitelistEntry(models.Model):
    """An address that candidates' machines may reach. ``kind`` says how precisely a router can enforce it."""

    class Kind(models.TextChoices):
        DOMAIN = "domain", _("整个域名")
        HOST = "host", _("单个主机")
        PATH = "path", _("具体网址（仅能按主机放行）")

    certificate_type = models.ForeignKey(CertificateType, on_delete=models.CASCADE, related_name="whitelist")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=300)
    host = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind.choices)

    class Meta:
        ordering = ["certificate_type", "position"]
        constraints = [models.UniqueConstraint(fields=["certificate_type", "position"], name="whitelist_position_once")]
