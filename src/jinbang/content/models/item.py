"""The item bank. What a candidate once saw is a version, and a version never changes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class SkillPoint(models.Model):
    """A point of the standard that items are tagged with, ``level.area.task``."""

    certificate_type = models.ForeignKey("accreditation.CertificateType", on_delete=models.CASCADE)
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.CASCADE, related_name="skill_points")
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["certificate_type", "code"], name="skill_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Item(models.Model):
    """An objective item of the bank; its text lives in versions."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("单选题")
        MULTIPLE = "multiple", _("多选题")
        TRUE_FALSE = "true_false", _("判断题")
        FILL = "fill", _("填空题")

    code = models.CharField(max_length=32, unique=True)
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT, related_name="items")
    skill_point = models.ForeignKey(SkillPoint, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    author = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT)
    for_practice = models.BooleanField(default=False)
    state = StateField("item")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """One wording of an item. ``options`` is [{"key", "text"}]; ``answer`` a list of keys or accepted texts."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    stem = models.TextField()
    code_block = models.TextField(blank=True)
    options = models.JSONField(default=list)
    answer = models.JSONField()
    explanation = models.TextField(blank=True)
    difficulty = models.DecimalField(max_digits=3, decimal_places=2)
    content_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["item", "-number"]
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="item_version_once")]

    def __str__(self) -> str:
        return f"{self.item.code}.{self.number}"


class ItemReview(models.Model):
    """What a reviewer, who is never the author, said of a version."""

    version = models.ForeignKey(ItemVersion, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey("accounts.Person", on_delete=models.PROTECT)
    accepted = models.BooleanField()
    comment = models.TextField(blank=True)
    at = models.DateTimeField()
