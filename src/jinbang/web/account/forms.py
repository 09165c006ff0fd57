"""Forms of a person's own account."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Person


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("动态口令"),
        help_text=_("身份验证器应用显示的 6 位数字；手机不在身边时，可输入一个 10 位恢复码。"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_("原密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        help_text=_("至少 10 个字符，不能是常见密码，也不要与用户名、姓名相近。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再次输入新密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, str]:
        data = self.cleaned_data
        if data.get("new") != data.get("again"):
            self.add_error("again", _("两次输入的新密码不一致"))
        return data


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Person
        fields = ["name", "email", "phone"]
        labels = {"name": _("姓名"), "email": _("电子邮箱"), "phone": _("手机号码")}
        help_texts = {"email": _("系统通知会发到这个邮箱，也会出现在消息里。")}


class ImpersonationForm(forms.Form):
    reason = forms.CharField(
        label=_("理由"),
        help_text=_("写明受谁之托、为何事；对方的操作记录里会看到。最长一小时，期间每一步都记在您名下。"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
