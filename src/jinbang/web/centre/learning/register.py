"""Menu, waiting items and words of training, practice, resources and support."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.learning.models import PracticeRun, SupportRequest
from jinbang.learning.queries.announcements import announcements_now
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.links import object_pages
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.panels import Panel, home_panel
from jinbang.web.shell.waiting import WaitingItem, waiting_source

HOME_ANNOUNCEMENTS = 5

object_pages({"learning.announcement": "announcement"})
add_entry(Entry("work", _("公告"), "announcement_list", icon="flag", order=20))
add_entry(Entry("learning", _("师资培训"), "training_list", icon="training", ability="training.view", order=10))
add_entry(Entry("learning", _("模拟练习"), "practice_list", icon="practice", ability="practice.sit", order=20))
add_entry(Entry("learning", _("实操练习"), "program_list", icon="play", ability="practice.sit", order=22))
add_entry(Entry("learning", _("学生练习情况"), "student_list", icon="people", ability="practice.oversee", order=30))
add_entry(Entry("learning", _("教学资源"), "resource_list", icon="book", ability="resource.view", order=40))
add_entry(Entry("learning", _("问题与答复"), "support_list", icon="help", ability="support_request.view", order=50))


@home_panel
def announcements(access: Access) -> Panel | None:
    """What is announced to the person now, unread ones first."""
    found = announcements_now(access)
    return Panel("centre/learning/_announcements.html", found[:HOME_ANNOUNCEMENTS]) if found else None


@waiting_source
def learning_work(access: Access) -> list[WaitingItem]:
    """Questions to answer, and practices that were begun and not handed in."""
    questions = SupportRequest.objects.filter(contact=access.person, state="open").count()
    begun = PracticeRun.objects.filter(student=access.person, finished_at__isnull=True).count()
    return [
        WaitingItem(_("待答复的问题"), questions, reverse("support_list") + "?state=open", "warning"),
        WaitingItem(_("未交卷的练习"), begun, reverse("practice_list"), "info"),
    ]


name_actions(
    {
        "training.enrol": ("报名培训", "Enrolled in training"),
        "training.attendance": ("登记学时", "Recorded class hours"),
        "practice.start": ("开始练习", "Started a practice"),
        "practice.finish": ("练习交卷", "Finished a practice"),
        "practice.run": ("运行练习程序", "Ran a practice program"),
        "practice.link": ("关联学生", "Linked a student"),
        "resource.publish": ("发布资源", "Published a resource"),
        "resource.download": ("下载资源", "Downloaded a resource"),
        "announcement.publish": ("发布公告", "Published an announcement"),
        "announcement.withdraw": ("撤回公告", "Withdrew an announcement"),
        "support.ask": ("提问", "Asked a question"),
    }
)
