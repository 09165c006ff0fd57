"""Blueprints and the forms made from them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class Subject(models.TextChoices):
    """The two subjects of a sitting."""

    THEORY = "theory", _("理论")
    PRACTICAL = "practical", _("实操")


class Blueprint(models.Model):
    """How a form of a level and subject is made up; ``sections`` is the input of ``core.assembly``."""

    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT)
    subject = models.CharField(max_length=12, choices=Subject.choices)
    name = models.CharField(max_length=100)
    sections = models.JSONField()
    total_points = models.DecimalField(max_digits=6, decimal_places=2)

    def __str__(self) -> str:
        return self.name


class Form(models.Model):
    """A composed examination form; once approved its entries never change."""

    code = models.CharField(max_length=40, unique=True)
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT, related_name="forms")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    blueprint = models.ForeignKey(Blueprint, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    shuffle_items = models.BooleanField(default=True)
    shuffle_options = models.BooleanField(default=True)
    state = StateField("form")

    def __str__(self) -> str:
        return self.code


class FormEntry(models.Model):
    """One entry of a form: an item version (theory) or a practical task (practical), with its points."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=60)
    item_version = models.ForeignKey("content.ItemVersion", null=True, blank=True, on_delete=models.PROTECT)
    task = models.ForeignKey("content.PracticalTask", null=True, blank=True, on_delete=models.PROTECT)
    points = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        ordering = ["form", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "position"], name="form_position_once"),
            models.CheckConstraint(
                condition=models.Q(item_version__isnull=False) ^ models.Q(task__isnull=False),
                name="form_entry_is_item_or_task",
            ),
        ]
