"""What schools and sites fill in about candidates and exams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import CertificateLevel, Room, Site
from jinbang.exams.models import Candidate, InvigilatorAssignment, Sitting


class ImportForm(forms.Form):
    """A sheet of candidates and whose they are."""

    school = forms.ModelChoiceField(Organisation.objects.none(), label=_("院校"))
    file = forms.FileField(
        label=_("考生表"), help_text=_(".xlsx；表头上方可以有标题行，列的顺序不限，身份证号请用文本格式。")
    )

    def __init__(self, *args: Any, schools: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools


class CandidateChoice(forms.ModelMultipleChoiceField):
    """Candidates told apart by number and class."""

    def label_from_instance(self, obj: Candidate) -> str:
        parts = (obj.name, obj.student_number, obj.class_name, obj.id_mask)
        return " · ".join(part for part in parts if part)


class RegistrationForm(forms.Form):
    """Who sits what, where."""

    sitting = forms.ModelChoiceField(Sitting.objects.none(), label=_("考试场次"))
    level = forms.ModelChoiceField(
        CertificateLevel.objects.none(), label=_("级别"), help_text=_("一人一场只能报一个级别。")
    )
    site = forms.ModelChoiceField(Site.objects.none(), label=_("考核站点"))
    candidates = CandidateChoice(
        Candidate.objects.none(), label=_("考生"), widget=forms.SelectMultiple(attrs={"size": 14}),
        help_text=_("按住 Ctrl 或 Shift 可多选；有一人不能报名时，全部不报。"),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: dict[str, QuerySet[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in choices.items():
            self.fields[name].queryset = queryset


class WithdrawForm(forms.Form):
    """Why, where seats are drawn already."""

    reason = forms.CharField(
        label=_("退考理由"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("已编排座位的考生必须填写。"),
    )  # fmt: skip


class InvigilatorForm(forms.Form):
    """A duty."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("人员"))
    duty = forms.ChoiceField(label=_("职责"), choices=InvigilatorAssignment.Duty.choices, initial="invigilator")
    room = forms.ModelChoiceField(
        Room.objects.none(), label=_("考场"), required=False, help_text=_("主考和巡考可以不选，表示整个站点。")
    )

    def __init__(self, *args: Any, people: QuerySet[Person], rooms: QuerySet[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        self.fields["room"].queryset = rooms
