"""Messages to the person."""

from __future__ import annotations

from typing import cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.inbox import mark_all_read, mark_read
from jinbang.accounts.models import InboxMessage
from jinbang.accounts.permissions import scoped_get
from jinbang.web.shell.access import requires
from jinbang.web.shell.labels import action_label
from jinbang.web.shell.links import object_url
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec
from jinbang.web.shell.requests import OfficeRequest


def _title(message: InboxMessage) -> str:
    return f"{action_label(message.notice.kind)}：{message.notice.object_label}"


def _by_reading(queryset: QuerySet[InboxMessage], value: str) -> QuerySet[InboxMessage]:
    return queryset.filter(read_at__isnull=value == "unread")


INBOX = ListSpec(
    key="inbox",
    title=_("消息"),
    queryset=lambda request: InboxMessage.objects.filter(person=request.user).select_related("notice"),
    columns=[
        Column("title", _("内容"), _title),
        Column("reason", _("说明"), "notice.reason"),
        Column("created", _("时间"), "created_at", sort="created_at", kind="datetime"),
        Column("read", _("已读"), lambda message: message.read_at is not None, kind="flag"),
    ],
    search=["notice__object_label", "notice__reason"],
    filters=[Filter("reading", _("阅读"), [("unread", _("未读")), ("read", _("已读"))], _by_reading)],
    default_order=["-created_at"],
    row_url=lambda message: reverse("inbox_message", args=[message.pk]),
    row_tone=lambda message: "" if message.read_at else "warning",
    empty=Empty(_("还没有消息"), _("申请被审核、成绩发布、证书签发等事情发生时，会在这里告诉您。")),
)


@requires()
def inbox(request: HttpRequest) -> HttpResponseBase:
    """The person's messages, newest first."""
    return render_list(cast(OfficeRequest, request), INBOX, template="account/inbox.html")


@requires()
def inbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a message: it counts as read, and the person sees what it speaks of."""
    office = cast(OfficeRequest, request)
    message = scoped_get(InboxMessage.objects.filter(person=office.user).select_related("notice"), pk)
    mark_read(message=message, now=office.now)
    url = object_url(message.notice.object_type, message.notice.object_key)
    return render(request, "account/inbox_message.html", {"message": message, "title": _title(message), "url": url})


@requires()
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Everything counts as read."""
    office = cast(OfficeRequest, request)
    mark_all_read(person=office.user, now=office.now)
    return HttpResponseRedirect(reverse("inbox"))
