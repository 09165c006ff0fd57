"""The tree of organisations: awarding organisation, authorities, schools, co-issuers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Region(models.TextChoices):
    """Province-level regions that a support contact, a price or a school belongs to (GB/T 2260 two-digit codes).

    The two last are not provinces but publish plans of their own.
    """

    BEIJING = "11", _("北京")
    TIANJIN = "12", _("天津")
    HEBEI = "13", _("河北")
    SHANXI = "14", _("山西")
    INNER_MONGOLIA = "15", _("内蒙古")
    LIAONING = "21", _("辽宁")
    JILIN = "22", _("吉林")
    HEILONGJIANG = "23", _("黑龙江")
    SHANGHAI = "31", _("上海")
    JIANGSU = "32", _("江苏")
    ZHEJIANG = "33", _("浙江")
    ANHUI = "34", _("安徽")
    FUJIAN = "35", _("福建")
    JIANGXI = "36", _("江西")
    SHANDONG = "37", _("山东")
    HENAN = "41", _("河南")
    HUBEI = "42", _("湖北")
    HUNAN = "43", _("湖南")
    GUANGDONG = "44", _("广东")
    GUANGXI = "45", _("广西")
    HAINAN = "46", _("海南")
    CHONGQING = "50", _("重庆")
    SICHUAN = "51", _("四川")
    GUIZHOU = "52", _("贵州")
    YUNNAN = "53", _("云南")
    TIBET = "54", _("西藏")
    SHAANXI = "61", _("陕西")
    GANSU = "62", _("甘肃")
    QINGHAI = "63", _("青海")
    NINGXIA = "64", _("宁夏")
    XINJIANG = "65", _("新疆")
    BINGTUAN = "BT", _("新疆生产建设兵团")
    OPEN_UNIVERSITY = "OU", _("国家开放大学")


class Organisation(models.Model):
    """A body that takes part. An authority's ``parent`` is the authority above it; a school's, its authority."""

    class Kind(models.TextChoices):
        AWARDING = "awarding", _("培训评价组织")
        PROVINCE = "province", _("省级教育行政部门")
        CITY = "city", _("地市教育局")
        SCHOOL = "school", _("试点院校")
        ISSUER = "issuer", _("联合发证机构")

    class Tier(models.TextChoices):
        NONE = "", _("—")
        SECONDARY = "secondary", _("中职")
        HIGHER = "higher", _("高职")
        UNDERGRADUATE = "undergraduate", _("本科")

    kind = models.CharField(max_length=16, choices=Kind.choices, db_index=True)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=32, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    region = models.CharField(max_length=2, choices=Region.choices, blank=True, db_index=True)
    tier = models.CharField(max_length=16, choices=Tier.choices, blank=True, default="")
    licence_number = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "code"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="organisation_name_once_a_kind")]

    def __str__(self) -> str:
        return self.name
