"""Forms for people, grants and organisations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.domain.people import ROLES_OF_KIND
from jinbang.accounts.models import Organisation, Person, Role

_ADDRESS = {
    "email": forms.EmailField(label=_("电子邮箱"), required=False, help_text=_("系统通知会抄送到这里。")),
    "phone": forms.CharField(label=_("手机号码"), required=False, max_length=20),
}


class PersonForm(forms.Form):
    """A new account: who, where, and the first role."""

    name = forms.CharField(label=_("姓名"), max_length=100)
    username = forms.RegexField(
        r"^[\w.@-]{3,64}$",
        label=_("用户名"),
        help_text=_("登录用，3 个字符以上：字母、数字、点、横线；建好后不能更改。"),
    )
    email = _ADDRESS["email"]
    phone = _ADDRESS["phone"]
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("单位"))
    role = forms.ChoiceField(label=_("角色"), help_text=_("角色决定能看到什么、能办什么；以后可以再加。"))

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, organisations, roles)


class PersonEditForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Person
        fields = ["name", "email", "phone"]
        labels = {"name": _("姓名"), "email": _("电子邮箱"), "phone": _("手机号码")}


class GrantForm(forms.Form):
    """A further role for somebody."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("单位"))
    role = forms.ChoiceField(label=_("角色"))
    valid_until = forms.DateTimeField(
        label=_("有效期至"),
        required=False,
        help_text=_("留空表示一直有效；监考员等临时角色请填考试结束的时间。"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, organisations, roles)


def _choose(form: forms.Form, organisations: QuerySet[Organisation], roles: list[str]) -> None:
    places = form.fields["organisation"]
    places.queryset = organisations  # type: ignore[attr-defined]
    if organisations.count() == 1:
        places.initial = organisations.get().pk
    form.fields["role"].choices = [(value, Role(value).label) for value in roles]  # type: ignore[attr-defined]


def roles_within(organisations: QuerySet[Organisation]) -> list[str]:
    """Roles that some of ``organisations`` can have, in the order of ``Role``."""
    kinds = set(organisations.order_by().values_list("kind", flat=True).distinct())
    possible = {role.value for kind in kinds for role in ROLES_OF_KIND[kind]}
    return [value for value in Role.values if value in possible]


class ReasonOnly(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class OrganisationForm(forms.Form):
    """A new organisation below one that the person manages."""

    kind = forms.ChoiceField(label=_("类型"), choices=Organisation.Kind.choices)
    name = forms.CharField(label=_("名称"), max_length=200, help_text=_("与公章一致的全称。"))
    code = forms.SlugField(
        label=_("代码"), max_length=32, help_text=_("院校用教育部院校代码，其他单位用本系统约定的短代码。")
    )
    parent = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("上级单位"),
        required=False,
        help_text=_("院校属于省级部门或地市；地市属于省级部门；其余没有上级。"),
    )
    tier = forms.ChoiceField(label=_("层次"), choices=Organisation.Tier.choices, required=False)
    licence_number = forms.CharField(label=_("办学许可证号"), max_length=64, required=False)

    def __init__(self, *args: Any, parents: QuerySet[Organisation], kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]
        labels = dict(Organisation.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in kinds]  # type: ignore[attr-defined]


class OrganisationEditForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Organisation
        fields = ["name", "licence_number", "tier", "is_active"]
        labels = {"name": _("名称"), "licence_number": _("办学许可证号"), "tier": _("层次"), "is_active": _("启用")}
        help_texts = {"is_active": _("停用后，在这个单位的所有角色都不再有效。")}
