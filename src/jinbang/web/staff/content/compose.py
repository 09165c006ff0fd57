"""Pages that compose forms."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jinbang.accreditation.models import CertificateLevel
from jinbang.content.domain.compose import SectionWish, compose_practical, compose_theory
from jinbang.content.models import Form, Item, PracticalTask
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.requests import OfficeRequest

# What the 2022 forms were like; a starting point that adds up to 100.
USUAL = {"single": (26, 2), "multiple": (5, 4), "true_false": (8, 2), "fill": (4, 3)}


class TheoryForm(forms.Form):
    """How a theory form is made up."""

    code = forms.CharField(label=gettext_lazy("试卷编号"), max_length=40, help_text=gettext_lazy("如 2022-1-E-A。"))
    level = forms.ModelChoiceField(
        label=gettext_lazy("级别"), queryset=CertificateLevel.objects.select_related("certificate_type")
    )
    difficulty = forms.DecimalField(
        label=gettext_lazy("目标难度"),
        required=False,
        min_value=Decimal("0.05"),
        max_value=Decimal("0.95"),
        decimal_places=2,
        help_text=gettext_lazy("全卷平均预计答对比例，如 0.65；留空则取题库平均。"),
    )
    skill_most = forms.IntegerField(
        label=gettext_lazy("同一技能点最多"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("限制一份试卷中同一技能点的题数；留空不限。"),
    )
    seed = forms.CharField(
        label=gettext_lazy("随机种子"),
        max_length=40,
        help_text=gettext_lazy("同一题库、同一种子得到同一份试卷；换一个种子即换一份平行卷。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, (count, points) in USUAL.items():
            name = Item.Kind(kind).label
            self.fields[f"{kind}_count"] = forms.IntegerField(
                label=_("{kind}题数").format(kind=name), min_value=0, initial=count
            )
            self.fields[f"{kind}_points"] = forms.DecimalField(
                label=_("{kind}每题分值").format(kind=name), min_value=Decimal("0.1"), decimal_places=1, initial=points
            )

    def sections(self) -> list[SectionWish]:
        """What was asked for, in the usual order of kinds."""
        data = self.cleaned_data
        return [SectionWish(kind, data[f"{kind}_count"], data[f"{kind}_points"]) for kind in USUAL]


class PracticalForm(forms.Form):
    """Which tasks a practical form holds."""

    code = forms.CharField(label=gettext_lazy("试卷编号"), max_length=40)
    level = forms.ModelChoiceField(
        label=gettext_lazy("级别"), queryset=CertificateLevel.objects.select_related("certificate_type")
    )
    tasks = forms.ModelMultipleChoiceField(
        label=gettext_lazy("实操任务"),
        queryset=PracticalTask.objects.filter(for_practice=False).select_related("level").order_by("slug", "-added_at"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("分值按各任务总分的比例折算，合计 100 分。"),
    )


@requires("form.assemble")
def form_compose(request: OfficeRequest) -> HttpResponse:
    """Draw a theory form from the bank."""

    def compose(data: dict[str, Any]) -> Form:
        wish = TheoryForm(request.POST)
        wish.is_valid()
        return compose_theory(
            code=data["code"],
            level=data["level"],
            sections=wish.sections(),
            seed=data["seed"],
            difficulty=data["difficulty"],
            skill_most=data["skill_most"] or 0,
            actor=request.actor,
            now=request.now,
        )

    return form_page(
        request,
        TheoryForm,
        compose,
        title=_("组理论卷"),
        intro=_("系统从已审核的试题中抽题；题库不够时会逐条指出缺什么、缺多少。"),
        done=lambda form: reverse("form", args=[form.pk]),
        submit=_("组卷"),
        cancel=reverse("form_list"),
        initial={"seed": secrets.token_hex(4)} if request.method != "POST" else None,
    )


@requires("form.assemble")
def form_compose_practical(request: OfficeRequest) -> HttpResponse:
    """Put tasks together into a practical form."""
    return form_page(
        request,
        PracticalForm,
        lambda data: compose_practical(
            code=data["code"], level=data["level"], tasks=list(data["tasks"]), actor=request.actor, now=request.now
        ),
        title=_("组实操卷"),
        done=lambda form: reverse("form", args=[form.pk]),
        submit=_("组卷"),
        cancel=reverse("form_list"),
    )
