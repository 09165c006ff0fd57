"""Menu, waiting items and words for the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.accreditation.models import DeclarationPlan
from jinbang.accreditation.permissions import (
    visible_applications,
    visible_declarations,
    visible_major_additions,
    visible_sites,
)
from jinbang.web.shell.agenda import Moment, agenda_source
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

_SECTION = "accreditation"
add_entry(Entry(_SECTION, _("申报计划"), "declaration_list", "calendar", "declaration.view", 10))
add_entry(Entry(_SECTION, _("试点申报"), "pilot_application_list", "scroll", "pilot_application.view", 20))
add_entry(Entry(_SECTION, _("专业目录"), "major_list", "book", "declaration.view", 30))
add_entry(Entry(_SECTION, _("专业新增"), "major_addition_list", "plus", "major_addition.view", 40))
add_entry(Entry(_SECTION, _("考核站点"), "site_list", "building", "site.view", 50))
add_entry(Entry(_SECTION, _("站点建设要求"), "site_requirements", "check", "site.view", 60))

name_actions(
    {
        "declaration.create": ("新建申报计划", "Declaration plan drafted"),
        "pilot_application.create": ("新建试点申报", "Pilot application started"),
        "pilot_application.save": ("修改试点申报", "Pilot application changed"),
        "pilot_application.attach": ("上传佐证材料", "Supporting file added"),
        "pilot_application.detach": ("移除佐证材料", "Supporting file removed"),
        "major_addition.request": ("申请新增专业", "Major requested"),
        "site.create": ("新建考核站点", "Site application started"),
        "site.save": ("修改站点资料", "Site data changed"),
        "agreement.file": ("归档协议", "Agreement filed"),
        "room.add": ("添加考场", "Room added"),
        "room.change": ("修改考场", "Room changed"),
        "room.remove": ("删除考场", "Room removed"),
        "seat.change": ("修改机位", "Seat changed"),
        "camera.set": ("登记摄像头", "Camera recorded"),
        "file.store": ("上传文件", "File uploaded"),
    }
)


def _list_url(name: str, state: str) -> str:
    return f"{reverse(name)}?state={state}"


def _in_state(rows: QuerySet, access: Access, ability: str, state: str, path: str) -> int:
    if not access.can(ability, state=state):
        return 0
    return rows.filter(access.scope(ability, state).q(path), state=state).count()


@waiting_source
def applications_to_decide(access: Access) -> list[WaitingItem]:
    """Applications that wait for the person's authority, and the school's own drafts."""
    rows = visible_applications(access)
    city = _in_state(rows, access, "pilot_application.city_approve", "city_review", "school")
    province = _in_state(rows, access, "pilot_application.approve", "province_review", "school")
    drafts = _in_state(rows, access, "pilot_application.edit", "draft", "school")
    url = "pilot_application_list"
    return [
        WaitingItem(_("待地市审核的试点申报"), city, _list_url(url, "city_review"), "warning"),
        WaitingItem(_("待省级审核的试点申报"), province, _list_url(url, "province_review"), "warning"),
        WaitingItem(_("未提交的试点申报"), drafts, _list_url(url, "draft"), "info", _("申报时间截止后不能再提交")),
    ]


@waiting_source
def declarations_open(access: Access) -> list[WaitingItem]:
    """Drafts that an authority has not published."""
    if not access.can("declaration.publish"):
        return []
    rows = DeclarationPlan.objects.filter(access.scope("declaration.publish").q("authority"), state="draft")
    return [WaitingItem(_("未发布的申报计划"), rows.count(), _list_url("declaration_list", "draft"))]


@waiting_source
def majors_to_decide(access: Access) -> list[WaitingItem]:
    """Requests for majors; overdue ones are urgent."""
    if not access.can("major_addition.approve"):
        return []
    rows = visible_major_additions(access).filter(state="requested")
    late = rows.filter(due_at__lt=access.now).count()
    url = _list_url("major_addition_list", "requested")
    return [
        WaitingItem(_("超期未答复的专业新增"), late, url, "danger"),
        WaitingItem(_("待审核的专业新增"), rows.count() - late, url, "warning"),
    ]


@waiting_source
def sites_to_handle(access: Access) -> list[WaitingItem]:
    """Sites to review, agreements to file, the school's own drafts."""
    rows = visible_sites(access)
    review = _in_state(rows, access, "site.approve", "under_review", "organisation")
    filing = _in_state(rows, access, "site.file_agreements", "approved", "organisation")
    drafts = _in_state(rows, access, "site.submit", "draft", "organisation")
    return [
        WaitingItem(_("待审批的考核站点"), review, _list_url("site_list", "under_review"), "warning"),
        WaitingItem(_("待归档协议的站点"), filing, _list_url("site_list", "approved"), "warning"),
        WaitingItem(_("未提交的站点申请"), drafts, _list_url("site_list", "draft")),
    ]


@agenda_source
def declarations_ahead(access: Access, until: datetime) -> Iterator[Moment]:
    """Windows of declaration plans that open or close soon."""
    near = visible_declarations(access).filter(state="published", closes_at__gt=access.now, opens_at__lte=until)
    for plan in near.select_related("authority"):
        url = reverse("declaration", args=[plan.pk])
        yield Moment(plan.opens_at, _("开始试点申报"), str(plan), url)
        yield Moment(plan.closes_at, _("试点申报截止"), str(plan), url)
