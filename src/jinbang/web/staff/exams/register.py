"""Menu, waiting items and words for the log."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.exams.models import ExamPlan
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
