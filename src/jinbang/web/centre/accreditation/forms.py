"""What people fill in about applications, majors and sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.catalogue import CATALOGUE_YEARS
from jinbang.accreditation.domain.rooms import RoomPlan
from jinbang.accreditation.domain.sites import SiteForm
from jinbang.accreditation.models import Agreement, CertificateLevel, DeclarationPlan, Major, PilotApplication
from jinbang.web.shell.fields import MomentField, day_field
from jinbang.web.shell.forms import ReasonForm

_YEARS = [(year, _("{year} 版").format(year=year)) for year in CATALOGUE_YEARS]
_LONG = forms.Textarea(attrs={"rows": 3})


class DeclarationForm(forms.Form):
    """A declaration plan: window and switches."""

    authority = forms.ModelChoiceField(Organisation.objects.none(), label=_("发布单位"))
    year = forms.IntegerField(label=_("申报年度"), min_value=2019, max_value=2100)
    batch = forms.CharField(label=_("申报批次"), max_length=20, initial="第一次")
    opens_at = MomentField(label=_("开始时间"))
    closes_at = MomentField(
        label=_("截止时间"), help_text=_("填 23:59 表示当天最后一分钟仍可提交；填 00:00 表示前一天结束即截止。")
    )
    by_major_required = forms.BooleanField(label=_("要求按专业填报"), required=False)
    city_approval_required = forms.BooleanField(label=_("需要地市级教育局审批"), required=False)
    listed_levels = forms.ModelMultipleChoiceField(
        CertificateLevel.objects.select_related("certificate_type"),
        label=_("开放证书范围"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选表示全部开放。"),
    )

    def __init__(self, *args: Any, authorities: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].queryset = authorities


class DeclarationAmendForm(ReasonForm):
    """A change of a published plan."""

    opens_at = MomentField(label=_("开始时间"))
    closes_at = MomentField(label=_("截止时间"))
    by_major_required = forms.BooleanField(label=_("要求按专业填报"), required=False)
    city_approval_required = forms.BooleanField(label=_("需要地市级教育局审批"), required=False)
    field_order = ("opens_at", "closes_at", "by_major_required", "city_approval_required", "reason")


class PilotForm(forms.Form):
    """What a school states."""

    people_applied = forms.IntegerField(label=_("申请总培训人数"), min_value=1)
    recruiting_years = forms.IntegerField(
        label=_("相关专业连续招生年数"), min_value=0, help_text=_("须近 3 年连续招生。")
    )
    experience_years = forms.IntegerField(
        label=_("相关专业教育培训经验年数"), min_value=0, help_text=_("学历教育与职业培训合计，须 3 年以上。")
    )
    trainers = forms.IntegerField(label=_("培训团队人数"), min_value=0, help_text=_("专兼职合计，不少于 3 人。"))
    industry_trainers = forms.IntegerField(
        label=_("其中行业企业兼职教师"), min_value=0, help_text=_("占比不少于 30%。")
    )
    double_qualified_percent = forms.IntegerField(
        label=_("“双师型”教师占比（%）"), min_value=0, max_value=100, help_text=_("不少于 50%。")
    )
    place_capacity = forms.IntegerField(
        label=_("可同时考核人数"), min_value=0, help_text=_("不少于 40 人，理论和实操都能进行。")
    )
    majors = forms.ModelMultipleChoiceField(
        Major.objects.all(),
        label=_("拟申报专业"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("同一专业在不同目录版本中代码不同，请按贵校备案的版本选择；找不到时可申请新增专业。"),
    )
    staffing = forms.CharField(label=_("师资情况"), required=False, widget=_LONG)
    place = forms.CharField(label=_("场地情况"), required=False, widget=_LONG)


class PilotStartForm(PilotForm):
    """A new application: plan, school and level, then the figures."""

    plan = forms.ModelChoiceField(DeclarationPlan.objects.none(), label=_("申报计划"))
    school = forms.ModelChoiceField(Organisation.objects.none(), label=_("申报院校"))
    level = forms.ModelChoiceField(CertificateLevel.objects.select_related("certificate_type"), label=_("证书与级别"))
    field_order = ("plan", "school", "level")

    def __init__(
        self, *args: Any, plans: QuerySet[DeclarationPlan], schools: QuerySet[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = plans
        self.fields["school"].queryset = schools


class FileForm(forms.Form):
    """A supporting file with its title."""

    title = forms.CharField(label=_("名称"), max_length=100, initial=_("试点申报书"))
    file = forms.FileField(label=_("文件"), help_text=_("PDF 或图片，不超过 20 MB。"))


class ApprovalForm(forms.Form):
    """The province's decision."""

    people_approved = forms.IntegerField(label=_("批准总培训人数"), min_value=1)
    approval_number = forms.CharField(label=_("批准文号"), max_length=40)


