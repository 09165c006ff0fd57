"""Menu, waiting items and words for the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.exams.models import ExamPlan, Sitting
from jinbang.exams.permissions import visible_sittings
from jinbang.web.shell.agenda import Moment, agenda_source
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

add_entry(Entry("exams", _("考试计划"), "plan_list", "calendar", "plan.view", 10))
add_entry(Entry("exams", _("考试规则"), "rule_set_list", "gavel", "plan.manage", 80))
add_entry(Entry("exams", _("收费标准"), "price_list", "money", "plan.manage", 90))

name_actions(
    {
        "plan.create": ("新建考试计划", "Exam plan drafted"),
        "sitting.create": ("添加场次", "Sitting added"),
        "sitting.amend": ("变更场次", "Sitting changed"),
        "rule_set.create": ("新建考试规则", "Rule set created"),
        "price.set": ("录入收费标准", "Price set"),
    }
)


@waiting_source
def plans_to_publish(access: Access) -> list[WaitingItem]:
    """Plans that schools cannot see yet."""
    if not access.can("plan.publish"):
        return []
    drafts = ExamPlan.objects.filter(state="draft").count()
    return [WaitingItem(_("未发布的考试计划"), drafts, f"{reverse('plan_list')}?state=draft")]


_STAGES = (
    ("registration_opens", _("考试报名开始")),
    ("registration_closes", _("考试报名截止")),
    ("arrangement_closes", _("考场编排截止")),
    ("tickets_open", _("开始打印准考证")),
)


@agenda_source
def sittings_ahead(access: Access, until: datetime) -> Iterator[Moment]:
    """Stages and exam days of sittings that are not over."""
    near = visible_sittings(access).filter(date__gte=access.now.date(), registration_opens__lte=until)
    for sitting in near.exclude(state="cancelled").prefetch_related("subjects"):
        url = reverse("sitting", args=[sitting.pk])
        for field, title in _STAGES:
            yield Moment(getattr(sitting, field), title, str(sitting), url)
        yield from _exam_day(sitting, url)


def _exam_day(sitting: Sitting, url: str) -> Iterator[Moment]:
    for subject in sitting.subjects.all():
        title = _("{subject}开考").format(subject=subject.get_subject_display())
        yield Moment(subject.starts_at, title, str(sitting), url)
