"""A second person at the same screen: reads their name, password and code from a form and says who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.domain.vouching import vouch
from jinbang.accounts.permissions import Access
from jinbang.audit.actor import Actor
from jinbang.core.errors import Refusal
from jinbang.web.shell.requests import OfficeRequest, address_of


@dataclass(frozen=True)
class Acting:
    """Who does what was asked for: whoever is signed in, or whoever signed on the spot."""

    access: Access
    actor: Actor


class SecondForm(forms.Form):
    """The second person's own name and password, typed at the first one's screen."""

    by_username = forms.CharField(label=_("第二人的用户名"), max_length=64)
    by_password = forms.CharField(label=_("第二人的密码"), widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    by_code = forms.CharField(
        label=_("动态口令"), max_length=12, required=False, help_text=_("账号设置了动态口令时填写")
    )


def acting(request: OfficeRequest, fields: Mapping[str, str], purpose: str) -> Acting:
    """The person of ``by_username``, ``by_password``, ``by_code``, or without a name the one who is signed in.

    Effects and refusals: those of ``accounts.domain.vouching.vouch``; ``impersonated`` while someone acts in
    another's name.
    """
    username = str(fields.get("by_username", "")).strip()
    if not username:
        return Acting(request.access, request.actor)
    if request.impersonation is not None:
        raise Refusal("impersonated", _("代操作时不能由第二人当场签名"), field="by_username")
    access, actor = vouch(
        username=username, password=str(fields.get("by_password", "")), code=str(fields.get("by_code", "")),
        address=address_of(request), host=request.actor, now=request.now, purpose=purpose,
    )  # fmt: skip
    return Acting(access, actor)
