"""Discarding sealed papers: one person asks, another confirms, at their own screen or signing at this one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from jinbang.core.errors import Refusal
from jinbang.delivery.domain import discarding as verbs
from jinbang.delivery.domain.room.common import same_person
from jinbang.delivery.models import PaperSet
from jinbang.web.room.on_the_spot import SecondForm, acting
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import ConfirmForm, form_page
from jinbang.web.shell.requests import OfficeRequest

CONFIRM = "sealed_paper_set.confirm_discard"


class AskForm(forms.Form):
    """Why the papers are to go."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如：试题疑似泄露、保管人忘记口令。写入操作记录。"),
    )


def _found(pk: int) -> PaperSet:
    return get_object_or_404(PaperSet.objects.select_related("sitting_subject__sitting", "level"), pk=pk)


@requires("sealed_paper_set.discard")
def paper_ask_discard(request: OfficeRequest, pk: int) -> HttpResponse:
    """The first person asks, with a reason."""
    found, back = _found(pk), reverse("paper_set", args=[pk])
    return form_page(
        request, AskForm,
        lambda data: verbs.ask_discard(paper_set=found, actor=request.actor, now=request.now, **data),
        title=gettext("申请作废：{}").format(found), submit=_("申请作废"), success=_("已申请，请另一人确认"),
        intro=_("另一人确认后，已下发的密封试卷永远无法打开，须重新封存。有考生开始作答后不能作废。"),
        done=lambda _made: back, cancel=back,
    )  # fmt: skip


@sensitive_post_parameters("by_password", "by_code")
@requires("sealed_paper_set.view")
def paper_discard(request: OfficeRequest, pk: int) -> HttpResponse:
    """The second person confirms; whoever asked hands the keyboard to that person."""
    found, back = _found(pk), reverse("paper_set", args=[pk])
    on_the_spot = same_person(found.discard_asked_by, request.actor) or not request.access.can(CONFIRM)

    def discard(data: dict[str, Any]) -> PaperSet:
        who = acting(request, data, "sealed_paper_set.discard")
        if not who.access.can(CONFIRM):
            if on_the_spot:
                raise Refusal("forbidden", _("这位人员没有确认作废的权限"), field="by_username")
            raise PermissionDenied(CONFIRM)
        return verbs.discard_papers(paper_set=found, actor=who.actor, now=request.now)

    return form_page(
        request, SecondForm if on_the_spot else ConfirmForm, discard,
        title=gettext("确认作废：{}").format(found), submit=_("作废这套试卷"), success=_("已作废，请重新封存"),
        intro=gettext("理由：{}").format(found.discard_reason) + (
            gettext("。申请人不能自己确认，请另一人在此输入本人的用户名和密码。") if on_the_spot else ""
        ),
        done=lambda made: reverse("paper_set", args=[made.pk]), cancel=back,
    )  # fmt: skip


@requires("sealed_paper_set.discard")
@require_POST
def paper_keep(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take the request back, or turn it down."""
    try:
        verbs.keep_papers(paper_set=_found(pk), actor=request.actor, now=request.now)
        messages.success(request, gettext("已撤销作废申请"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("paper_set", args=[pk]))
