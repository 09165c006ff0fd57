"""What planners fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Region
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.core.marking import Mode
from jinbang.core.numbering import DEFAULT_TICKET
from jinbang.exams.models import FeePrice, RuleSet
from jinbang.web.shell.fields import MomentField, day_field

_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
_ENDS = _("填 23:59 表示当天最后一分钟仍可办理。")


class PlanForm(forms.Form):
    """A year's plan."""

    certificate_type = forms.ModelChoiceField(CertificateType.objects.all(), label=_("证书"))
    year = forms.IntegerField(label=_("年度"), min_value=2019, max_value=2100)
    name = forms.CharField(label=_("计划名称"), max_length=120)
    rule_set = forms.ModelChoiceField(
        RuleSet.objects.order_by("name", "-version"), label=_("考试规则"), help_text=_("发布后规则不再改变。")
    )


class SittingForm(forms.Form):
    """A sitting: its day, its windows, its levels."""

    name = forms.CharField(label=_("场次名称"), max_length=120)
    date = day_field(_("考试日期"))
    theory = forms.TimeField(label=_("理论开考时间"), widget=_TIME, initial="08:30")
    practical = forms.TimeField(label=_("实操开考时间"), widget=_TIME, initial="10:10")
    levels = forms.ModelMultipleChoiceField(
        CertificateLevel.objects.none(), label=_("开考级别"), widget=forms.CheckboxSelectMultiple,
        help_text=_("各级别同一时间开考，一人一场只能报一个级别。"),
    )  # fmt: skip
    registration_opens = MomentField(label=_("报名开始"))
    registration_closes = MomentField(label=_("报名截止"), help_text=_ENDS)
    arrangement_opens = MomentField(label=_("考场编排开始"))
    arrangement_closes = MomentField(label=_("考场编排截止"), help_text=_ENDS)
    tickets_open = MomentField(label=_("打印准考证开始"))
    tickets_close = MomentField(label=_("打印准考证截止"), help_text=_ENDS)

    def __init__(self, *args: Any, levels: QuerySet[CertificateLevel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["levels"].queryset = levels


class SittingAmendForm(SittingForm):
    """A change of a sitting; its levels stay."""

    reason = forms.CharField(
        label=_("变更理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text=_("计划已发布时必填，会通知试点院校。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["levels"]


class RuleSetForm(forms.Form):
    """The rules of an exam; :meth:`rules` gives them to the verb."""

    name = forms.CharField(label=_("规则名称"), max_length=60, help_text=_("同名再建就是新的版本。"))
    theory_weight = forms.IntegerField(label=_("理论权重（%）"), min_value=1, max_value=99, initial=40)
    practical_weight = forms.IntegerField(label=_("实操权重（%）"), min_value=1, max_value=99, initial=60)
    pass_mark = forms.DecimalField(label=_("合格线"), min_value=1, max_value=100, initial=60)
    theory_minutes = forms.IntegerField(label=_("理论时长（分钟）"), min_value=1, max_value=600, initial=90)
    practical_minutes = forms.IntegerField(label=_("实操时长（分钟）"), min_value=1, max_value=600, initial=150)
    sign_in_before_min = forms.IntegerField(label=_("开考前多少分钟开始签到"), min_value=0, initial=30)
    late_after_min = forms.IntegerField(label=_("开考后多少分钟不得入场"), min_value=0, initial=30)
    min_stay_min = forms.IntegerField(label=_("开考后多少分钟内不得交卷"), min_value=0, initial=30)
    grace_s = forms.IntegerField(
        label=_("收卷宽限（秒）"), min_value=0, initial=10, help_text=_("结束前输入、结束后才到达的作答仍收取的时间。")
    )
    ticket_format = forms.CharField(
        label=_("准考证号格式"), max_length=100, initial=DEFAULT_TICKET,
        help_text=_(
            "字段名加位数，用空格隔开：level、sitting、site、room、seat；=文字 为固定前缀；末尾 check 加校验位。"
        ),
    )  # fmt: skip
    least_spacing_cm = forms.IntegerField(label=_("最小机位间距（厘米）"), min_value=0, initial=100)
    one_level_per_room = forms.BooleanField(label=_("不同级别不同考场"), required=False)
    marking_mode = forms.ChoiceField(
        label=_("阅卷方式"), choices=[(mode.value, mode.value) for mode in Mode], initial=Mode.TWO.value
    )
    marking_threshold = forms.DecimalField(label=_("双评允许分差"), min_value=0, initial=5)
    invigilators_per_room = forms.IntegerField(label=_("每考场监考员人数"), min_value=1, initial=2)
    own_students = forms.ChoiceField(
        label=_("教师监考本校学生"), choices=[("allow", _("允许")), ("warn", _("允许并提示")), ("forbid", _("不允许"))],
        initial="warn",
    )  # fmt: skip
    refund_after_close_percent = forms.IntegerField(
        label=_("报名截止后的退费比例（%）"), min_value=0, max_value=100, initial=100
    )
    early_hand_in = forms.BooleanField(label=_("允许提前交卷"), required=False, initial=True)
    calculator = forms.BooleanField(label=_("考试页面提供计算器"), required=False)
    copy_paste = forms.ChoiceField(
        label=_("复制和粘贴"), choices=[("allow", _("允许")), ("log", _("允许并记录")), ("block", _("禁止并记录"))],
        initial="log",
    )  # fmt: skip
    focus_loss = forms.ChoiceField(
        label=_("离开考试窗口"), choices=[("ignore", _("不记录")), ("log", _("记录")), ("warn", _("记录并提醒考生"))],
        initial="log",
    )  # fmt: skip
    workspace_snapshots = forms.BooleanField(
        label=_("实操保存工作区快照"), required=False,
        help_text=_("考生机运行检查工具，每分钟把工作文件夹里有改动的源文件发来，阅卷时可以回看。"),
    )  # fmt: skip


def rules_from(data: dict[str, Any]) -> dict[str, Any]:
    """The form's values as the stored rules."""
    plain = {
        "pass_mark": str(data["pass_mark"]),
        "marking_threshold": str(data["marking_threshold"]),
        "weights": {"theory": data["theory_weight"], "practical": data["practical_weight"]},
        "durations_min": {"theory": data["theory_minutes"], "practical": data["practical_minutes"]},
    }
    same = (
        "sign_in_before_min", "late_after_min", "min_stay_min", "grace_s", "ticket_format", "least_spacing_cm",
        "one_level_per_room", "marking_mode", "invigilators_per_room", "own_students", "refund_after_close_percent",
        "early_hand_in", "calculator", "copy_paste", "focus_loss", "workspace_snapshots",
    )  # fmt: skip
    return {**plain, **{name: data[name] for name in same}}


class PriceForm(forms.Form):
    """An approved price."""

    region = forms.ChoiceField(
        label=_("省份"), required=False, choices=[("", _("各省通用")), *Region.choices],
        help_text=_("有本省标准的，先用本省标准。"),
    )  # fmt: skip
    level = forms.ModelChoiceField(CertificateLevel.objects.select_related("certificate_type"), label=_("级别"))
    exam_form = forms.ChoiceField(
        label=_("考核形式"), choices=FeePrice.ExamForm.choices, initial="computer",
        help_text=_("成本上限：纸笔 200、机考 300、一般实操 500、特殊实操 700 元/人次。"),
    )  # fmt: skip
    valid_from = day_field(_("生效日期"))
    amount = forms.DecimalField(label=_("收费（元/人次）"), min_value=0, decimal_places=2, initial=300)
    site = forms.DecimalField(label=_("其中考核站点（元）"), min_value=0, decimal_places=2, initial=60)
