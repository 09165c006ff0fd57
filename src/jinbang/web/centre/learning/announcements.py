"""Announcements: the list, one of them, writing and withdrawing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation, Role
from jinbang.accounts.permissions import scoped_get
from jinbang.config import clock
from jinbang.learning.domain import announcements as verbs
from jinbang.learning.models import Announcement
from jinbang.learning.queries.announcements import standing, visible_announcements
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.fields import MomentField
from jinbang.web.shell.forms import ReasonForm, form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest

_STANDS = [("now", _("公布中")), ("past", _("已过期")), ("ahead", _("未到发布时间")), ("withdrawn", _("已撤回"))]


def audience_text(obj: Announcement) -> list[str]:
    """The roles and the places that it is for, in words."""
    roles = [str(Role(role).label) for role in obj.audience_roles] or [str(_("所有角色"))]
    return [*roles, *(place.name for place in obj.organisations.all())]


def status_of(obj: Announcement) -> Any:
    """Whether it stands, in one word."""
    now = clock.now()
    if obj.withdrawn_at:
        return _("已撤回")
    if obj.published_at > now:
        return _("未到发布时间")
    return _("已过期") if obj.expires_at and obj.expires_at <= now else _("公布中")


def _by_status(rows: QuerySet[Announcement], value: str) -> QuerySet[Announcement]:
    now = clock.now()
    conditions = {
        "now": standing(now),
        "past": Q(expires_at__lte=now, withdrawn_at__isnull=True),
        "ahead": Q(published_at__gt=now, withdrawn_at__isnull=True),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }
    return rows.filter(conditions[value])


def _by_reading(rows: QuerySet[Announcement], value: str) -> QuerySet[Announcement]:
    return rows.filter(read=value == "read")


ANNOUNCEMENTS = ListSpec(
    key="announcements",
    title=_("公告"),
    queryset=lambda request: visible_announcements(request.access).prefetch_related("organisations"),
    columns=[
        Column("title", _("标题"), sort="title"),
        Column("audience", _("发布对象"), audience_text, kind="tags"),
        Column("published_at", _("发布时间"), kind="datetime", sort="published_at"),
        Column("expires_at", _("失效时间"), kind="datetime", sort="expires_at"),
        Column("by", _("发布人"), sort="by"),
        Column("status", _("状态"), status_of),
        Column("public", _("公开"), "is_public", kind="flag", default=False),
        Column("read", _("已读"), kind="flag"),
    ],
    search=["title", "body", "by"],
    search_hint=_("标题、内容、发布人"),
    filters=[
        Filter("status", _("状态"), _STANDS, _by_status),
        Filter("reading", _("阅读"), [("unread", _("未读")), ("read", _("已读"))], _by_reading),
    ],
    default_order=["-published_at"],
    row_url=lambda row: reverse("announcement", args=[row.pk]),
    row_tone=lambda row: "" if row.read else "warning",
    empty=Empty(_("还没有公告"), _("考务会议、报名提醒等通知会出现在这里和首页。")),
    actions=lambda request: (
        [PageAction(_("写公告"), reverse("announcement_new"), "plus", primary=True)]
        if request.access.can("notice.publish")
        else []
    ),
)


@requires()
def announcement_list(request: OfficeRequest) -> HttpResponseBase:
    """What was announced to the person."""
    return render_list(request, ANNOUNCEMENTS)


@requires()
def announcement(request: OfficeRequest, pk: int) -> HttpResponse:
    """One announcement; opening it marks it as read."""
    obj = scoped_get(visible_announcements(request.access).prefetch_related("organisations"), pk)
    verbs.mark_announcement_read(announcement=obj, person=request.access.person, now=request.now)
    publisher = request.access.can("notice.publish")
    facts = [
        Fact(_("发布时间"), obj.published_at, "datetime"),
        Fact(_("失效时间"), obj.expires_at, "datetime"),
        Fact(_("发布人"), obj.by),
    ]
    if publisher:
        facts += [
            Fact(_("状态"), status_of(obj)),
            Fact(_("发布对象"), audience_text(obj), "tags"),
            Fact(_("公开"), obj.is_public, "flag", hint=_("未登录者也能看到")),
            Fact(_("已读人数"), obj.readings.count(), "number"),
        ]
    context = {
        "title": obj.title,
        "announcement": obj,
        "facts": facts,
        "page_actions": [PageAction(_("撤回公告"), reverse("announcement_withdraw", args=[pk]), "trash")]
        if publisher and obj.withdrawn_at is None
        else [],
        "happenings": timeline(obj) if publisher else [],
    }
    return render(request, "centre/learning/announcement.html", context)


class AnnouncementForm(forms.Form):
    """What to say, to whom, how long."""

    title = forms.CharField(label=_("标题"), max_length=120)
    body = forms.CharField(label=_("内容"), widget=forms.Textarea(attrs={"rows": 8}))
    roles = forms.MultipleChoiceField(
        label=_("适用角色"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("不选表示所有角色。"),
    )  # fmt: skip
    organisations = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label=_("适用单位"), required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("选中省、市时包括其下属院校；不选表示所有单位。按住 Ctrl 可多选。"),
    )  # fmt: skip
    published_at = MomentField(label=_("发布时间"), required=False, help_text=_("不填表示立即发布。"))
    expires_at = MomentField(label=_("失效时间"), required=False, help_text=_("不填表示一直有效，直到撤回。"))
    is_public = forms.BooleanField(
        label=_("公开"), required=False, help_text=_("未登录者也能在公开页面看到，请勿写入个人信息。")
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisations"].queryset = organisations


@requires("notice.publish")
def announcement_new(request: OfficeRequest) -> HttpResponse:
    """Write an announcement."""
    reach = Organisation.objects.filter(request.access.scope("notice.publish").q(), is_active=True)
    return form_page(
        request,
        AnnouncementForm,
        lambda data: verbs.announce(actor=request.actor, now=request.now, **data),
        title=_("写公告"),
        intro=_("公告显示在所选对象的首页，直到失效或撤回。"),
        submit=_("发布"),
        success=_("公告已发布"),
        done=lambda made: reverse("announcement", args=[made.pk]),
        cancel=reverse("announcement_list"),
        organisations=reach.order_by("kind", "name"),
    )


@requires("notice.publish")
def announcement_withdraw(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take an announcement back."""
    obj = scoped_get(visible_announcements(request.access), pk)
    return form_page(
        request,
        ReasonForm,
        lambda data: verbs.withdraw_announcement(announcement=obj, actor=request.actor, now=request.now, **data),
        title=_("撤回公告：{title}").format(title=obj.title),
        intro=_("撤回后只有发布公告的人员还能看到。"),
        submit=_("撤回公告"),
        success=_("公告已撤回"),
        done=lambda made: reverse("announcement", args=[made.pk]),
        cancel=reverse("announcement", args=[pk]),
    )
