"""Roles, always granted within a scope and for a time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a grant lets its holder do; ``accounts.permissions`` says what that is."""

    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    PROGRAMME_MANAGER = "programme_manager", _("项目负责人")
    ACCREDITATION_OFFICER = "accreditation_officer", _("站点审批员")
    EXAM_OFFICER = "exam_officer", _("考务管理员")
    ITEM_AUTHOR = "item_author", _("命题员")
    ITEM_REVIEWER = "item_reviewer", _("审题员")
    KEY_HOLDER = "key_holder", _("密钥保管员")
    MARKER = "marker", _("阅卷员")
    CHIEF_MARKER = "chief_marker", _("阅卷组长")
    CERTIFICATE_OFFICER = "certificate_officer", _("证书管理员")
    FINANCE_OFFICER = "finance_officer", _("财务")
    SUPPORT_AGENT = "support_agent", _("区域联系人")
    INSPECTOR = "inspector", _("巡考")
    PROVINCE_OFFICER = "province_officer", _("省厅管理员")
    CITY_OFFICER = "city_officer", _("地市管理员")
    SCHOOL_MANAGER = "school_manager", _("院校管理员")
    TEACHER = "teacher", _("教师")
    SITE_MANAGER = "site_manager", _("站点负责人")
    CHIEF_INVIGILATOR = "chief_invigilator", _("主考")
    INVIGILATOR = "invigilator", _("监考员")
    STUDENT = "student", _("考生")


class RoleGrant(models.Model):
    """``person`` holds ``role`` at ``organisation`` from ``valid_from`` until ``valid_until`` (exclusive)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=32, choices=Role.choices, db_index=True)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="grants")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    granted_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "organisation", "valid_from"], name="grant_once"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
                name="grant_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.organisation}"
