"""Extra time for every candidate of a subject, in every room at once: give, authorise, take back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from jinbang.core.errors import Refusal
from jinbang.delivery.domain import room as verbs
from jinbang.delivery.domain.room.common import name_of, same_person
from jinbang.delivery.domain.room.extra_time import GIVEN_FOR
from jinbang.delivery.models import TimeEntry
from jinbang.delivery.permissions import rooms_in_sight
from jinbang.exams.models import SittingSubject
from jinbang.web.room.on_the_spot import SecondForm, acting
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import ConfirmForm, form_page
from jinbang.web.shell.requests import OfficeRequest

ABILITY = "extra_time.everyone"


class EveryoneForm(forms.Form):
    """Extra time for every candidate of a subject."""

    minutes = forms.IntegerField(label=gettext_lazy("分钟"), min_value=1, max_value=50, initial=10)
    cause = forms.ChoiceField(
        label=gettext_lazy("原因"), choices=[c for c in TimeEntry.Cause.choices if c[0] in GIVEN_FOR]
    )
    note = forms.CharField(
        label=gettext_lazy("说明"), max_length=200, help_text=gettext_lazy("写入时间台账和每个考场的记录")
    )


class BackForm(forms.Form):
    """Why time is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=200, help_text=gettext_lazy("写入时间台账和每个考场的记录")
    )


def _back_to(pk: int) -> str:
    return f"{reverse('room_list')}?subject={pk}"


def _entry(pk: int, entry: int) -> TimeEntry:
    return get_object_or_404(TimeEntry, pk=entry, sitting_subject=pk, room_session__isnull=True, attempt__isnull=True)


@requires(ABILITY)
def everyone(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give every candidate of a subject the same extra time, in every room, at once."""
    subject = get_object_or_404(
        SittingSubject.objects.filter(room_sessions__in=rooms_in_sight(request.access)).distinct(), pk=pk
    )

    def extend(data: dict[str, Any]) -> TimeEntry:
        return verbs.give_time_to_all(
            subject=subject, seconds=data["minutes"] * 60, cause=data["cause"], note=data["note"],
            actor=request.actor, now=request.now,
        )  # fmt: skip

    return form_page(
        request, EveryoneForm, extend, title=_("全体延时：{}").format(subject), submit=_("给全体延时"),
        intro=_("几秒内到达所有考场的每位考生。累计超过 10 分钟的，等第二人批准后生效。"),
        success=_("已写入时间台账"), done=lambda _entry: _back_to(pk), cancel=_back_to(pk),
    )  # fmt: skip


@sensitive_post_parameters("by_password", "by_code")
@requires(ABILITY)
def authorise(request: OfficeRequest, pk: int, entry: int) -> HttpResponse:
    """The second person for extra time that everyone is to get; at the asker's screen that person signs here."""
    found = _entry(pk, entry)
    mine = same_person(found.asked_by, request.actor)

    def agree(data: dict[str, Any]) -> TimeEntry:
        who = acting(request, data, ABILITY)
        if not who.access.can(ABILITY):
            raise Refusal("forbidden", _("签名的人没有批准全体延时的权限"), field="by_username")
        return verbs.authorise(entry=found, actor=who.actor, now=request.now)

    intro = _("{by} 申请全体延时 {n} 分钟：{note}").format(
        by=name_of(found.asked_by), n=found.seconds // 60, note=found.note or "—"
    )
    own = _("申请人不能自己批准，请另一人在此输入本人的用户名和密码。") if mine else ""
    return form_page(
        request, SecondForm if mine else ConfirmForm, agree, title=_("批准全体延时"), intro=f"{intro} {own}",
        submit=_("批准"), success=_("延时已批准并生效"), done=lambda _entry: _back_to(pk), cancel=_back_to(pk),
    )  # fmt: skip


@requires(ABILITY)
def take_back(request: OfficeRequest, pk: int, entry: int) -> HttpResponse:
    """Take time for everyone back that was given by mistake, or turn down what still waits."""
    found = _entry(pk, entry)
    verb = verbs.correct_time if found.effective else verbs.decline_time
    title = _("收回全体延时 {n} 分钟") if found.effective else _("撤销全体延时申请 {n} 分钟")
    return form_page(
        request, BackForm,
        lambda data: verb(entry=found, note=data["reason"], actor=request.actor, now=request.now),
        title=title.format(n=found.seconds // 60), submit=_("收回") if found.effective else _("撤销申请"),
        intro=_("已过收回后截止时间的考生会立即自动交卷。") if found.effective else "",
        success=_("已写入时间台账"), done=lambda _entry: _back_to(pk), cancel=_back_to(pk),
    )  # fmt: skip
