"""Forms of marking and results."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Person, Role
from jinbang.content.models import PracticalTask
from jinbang.content.models.form import Subject
from jinbang.exams.models import Sitting
from jinbang.grading.models import Marking, MarkingTask, MisconductCase
from jinbang.web.templatetags.grading import points


class WorkerForm(forms.Form):
    """A judge host."""

    name = forms.CharField(
        label=_("名称"), max_length=80, help_text=_("如机房与机器号；同名再登记会换发令牌，旧令牌作废。")
    )


class RegradeForm(forms.Form):
    """Which task of which sitting is to be judged again, by which version."""

    sitting = forms.ModelChoiceField(
        label=_("考试"), queryset=Sitting.objects.filter(state__in=("closed", "released")).order_by("-date")
    )
    old_task = forms.ModelChoiceField(label=_("原任务"), queryset=PracticalTask.objects.order_by("slug", "added_at"))
    new_task = forms.ModelChoiceField(
        label=_("新任务"),
        queryset=PracticalTask.objects.order_by("slug", "-added_at"),
        help_text=_("同一代号、总分相同的新版本；先在“实操任务”中上传。"),
    )
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("old_task", "new_task"):
            self.fields[name].label_from_instance = lambda task: f"{task.title} · {task.slug} · {task.digest[:12]}"


class AllocateForm(forms.Form):
    """Who marks."""

    marker = forms.ModelChoiceField(
        label=_("阅卷员"),
        queryset=Person.objects.filter(grants__role__in=(Role.MARKER, Role.CHIEF_MARKER)).distinct().order_by("name"),
        help_text=_("考生姓名和院校不向阅卷员显示；与考生同校者须回避。"),
    )


class MarkForm(forms.Form):
    """A marker's points."""

    points = forms.DecimalField(label=_("得分"), min_value=0, decimal_places=2)
    comment = forms.CharField(label=_("评语"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class AdjudicateForm(forms.Form):
    """The leader's decision."""

    points = forms.DecimalField(label=_("仲裁分"), min_value=0, decimal_places=2)
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ReopenForm(forms.Form):
    """Which marks of an answer are to be given again, and why."""

    markings = forms.ModelMultipleChoiceField(
        label=_("重评"),
        queryset=Marking.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("选中的评分交还原阅卷员重评；原分数保留在操作记录中。"),
    )
    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, task: MarkingTask, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = task.markings.filter(marked_at__isnull=False).select_related("marker").order_by("round")
        field = self.fields["markings"]
        field.queryset, field.initial = rows, rows
        field.label_from_instance = lambda row: _("第 {round} 评 · {name} · {points} 分").format(
            round=row.round, name=row.marker.name, points=points(row.points)
        )


class ReportForm(forms.Form):
    """What an invigilator saw."""

    ticket = forms.CharField(label=_("准考证号"), max_length=32)
    kind = forms.ChoiceField(label=_("性质"), choices=MisconductCase.Kind.choices)
    subject = forms.ChoiceField(
        label=_("科目"),
        required=False,
        choices=[("", "—"), *Subject.choices],
        help_text=_("违纪须指明科目；作弊可以留空。"),
    )
    facts = forms.CharField(
        label=_("事实"),
        help_text=_("时间、座位、经过、证据，只写看到的。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class StatementForm(forms.Form):
    """What the candidate says."""

    statement = forms.CharField(label=_("考生陈述"), widget=forms.Textarea(attrs={"rows": 5}))


class DecisionForm(forms.Form):
    """A decision with its grounds."""

    decision = forms.CharField(
        label=_("处理决定"),
        help_text=_("写明事实、依据和处理结果；会通知院校。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AppealForm(forms.Form):
    """Why a result should be checked."""

    grounds = forms.CharField(label=_("申请理由"), widget=forms.Textarea(attrs={"rows": 4}))
