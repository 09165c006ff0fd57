"""Menu, waiting items and words of the item bank."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.content.models import Form, Item
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

add_entry(Entry("content", _("试题"), "item_list", icon="paper", ability="item.view", order=10))
add_entry(Entry("content", _("试卷管理"), "form_list", icon="scroll", ability="form.view", order=20))
add_entry(Entry("content", _("实操任务"), "task_list", icon="practice", ability="form.view", order=30))


@waiting_source
def content_to_review(access: Access) -> list[WaitingItem]:
    """Items and forms that wait for a reviewer."""
    waiting = []
    if access.can("item.accept"):
        count = Item.objects.filter(state="in_review").exclude(author=access.person).count()
        waiting.append(WaitingItem(_("待审核的试题"), count, reverse("item_list") + "?state=in_review", "warning"))
    if access.can("form.approve"):
        count = Form.objects.filter(state="in_review").count()
        waiting.append(WaitingItem(_("待审核的试卷"), count, reverse("form_list") + "?state=in_review", "warning"))
    return [item for item in waiting if item.count]


name_actions(
    {
        "item.create": ("新建试题", "Created the item"),
        "item_bank.import": ("导入题库", "Imported an item bank"),
        "form.compose": ("组卷", "Composed the form"),
        "task.add": ("上传任务包", "Added the task package"),
    }
)