class MajorForm(forms.Form):
    """A major that the catalogue lacks."""

    school = forms.ModelChoiceField(Organisation.objects.none(), label=_("院校"))
    catalogue_year = forms.TypedChoiceField(label=_("专业目录版本"), choices=_YEARS, coerce=int)
    code = forms.RegexField(r"^[0-9A-Z]{4,12}$", label=_("专业代码"), help_text=_("如 510203（2021 版软件技术）。"))
    name = forms.CharField(label=_("专业名称"), max_length=100)
    tier = forms.ChoiceField(label=_("办学层次"), choices=Organisation.Tier.choices[1:])
    urgent_reason = forms.CharField(
        label=_("加急说明"), required=False, widget=_LONG, help_text=_("审核需要 1 至 2 个工作日；时间紧迫时请说明。")
    )

    def __init__(self, *args: Any, schools: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools


class SiteDataForm(forms.Form):
    """A site's data; :meth:`stated` gives it to the verbs."""

    name = forms.CharField(label=_("站点名称"), max_length=120)
    address = forms.CharField(label=_("地址"), max_length=200, help_text=_("印在准考证上，请写到楼栋。"))
    contact_name = forms.CharField(label=_("联系人"), max_length=60)
    contact_phone = forms.CharField(label=_("联系电话"), max_length=20)
    router_model = forms.CharField(
        label=_("限网设备型号"), max_length=80, required=False, help_text=_("企业级路由器或其他能限制访问网络的产品。")
    )
    whitelist_confirmed = forms.BooleanField(label=_("已按白名单设置，并确认名单外网址均不能访问"), required=False)
    machine_config = forms.ChoiceField(
        label=_("考生机配置"), choices=[("minimum", _("达到最低配置")), ("recommended", _("达到建议配置"))]
    )
    statement = forms.CharField(label=_("补充说明"), required=False, widget=_LONG)

    def stated(self) -> SiteForm:
        """The cleaned data as the verbs take them."""
        return SiteForm(**{name: self.cleaned_data[name] for name in SiteForm.__annotations__})


class SiteStartForm(SiteDataForm):
    """A new site: whose it is, then its data."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("所属院校"))
    field_order = ("organisation",)

    def __init__(self, *args: Any, schools: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = schools


class RoomForm(forms.Form):
    """A room; :meth:`stated` gives it to the verbs."""

    name = forms.CharField(label=_("考场名称"), max_length=60)
    building = forms.CharField(label=_("楼栋与楼层"), max_length=60, required=False)
    rows = forms.IntegerField(label=_("排数"), min_value=1, max_value=60, help_text=_("第 1 排靠近讲台。"))
    columns = forms.IntegerField(label=_("列数"), min_value=1, max_value=60)
    spacing_cm = forms.IntegerField(
        label=_("最小机位间距（厘米）"), min_value=1, max_value=500, initial=100,
        help_text=_("小于 100 时隔位使用：40 个机位只有 20 个可用。"),
    )  # fmt: skip
    spare_percent = forms.IntegerField(label=_("备用机比例（%）"), min_value=0, max_value=50, initial=5)
    address_range = forms.CharField(
        label=_("考生机 IP 段"), max_length=64, required=False, help_text=_("机器重启后 IP 地址不得变化。")
    )
    accessible = forms.BooleanField(
        label=_("无障碍考场"), required=False, help_text=_("有坡道或电梯，轮椅可以到达座位。")
    )
    separate = forms.BooleanField(
        label=_("单独考场"), required=False, help_text=_("只安排一名获批单独考场的考生，不参加普通编排。")
    )

    def stated(self) -> RoomPlan:
        """The cleaned data as the verbs take them."""
        return RoomPlan(**self.cleaned_data)


class CameraForm(forms.Form):
    """One camera of a room."""

    model = forms.CharField(label=_("型号"), max_length=80)
    shows_time = forms.BooleanField(label=_("画面显示日期和时间"), required=False)
    keeps_years = forms.IntegerField(
        label=_("录像保存年限"), min_value=0, max_value=50, help_text=_("不少于 3 年，评价组织可随时调取。")
    )


class SeatForm(forms.Form):
    """One desk."""

    usable = forms.BooleanField(label=_("可用"), required=False)
    spare = forms.BooleanField(label=_("备用机位"), required=False)
    accessible = forms.BooleanField(
        label=_("无障碍座位"), required=False, help_text=_("轮椅可以使用；编排时优先给获批的考生。")
    )
    fixed_ip = forms.GenericIPAddressField(label=_("固定 IP"), required=False)


class AgreementForm(forms.Form):
    """A signed agreement and its scan."""

    kind = forms.ChoiceField(label=_("协议"), choices=Agreement.Kind.choices)
    number = forms.CharField(label=_("协议编号"), max_length=40)
    signed_on = day_field(_("签署日期"))
    valid_until = day_field(_("有效期至"))
    scan = forms.FileField(label=_("扫描件"), help_text=_("双方盖章的完整扫描件，PDF。"))


def decision_initial(application: PilotApplication, number: str) -> dict[str, Any]:
    """What the approval form proposes."""
    return {"people_approved": application.people_applied, "approval_number": number}
