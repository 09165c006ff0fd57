"""Declaration plans and the pilot applications made under them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class DeclarationPlan(models.Model):
    """An authority's call for applications: a window and three switches. Open or closed follows from the clock."""

    class Scope(models.TextChoices):
        ALL = "all", _("全部")
        LISTED = "listed", _("指定证书")

    year = models.PositiveSmallIntegerField(db_index=True)
    batch = models.CharField(max_length=20)
    authority = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="declaration_plans")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    by_major_required = models.BooleanField(default=False)
    city_approval_required = models.BooleanField(default=False)
    certificate_scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.ALL)
    listed_levels = models.ManyToManyField("accreditation.CertificateLevel", blank=True)
    state = StateField("declaration")

    class Meta:
        ordering = ["year", "opens_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["year", "batch", "authority"], name="declaration_once_a_batch"),
            models.CheckConstraint(condition=models.Q(closes_at__gt=models.F("opens_at")), name="declaration_window"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.batch} {self.authority}"


class PilotApplication(models.Model):
    """A school's application to pilot one certificate level under one plan."""

    plan = models.ForeignKey(DeclarationPlan, on_delete=models.PROTECT, related_name="applications")
    school = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="pilot_applications")
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT)
    state = StateField("pilot_application")
    people_applied = models.PositiveIntegerField()
    people_approved = models.PositiveIntegerField(null=True, blank=True)
    approval_number = models.CharField(max_length=40, blank=True)
    recruiting_years = models.PositiveSmallIntegerField(help_text=_("相关专业连续招生年数"))
    experience_years = models.PositiveSmallIntegerField(help_text=_("相关专业教育培训经验年数"))
    trainers = models.PositiveSmallIntegerField(help_text=_("培训团队人数"))
    industry_trainers = models.PositiveSmallIntegerField(help_text=_("其中行业企业兼职教师人数"))
    double_qualified_percent = models.PositiveSmallIntegerField(help_text=_("“双师型”教师占比（%）"))
    place_capacity = models.PositiveIntegerField(help_text=_("可同时考核人数"))
    staffing = models.TextField(blank=True)
    place = models.TextField(blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "school", "level"],
                condition=~models.Q(state="discarded"),
                name="application_once",
            ),
            models.UniqueConstraint(
                fields=["approval_number"],
                condition=~models.Q(approval_number=""),
                name="approval_number_once",
            ),
            models.CheckConstraint(
                condition=models.Q(industry_trainers__lte=models.F("trainers")),
                name="industry_trainers_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.level}"


class ApplicationMajor(models.Model):
    """A major that the school means to pilot with."""

    application = models.ForeignKey(PilotApplication, on_delete=models.CASCADE, related_name="majors")
    major = models.ForeignKey("accreditation.Major", on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "major"], name="application_major_once")]


class PilotAttachment(models.Model):
    """A file that supports an application."""

    application = models.ForeignKey(PilotApplication, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT)
    title = models.CharField(max_length=100)


class MajorAddition(models.Model):
    """A school's request to add a major to the catalogue; answered within one or two working days."""

    school = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="major_additions")
    catalogue_year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    tier = models.CharField(max_length=16)
    urgent_reason = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    major = models.ForeignKey("accreditation.Major", null=True, blank=True, on_delete=models.PROTECT)
    state = StateField("major_addition")

    def __str__(self) -> str:
        return f"{self.code} {self.name}（{self.catalogue_year}）"
